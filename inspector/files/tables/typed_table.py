"""Tables whose columns are known beforehand, on disk: FITS, ECSV, VOTable, Parquet or CSV, by extension.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula. In CSV a text that begins so
gets an apostrophe in front, which spreadsheets show as plain text; `read_rows` removes it again.
"""

from __future__ import annotations

import csv
import os
import re
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Table

from inspector.exceptions import FileError
from inspector.files.astropy_errors import quiet
from inspector.files.untrusted_text import encodable
from inspector.science.result_columns import Column

Row = Mapping[str, Any]

MAX_BYTES = 1 << 31
"""Memory a table may take as arrays, where one long text makes its whole column wide."""

_DTYPES: dict[type, Any] = {float: np.float64, int: np.int64, bool: np.bool_, str: str}

_FORMULA = re.compile("'*[=+@\t\r\\-＝＋－＠]")
"""How a text begins that a spreadsheet would take for a formula, or that is already marked as text."""


@dataclass(frozen=True)
class Layout:
    """What a table holds.

    Attributes
    ----------
    columns : tuple of Column
        Texts in them are one line, without white space at their ends: what every format gives back as it was.
    hdu : str
        Name of its HDU in FITS.
    what : str
        ``a result table``, for messages.
    advice : str
        What to do about a file that is none.
    optional : tuple of Column
        Further columns, which a table has or has not.
    """

    columns: tuple[Column, ...]
    hdu: str
    what: str
    advice: str
    optional: tuple[Column, ...] = ()


def write_rows(rows: Iterable[Row], path: Path, layout: Layout) -> None:
    """Write rows.

    Parameters
    ----------
    rows : iterable of mapping
    path : Path
        ``.fits``, ``.ecsv``, ``.vot`` (or ``.xml``), ``.parquet`` or ``.csv``. It appears whole or not
        at all: it is written beside its place, brought to disk, and moved there.
    layout : Layout

    Raises
    ------
    FileError
        If the extension is none of these, or the place cannot be written.
    """
    write, _ = table_format(path)
    rows = list(rows)
    further = tuple(column for column in layout.optional if rows and column.name in rows[0])
    layout = replace(layout, columns=layout.columns + further, optional=())
    with whole(path) as partial:
        write(to_table(rows, layout), partial, layout)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write a file that is then moved to its place, once it is on disk; raises `FileError`."""
    partial = partial_path(path)
    try:
        partial.unlink(missing_ok=True)
        yield partial
        _to_disk(partial)
        partial.replace(path)
        with suppress(OSError):  # some network disks cannot: the file is in its place all the same
            _to_disk(path.parent)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {error.strerror or error}. Choose another place.") from None
    finally:
        with suppress(OSError):  # moved into place, or never begun
            partial.unlink()


def read_rows(path: Path, layout: Layout) -> list[dict[str, Any]]:
    """Read rows that `write_rows` wrote; columns of other names are left out.

    Raises
    ------
    FileError
        If it is missing, or not such a table.
    """
    _, read = table_format(path)
    limit = csv.field_size_limit(1 << 30)  # a comment may be longer than the 131,072 characters it starts with
    try:
        table = read(path, layout)
        columns = {column.name: _values(column, table[column.name]) for column in _held(layout, table.keys())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise FileError(f"'{path.name}' is not {layout.what} ({str(error)[:150]}). {layout.advice}") from None
    finally:
        csv.field_size_limit(limit)
    blank = {column.name: column.blank for column in layout.columns}
    return [blank | dict(zip(columns, values)) for values in zip(*columns.values())]


def _held(layout: Layout, names: Container[str]) -> list[Column]:
    """The columns that a table must have, and those later or optional that it has."""
    columns = [column for column in layout.columns if not column.later or column.name in names]
    return [*columns, *(column for column in layout.optional if column.name in names)]


def to_table(rows: Iterable[Row], layout: Layout) -> Table:
    """Rows as an astropy Table with units and descriptions."""
    rows = list(rows)
    table = Table()
    for column in layout.columns:
        values = [encodable(row[column.name]) if column.dtype is str else row[column.name] for row in rows]
        _refuse_wide(column, values)
        table[column.name] = np.array(values, dtype=_DTYPES[column.dtype])
        table[column.name].unit = column.unit
        table[column.name].description = column.description
    return table


def _refuse_wide(column: Column, values: Sequence[Any]) -> None:
    longest = max(map(len, values), default=0) if column.dtype is str else 0
    if 4 * longest * len(values) > MAX_BYTES:  # numpy keeps four bytes for each character
        raise FileError(
            f"The longest text of '{column.name}' has {longest} characters, and the table would be as wide in each of"
            f" {len(values)} rows. Write fewer rows, or shorten that text."
        )


def partial_path(path: Path) -> Path:
    """Where a table is written before it is moved to its place."""
    return path.with_name(f".{path.name}.partial{path.suffix}")


_DEX = "dex"


def _to_disk(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def table_format(path: Path) -> tuple[_Write, _Read]:
    """How to write and read a table, by its extension; `FileError` if there is no such way."""
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(_FORMATS)
        raise FileError(
            f"'{path.name}' does not say what table to write; its extension must be one of {known}."
        ) from None


def _values(column: Column, values: Sequence[Any]) -> list[Any]:
    array = np.ma.filled(np.ma.asarray(values), column.blank)
    if column.dtype is str:
        return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in array.tolist()]
    return [column.dtype(value) for value in array.tolist()]


def _write_fits(table: Table, path: Path, layout: Layout) -> None:
    columns = [_fits_column(column, table[column.name]) for column in layout.columns]
    hdu = fits.BinTableHDU.from_columns(columns, name=layout.hdu)
    for number, column in enumerate(layout.columns, start=1):
        hdu.header[f"TCOMM{number}"] = fits_comment(column.description, column.unit)
    hdu.writeto(path, overwrite=True)


def _fits_column(column: Column, values: Any) -> fits.Column:
    if column.dtype is str:  # FITS knows ASCII alone: keep what a person wrote, as UTF-8 bytes
        values = np.char.encode(np.asarray(values, dtype=str), "utf-8")
        values = values.astype(f"S{max(1, values.dtype.itemsize)}")
    code = {float: "D", int: "K", bool: "L"}.get(column.dtype) or f"{values.dtype.itemsize}A"
    return fits.Column(name=column.name, format=code, array=values, unit=fits_unit(column.unit))


def fits_unit(unit: str | None) -> str | None:
    """What stands under TUNIT: not dex, which FITS does not list, so that astropy would warn of every such column.

    See https://github.com/astropy/astropy/issues/17297.
    """
    return None if unit == _DEX else unit


def fits_comment(description: str, unit: str | None) -> str:
    """What stands under TCOMM: the description, with the unit that TUNIT may not name."""
    return f"{description} ({_DEX})" if unit == _DEX else description


def _read_fits(path: Path, layout: Layout) -> dict[str, Any]:
    with quiet(), fits.open(BytesIO(path.read_bytes()), memmap=False, character_as_bytes=True) as hdus:
        data = hdus[layout.hdu].data
        return {column.name: np.array(data[column.name]) for column in _held(layout, data.names)}


def _write_ecsv(table: Table, path: Path, _layout: Layout) -> None:
    text = StringIO()
    table.write(text, format="ascii.ecsv")
    lines = text.getvalue().split("\n")  # not splitlines: a text may hold other separators
    header = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    path.write_text("\n".join([*lines[:header], *map(_no_comment, lines[header:])]), encoding="utf-8")


def _no_comment(line: str) -> str:
    """A row whose first text begins with "#", quoted: astropy writes it bare and reads it as a comment."""
    if not line.startswith("#"):
        return line
    first, rest = line.split(" ", 1)
    return f'"{first}" {rest}'


def _read_ecsv(path: Path, _layout: Layout) -> Table:
    return Table.read(path, format="ascii.ecsv", fill_values=[])


def _write_votable(table: Table, path: Path, _layout: Layout) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*dex.*")  # VOTable's list of units lacks it; astronomers do not
        table.write(path, format="votable", overwrite=True)


def _read_votable(path: Path, _layout: Layout) -> Table:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*dex.*")
        return Table.read(path, format="votable")


def _write_parquet(table: Table, path: Path, _layout: Layout) -> None:
    table.write(path, format="parquet", overwrite=True)


def _read_parquet(path: Path, _layout: Layout) -> Table:
    return Table.read(path, format="parquet")


def _write_csv(table: Table, path: Path, _layout: Layout) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(table.colnames)
        writer.writerows([_as_text(value) for value in row] for row in zip(*_lists(table)))


def _lists(table: Table) -> list[list[Any]]:
    return [table[name].tolist() for name in table.colnames]


def _as_text(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _from_text(value: str) -> str:
    """What `_as_text` was given."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value


def _read_csv(path: Path, layout: Layout) -> dict[str, list[Any]]:
    with path.open(newline="", encoding="utf-8-sig") as stream:  # spreadsheets put a mark in front
        reader = csv.DictReader(stream)
        rows = list(reader)
    names = reader.fieldnames or ()
    if missing := [column.name for column in _held(layout, names) if column.name not in names]:
        raise ValueError(f"its first line does not name the column {missing[0]}")
    truth = {"True": True, "False": False}
    parse: dict[type, Callable[[str], Any]] = {bool: truth.__getitem__, str: _from_text}
    return {c.name: [parse.get(c.dtype, c.dtype)(row[c.name]) for row in rows] for c in _held(layout, names)}


_Write = Callable[[Table, Path, Layout], None]
_Read = Callable[[Path, Layout], Any]

_FORMATS: dict[str, tuple[_Write, _Read]] = {
    ".fits": (_write_fits, _read_fits),
    ".ecsv": (_write_ecsv, _read_ecsv),
    ".vot": (_write_votable, _read_votable),
    ".xml": (_write_votable, _read_votable),
    ".parquet": (_write_parquet, _read_parquet),
    ".csv": (_write_csv, _read_csv),
}
