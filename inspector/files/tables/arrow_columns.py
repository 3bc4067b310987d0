"""The columns of Parquet and CSV, read by pyarrow, which is imported when such a table is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from inspector.exceptions import FileError
from inspector.files.tables.column_source import MAX_ROWS, Kind, Raw, distinct_names
from inspector.files.tables.column_values import texts
from inspector.files.tables.table_file import TableFile
from inspector.files.untrusted_text import MAX_TEXT, clean

MAX_COLUMN_BYTES = 2 << 30
"""Bytes a column of Parquet may unpack to, as far as the file says."""

MAX_CSV_BYTES = 1 << 30

_MAX_COLUMNS = 10_000
_CSV_BLOCK = 16 << 20
_FORMULA = re.compile("'('*[=+@\t\r\\-＝＋－＠])")
_RETRIES = 64


@dataclass(frozen=True)
class ParquetColumns:
    """A Parquet table in an open file; a column is read whole, its texts as a list of the different ones."""

    file: TableFile
    _lock: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lock", Lock())
        if len(self._table.schema_arrow.names) > _MAX_COLUMNS or self.n_rows > MAX_ROWS:
            raise FileError(
                f"{self.file.name} has {self.n_rows:,} rows and {len(self._table.schema_arrow.names):,} columns; up to"
                f" {MAX_ROWS:,} and {_MAX_COLUMNS:,} are read. Cut it into parts."
            )

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self._table.metadata.num_rows)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Of the columns that are read."""
        return {name: kind for name, kind in self._described.items() if kind}

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """The columns that are not, with the reason."""
        schema = self._table.schema_arrow
        return tuple(
            f"{clean(n)} ({clean(str(schema.field(n).type), 40)})" for n, k in self._described.items() if not k
        )

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Of the columns that have any, as astropy notes them in Parquet."""
        return _units(self._table.schema_arrow.metadata or {})

    def read(self, names: Sequence[str], first: int = 0, count: int | None = None) -> dict[str, Raw]:
        """Some columns, from row `first` on, `count` rows or all."""
        count = self.n_rows - first if count is None else count
        return {name: self._column(name, first, count) for name in names}

    def _column(self, name: str, first: int, count: int) -> Raw:
        groups, before = self._groups(first, count)
        with self._lock, _explained(self.file.name):
            self._refuse_bomb(name, groups)
            column = self._table.read_row_groups(groups, columns=[name], use_threads=False).column(0)
            return _raw(column.slice(first - before, count), self.kinds[name])

    def _groups(self, first: int, count: int) -> tuple[list[int], int]:
        """The row groups in which some rows lie, and the number of rows before them."""
        metadata = self._table.metadata
        groups: list[int] = []
        before = start = 0
        for i in range(metadata.num_row_groups):
            end = start + metadata.row_group(i).num_rows
            if start < first + count and end > first:
                before = before if groups else start
                groups.append(i)
            start = end
        return groups, before

    def _refuse_bomb(self, name: str, groups: Sequence[int]) -> None:
        metadata = self._table.metadata
        place = next((i for i in range(metadata.num_columns) if metadata.schema.column(i).path == name), None)
        if place is None:
            return
        size = sum(metadata.row_group(i).column(place).total_uncompressed_size for i in groups)
        if size > MAX_COLUMN_BYTES:
            raise FileError(
                f"{self.file.name}: the column '{clean(name)}' unpacks to {size:,} bytes, more than the"
                f" {MAX_COLUMN_BYTES:,} that are read. Cut the table into parts."
            )

    @cached_property
    def _described(self) -> dict[str, Kind | None]:
        return {field.name: _kind(field.type) for field in reversed(list(self._table.schema_arrow))}

    @cached_property
    def _table(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        limits = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 1 << 20}
        with _explained(self.file.name):
            plain = pq.ParquetFile(pa.PythonFile(self.file.stream, mode="r"), pre_buffer=False, **limits)
            texts = [field.name for field in plain.schema_arrow if _kind(field.type) == "text"]
            self.file.stream.seek(0)
            source = pa.PythonFile(self.file.stream, mode="r")
            return pq.ParquetFile(source, pre_buffer=False, read_dictionary=texts, **limits)


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
            found[name] = _raw(column, self.kinds[name], self.quoted)
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
    kinds = {name: kind for name in names if (kind := _kind(table.schema.field(name).type))}
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
    if len(cells) > _MAX_COLUMNS or all(re.fullmatch(r"[-+.\deE]*", cell) for cell in cells):
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


def _kind(kind: Any) -> Kind | None:
    """Of a type of arrow; None for what is not read."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_boolean(kind):
        return "flag"
    if types.is_integer(kind):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind):
        return "text"
    return "text" if types.is_temporal(kind) and not types.is_duration(kind) else None


def _raw(column: Any, kind: Kind, quoted: bool = False) -> Raw:
    """Values of a chunked array of arrow."""
    import pyarrow as pa

    if kind == "text":
        return Raw(_texts(column, quoted))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    missing = np.asarray(column.is_null().combine_chunks()) if column.null_count else None
    if kind == "number":
        return Raw(np.array(column.cast(pa.float64()).to_numpy(), dtype=np.float64), missing)
    filled = column.fill_null(False if kind == "flag" else 0)
    return Raw(np.array(filled.to_numpy()), missing)


def _texts(column: Any, quoted: bool) -> Any:
    """Texts, made once for each different one where arrow has numbered them."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        parts = [_numbered(chunk) for chunk in column.chunks]
        return np.concatenate(parts) if parts else np.array([], dtype=str)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = column.cast(pa.string())
    values = (pa.compute.utf8_slice_codeunits(column, 0, 2 * MAX_TEXT) if len(column) else column).to_pylist()
    if quoted:
        values = [value[1:] if value and _FORMULA.match(value) else value for value in values]
    return texts(values)


def _numbered(chunk: Any) -> Any:
    different = texts([*(chunk.dictionary.to_pylist()), None])
    return different[np.array(chunk.indices.fill_null(len(different) - 1).to_numpy(zero_copy_only=False))]


def _units(metadata: Mapping[bytes, bytes]) -> dict[str, str]:
    from astropy.table.meta import get_header_from_yaml

    said = metadata.get(b"table_meta_yaml", b"")
    if not said or len(said) > 1 << 20:
        return {}
    try:
        columns = get_header_from_yaml(said.decode("utf-8").split("\n"))["datatype"]
        return {str(one["name"]): clean(str(one["unit"]), 40) for one in columns if one.get("unit")}
    except Exception:  # noqa: BLE001 - units are a courtesy: whatever yaml makes of a stranger's text, none is shown
        return {}


class _explained:
    """What pyarrow raises over broken content, as a `FileError`."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        import pyarrow as pa

        if isinstance(error, pa.ArrowException | OSError | ValueError | KeyError | IndexError):
            raise FileError(
                f"{self._file} is damaged ({clean(str(error), 150)}). Download it, or write it, again."
            ) from error
