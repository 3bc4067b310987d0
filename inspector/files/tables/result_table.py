"""Result tables on disk: FITS, ECSV, VOTable, Parquet or CSV, by extension.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula. In CSV a text that begins so
gets an apostrophe in front, which spreadsheets show as plain text; `read_table` removes it again.
"""

from __future__ import annotations

import csv
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Table

from inspector.exceptions import FileError
from inspector.files.astropy_errors import quiet
from inspector.files.untrusted_text import encodable
from inspector.science.result_columns import COLUMNS, Column

Row = Mapping[str, Any]

_DTYPES: dict[type, Any] = {float: np.float64, int: np.int64, bool: np.bool_, str: str}

_FORMULA = re.compile("'*[=+@\t\r\\-＝＋－＠]")
"""How a text begins that a spreadsheet would take for a formula, or that is already marked as text."""


def write_table(rows: Iterable[Row], path: str | os.PathLike[str]) -> None:
    """Write rows of results.

    Parameters
    ----------
    rows : iterable of mapping
        As `Result.row` gives them.
    path : path-like
        ``.fits``, ``.ecsv``, ``.vot`` (or ``.xml``), ``.parquet`` or ``.csv``. It appears whole or not
        at all: it is written beside its place, brought to disk, and moved there.

    Raises
    ------
    FileError
        If the extension is none of these, or the place cannot be written.
    """
    path = Path(path)
    write, _ = table_format(path)
    partial = partial_path(path)
    try:
        partial.unlink(missing_ok=True)
        write(to_table(rows), partial)
        _to_disk(partial)
        partial.replace(path)
        with suppress(OSError):  # some network disks cannot: the table is in its place all the same
            _to_disk(path.parent)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {error.strerror or error}. Choose another place.") from None
    finally:
        with suppress(OSError):  # moved into place, or never begun
            partial.unlink()


def partial_path(path: Path) -> Path:
    """Where a table is written before it is moved to its place."""
    return path.with_name(f".{path.name}.partial{path.suffix}")


def _to_disk(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_table(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Read rows that `write_table` wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    list of dict
        Equal to what was written.

    Raises
    ------
    FileError
        If it is missing, or not such a table.
    """
    path = Path(path)
    _, read = table_format(path)
    try:
        table = read(path)
        columns = {column.name: _values(column, table[column.name]) for column in COLUMNS}
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise FileError(
            f"'{path.name}' is not a result table ({str(error)[:150]}). Write one with 'inspector batch'."
        ) from None
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def to_table(rows: Iterable[Row]) -> Table:
    """Rows as an astropy Table with units and descriptions."""
    rows = list(rows)
    table = Table()
    for column in COLUMNS:
        values = [encodable(row[column.name]) if column.dtype is str else row[column.name] for row in rows]
        table[column.name] = np.array(values, dtype=_DTYPES[column.dtype])
        table[column.name].unit = column.unit
        table[column.name].description = column.description
    return table


def table_format(path: Path) -> tuple[Callable[[Table, Path], None], Callable[[Path], Any]]:
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


def _write_fits(table: Table, path: Path) -> None:
    columns = [_fits_column(column, table[column.name]) for column in COLUMNS]
    hdu = fits.BinTableHDU.from_columns(columns, name="RESULTS")
    for number, column in enumerate(COLUMNS, start=1):
        hdu.header[f"TCOMM{number}"] = column.description
    hdu.writeto(path, overwrite=True)


def _fits_column(column: Column, values: Any) -> fits.Column:
    if column.dtype is str:  # FITS knows ASCII alone: keep what a person wrote, as UTF-8 bytes
        values = np.char.encode(np.asarray(values, dtype=str), "utf-8")
        values = values.astype(f"S{max(1, values.dtype.itemsize)}")
    code = {float: "D", int: "K", bool: "L"}.get(column.dtype) or f"{values.dtype.itemsize}A"
    return fits.Column(name=column.name, format=code, array=values, unit=column.unit)


def _read_fits(path: Path) -> dict[str, Any]:
    with quiet(), fits.open(BytesIO(path.read_bytes()), memmap=False, character_as_bytes=True) as hdus:
        return {column.name: np.array(hdus["RESULTS"].data[column.name]) for column in COLUMNS}


def _write_ecsv(table: Table, path: Path) -> None:
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


def _read_ecsv(path: Path) -> Table:
    return Table.read(path, format="ascii.ecsv", fill_values=[])


def _write_votable(table: Table, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*dex.*")  # VOTable's list of units lacks it; astronomers do not
        table.write(path, format="votable", overwrite=True)


def _read_votable(path: Path) -> Table:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*dex.*")
        return Table.read(path, format="votable")


def _write_parquet(table: Table, path: Path) -> None:
    table.write(path, format="parquet", overwrite=True)


def _read_parquet(path: Path) -> Table:
    return Table.read(path, format="parquet")


def _write_csv(table: Table, path: Path) -> None:
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


def _read_csv(path: Path) -> dict[str, list[Any]]:
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        rows = list(reader)
    if reader.fieldnames != [column.name for column in COLUMNS]:
        raise ValueError("its first line does not name the columns")
    truth = {"True": True, "False": False}
    parse: dict[type, Callable[[str], Any]] = {bool: truth.__getitem__, str: _from_text}
    return {c.name: [parse.get(c.dtype, c.dtype)(row[c.name]) for row in rows] for c in COLUMNS}


_FORMATS: dict[str, tuple[Callable[[Table, Path], None], Callable[[Path], Any]]] = {
    ".fits": (_write_fits, _read_fits),
    ".ecsv": (_write_ecsv, _read_ecsv),
    ".vot": (_write_votable, _read_votable),
    ".xml": (_write_votable, _read_votable),
    ".parquet": (_write_parquet, _read_parquet),
    ".csv": (_write_csv, _read_csv),
}
