"""The columns of a Parquet table, read by pyarrow one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from inspector.exceptions import FileError
from inspector.files.tables.arrow_values import MAX_COLUMNS, arrow_kind, arrow_raw
from inspector.files.tables.column_source import MAX_ROWS, Kind, Raw
from inspector.files.tables.table_file import TableFile
from inspector.files.untrusted_text import clean

MAX_COLUMN_BYTES = 2 << 30
"""Bytes a column may unpack to, as far as the file says."""


@dataclass(frozen=True)
class ParquetColumns:
    """A Parquet table in an open file; a column is read whole, its texts as a list of the different ones."""

    file: TableFile
    _lock: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lock", Lock())
        if len(self._table.schema_arrow.names) > MAX_COLUMNS or self.n_rows > MAX_ROWS:
            raise FileError(
                f"{self.file.name} has {self.n_rows:,} rows and {len(self._table.schema_arrow.names):,} columns; up to"
                f" {MAX_ROWS:,} and {MAX_COLUMNS:,} are read. Cut it into parts."
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
            return arrow_raw(column.slice(first - before, count), self.kinds[name])

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
        return {field.name: arrow_kind(field.type) for field in reversed(list(self._table.schema_arrow))}

    @cached_property
    def _table(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        limits = {"thrift_string_size_limit": 64 << 20, "thrift_container_size_limit": 1 << 20}
        with _explained(self.file.name):
            plain = pq.ParquetFile(pa.PythonFile(self.file.stream, mode="r"), pre_buffer=False, **limits)
            texts = [field.name for field in plain.schema_arrow if arrow_kind(field.type) == "text"]
            self.file.stream.seek(0)
            source = pa.PythonFile(self.file.stream, mode="r")
            return pq.ParquetFile(source, pre_buffer=False, read_dictionary=texts, **limits)


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
