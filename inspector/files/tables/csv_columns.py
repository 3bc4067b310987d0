"""The columns of a CSV table, read by pyarrow whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.exceptions import FileError
from inspector.files.tables.arrow_values import MAX_COLUMNS, arrow_kind, arrow_raw
from inspector.files.tables.column_source import Kind, Raw, distinct_names
from inspector.files.tables.table_file import TableFile
from inspector.files.untrusted_text import clean

MAX_CSV_BYTES = 1 << 30

_CSV_BLOCK = 16 << 20
_RETRIES = 64


@dataclass(frozen=True)
class CsvColumns:
    """A CSV table, held in memory."""

    kinds: Mapping[str, Kind]
    left_out: tuple[str, ...]
    units: Mapping[str, str]
    n_rows: int
    table: Any
    quoted: bool

    def read(self, names: Sequence[str], first: int = 0, count: int | None = None) -> dict[str, Raw]:
        """Some columns, from row `first` on, `count` rows or all."""
        found = {}
        for name in names:
            column = self.table.column(name).slice(first, count)
            found[name] = arrow_raw(column, self.kinds[name], self.quoted)
        return found


def read_csv(file: TableFile, as_texts: Sequence[str], quoted: bool) -> CsvColumns:
    """A CSV table; its first line that is not a comment names the columns.

    Parameters
    ----------
    file : TableFile
    as_texts : sequence of str
        Columns whose digits are ids: they stay texts, with their leading zeros.
    quoted : bool
        Whether an apostrophe before what a spreadsheet would take for a formula is to be removed.

    Raises
    ------
    FileError
        If it is not such a table, or more than `MAX_CSV_BYTES`.
    """
    import pyarrow as pa

    if file.size > MAX_CSV_BYTES:
        raise FileError(
            f"{file.name} has {file.size:,} bytes of text; up to {MAX_CSV_BYTES:,} are read. Save it as FITS or"
            " Parquet."
        )
    names, delimiter, skipped = csv_names(file)
    forced = {name: pa.string() for name in as_texts if name in names}
    table = _parsed_csv(file, names, delimiter, skipped, forced)
    kinds = {name: kind for name in names if (kind := arrow_kind(table.schema.field(name).type))}
    return CsvColumns(kinds, (), {}, table.num_rows, table, quoted)


def csv_names(file: TableFile) -> tuple[list[str], str, int]:
    """The names of a CSV table's columns, what parts them, and the lines before and with them.

    Raises
    ------
    FileError
        If its first line does not name columns.
    """
    lines = file.head.decode("utf-8-sig", "replace").splitlines()
    skipped = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if skipped is None:
        raise FileError(f"{file.name} holds no line that names columns. Give a table whose first line does.")
    line = lines[skipped]
    delimiter = max(",\t;|", key=line.count)
    cells = [cell.strip().strip('"').strip() for cell in line.split(delimiter)]
    if len(cells) > MAX_COLUMNS or all(re.fullmatch(r"[-+.\deE]*", cell) for cell in cells):
        raise FileError(
            f"{file.name} is a text whose first line ('{clean(line, 60)}') does not name columns. A table begins with"
            " the names of its columns, parted by commas."
        )
    return distinct_names(cells), delimiter, skipped + 1


def _parsed_csv(file: TableFile, names: Sequence[str], delimiter: str, skipped: int, types: dict[str, Any]) -> Any:
    """The table, its columns' types taken from the values; what turns out not to fit its type is text."""
    import pyarrow as pa
    from pyarrow import csv

    encoding = "utf-8"
    for _ in range(_RETRIES):
        file.stream.seek(0)
        try:
            return csv.read_csv(
                pa.PythonFile(file.stream, mode="r"),
                csv.ReadOptions(
                    use_threads=False,
                    block_size=_CSV_BLOCK,
                    skip_rows=skipped,
                    column_names=list(names),
                    encoding=encoding,
                ),
                csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                csv.ConvertOptions(column_types=types, timestamp_parsers=["@"]),
            )
        except pa.ArrowInvalid as error:
            column = re.search(r"In CSV column #(\d+)", str(error))
            if "UTF8" in str(error) and encoding == "utf-8":
                encoding = "latin-1"
            elif column is not None and names[int(column[1])] not in types:
                types = types | {names[int(column[1])]: pa.string()}
            else:
                raise _not_a_table(file, str(error)) from None
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _not_a_table(file, str(error)) from None
    raise _not_a_table(file, "too many of its columns hold numbers and words at once")


def _not_a_table(file: TableFile, why: str) -> FileError:
    return FileError(
        f"{file.name} is not a table that can be read ({clean(why, 150)}). A CSV table has as many cells in each"
        " line as its first line names columns."
    )
