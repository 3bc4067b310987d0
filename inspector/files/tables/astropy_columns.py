"""The columns of ECSV and VOTable, which astropy reads whole."""

from __future__ import annotations

import csv
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.parsers.expat import ExpatError

import numpy as np

from inspector.exceptions import FileError
from inspector.files.astropy_errors import quiet
from inspector.files.tables.column_source import Kind, Raw, distinct_names
from inspector.files.tables.column_values import bytes_to_texts, texts
from inspector.files.tables.table_file import TableFile
from inspector.files.untrusted_text import clean

MAX_BYTES = 512 << 20

_KINDS: dict[str, Kind] = {"f": "number", "i": "integer", "u": "integer", "b": "flag", "U": "text", "S": "text"}
_ELSEWHERE = re.compile(rb"<\s*([\w.]+:)?(STREAM\b[^>]*\bhref|FITS\b)", re.IGNORECASE)
_ENTITY = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class AstropyColumns:
    """A table in memory."""

    n_rows: int
    kinds: Mapping[str, Kind]
    units: Mapping[str, str]
    left_out: tuple[str, ...]
    columns: Mapping[str, Any]

    def read(self, names: Sequence[str], first: int = 0, count: int | None = None) -> dict[str, Raw]:
        """Some columns, from row `first` on, `count` rows or all."""
        end = self.n_rows if count is None else first + count
        return {name: _raw(self.columns[name][first:end], self.kinds[name]) for name in names}


def read_ecsv(file: TableFile) -> AstropyColumns:
    """An ECSV table; FileError if it is none, or too large."""
    return _read(file, "ascii.ecsv", "an ECSV table")


def read_votable(file: TableFile) -> AstropyColumns:
    """A VOTable, whose rows lie in the file itself.

    Raises
    ------
    FileError
        If it is none, is too large, declares entities of XML (which can grow without bound), or has its rows
        elsewhere: nothing is fetched because a file says so.
    """
    data = _content(file)
    if _ENTITY.search(data) or b"\0" in data[:4096]:
        raise FileError(f"{file.name} is XML that declares entities or is not UTF-8; it is not read. Save it plainly.")
    if _ELSEWHERE.search(data):
        raise FileError(
            f"{file.name} is a VOTable whose rows lie elsewhere or in a FITS file within; nothing is fetched for it."
            " Save the table itself."
        )
    return _read(file, "votable", "a VOTable")


def _content(file: TableFile) -> bytes:
    if file.size > MAX_BYTES:
        raise FileError(
            f"{file.name} has {file.size:,} bytes of text; up to {MAX_BYTES:,} are read. Save it as FITS or Parquet."
        )
    return file.read(0, file.size)


def _read(file: TableFile, form: str, what: str) -> AstropyColumns:
    from astropy.io.ascii import InconsistentTableError
    from astropy.io.votable.exceptions import VOWarning
    from astropy.table import Table

    data = _content(file)
    source: Any = BytesIO(data) if form == "votable" else data.decode("utf-8-sig", "replace").split("\n")
    raised = (
        *(OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, SyntaxError, OverflowError),
        *(
            csv.Error,
            struct.error,
            RecursionError,
            ExpatError,
            VOWarning,
            InconsistentTableError,
            ImportError,
            AssertionError,
        ),
    )
    try:
        with quiet():
            return _columns(Table.read(source, format=form))
    except raised as error:
        raise FileError(
            f"{file.name} is not {what} that can be read ({clean(str(error), 150)}). Write it again, or save it as"
            " FITS."
        ) from error


def _columns(table: Any) -> AstropyColumns:
    names = distinct_names(table.colnames)
    found = {name: table[given] for name, given in zip(names, table.colnames)}
    kinds = {name: kind for name, column in found.items() if (kind := _kind(column))}
    left = tuple(f"{name} (not one number or text per row)" for name in found if name not in kinds)
    units = {name: clean(str(found[name].unit), 40) for name in kinds if getattr(found[name], "unit", None)}
    return AstropyColumns(len(table), kinds, units, left, {name: found[name] for name in kinds})


def _kind(column: Any) -> Kind | None:
    if getattr(column, "ndim", 1) != 1 or not hasattr(column, "dtype"):
        return None
    if column.dtype.kind == "O":  # VOTable's texts of any length
        return "text" if all(isinstance(v, str | bytes) for v in np.ma.asarray(column).compressed().tolist()) else None
    return _KINDS.get(column.dtype.kind)


def _raw(column: Any, kind: Kind) -> Raw:
    values = np.ma.asarray(column)
    missing = np.ma.getmaskarray(values) if np.ma.is_masked(values) else None
    data = np.asarray(np.ma.getdata(values))
    if kind != "text":
        return Raw(data.astype(data.dtype.newbyteorder("=")), missing)
    plain = bytes_to_texts(data) if data.dtype.kind == "S" else texts(data.tolist())
    return Raw(plain, missing)
