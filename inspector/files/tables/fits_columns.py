"""The columns of a FITS table of any size, read block by block.

A table of gigabytes is not mapped into memory: each page of a map that was looked at counts as memory of this process,
and a column touches every page; a file that is cut short under a map ends the process with a signal. Reading in blocks
of some MiB costs the same time and no memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.files.fits_hdus import Hdu
from inspector.files.tables.column_source import MAX_ROWS, Kind, Raw, distinct_names
from inspector.files.tables.column_values import bytes_to_texts
from inspector.files.tables.table_file import TableFile
from inspector.files.untrusted_text import clean

MAX_ELEMENTS = 30
"""Numbers a column may have per row for each to become a column of its own; X_H of ASPCAP has 20 to 26."""

MAX_ROW_BYTES = 4 << 20

_BLOCK = 8 << 20
_FORM = re.compile(r"\s*(\d{0,9})([LXBIJKAEDCMPQ])")
_SIZES = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16}
_TYPES = {"L": "u1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
_UNREAD = {"X": "bits", "C": "complex numbers", "M": "complex numbers", "P": "lists", "Q": "lists"}
_UNSIGNED = {"I": 2.0**15, "J": 2.0**31, "K": 2.0**63}


@dataclass(frozen=True)
class Field:
    """A column as the header describes it.

    Attributes
    ----------
    name : str
        As it is shown; of one element of several, ``X_H[7]``.
    code : str
        Its type, a letter of TFORM.
    offset, width : int
        Bytes of a row before it, and its own.
    scale, zero : float
        What stored numbers are multiplied by, and what is added.
    null : int or None
        The whole number that stands for none.
    unit : str
    """

    name: str
    code: str
    offset: int
    width: int
    scale: float
    zero: float
    null: int | None
    unit: str

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of its bytes."""
        return np.dtype(f"S{self.width}" if self.code == "A" else _TYPES[self.code])

    @property
    def kind(self) -> Kind:
        """Of its values."""
        if self.code in "AL":
            return "text" if self.code == "A" else "flag"
        whole = self.code in "BIJK" and self.scale == 1 and self.zero.is_integer()
        return "integer" if whole else "number"

    def raw(self, stored: NDArray[Any]) -> Raw:
        """Values out of what is stored."""
        if self.code == "A":
            return Raw(bytes_to_texts(stored))
        if self.code == "L":
            return Raw(stored == ord("T"), stored == 0)
        missing = stored == self.null if self.null is not None else None
        native = stored.astype(stored.dtype.newbyteorder("="))
        if self.zero == 0 and self.scale == 1:
            return Raw(native, missing)
        if self.kind == "integer" and self.zero == _UNSIGNED.get(self.code):
            return Raw(_unsigned(native), missing)
        if self.kind == "integer" and abs(self.zero) < 2**31 and self.code != "K":
            return Raw(native.astype(np.int64) + int(self.zero), missing)
        return Raw(native * self.scale + self.zero, missing)


def _unsigned(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers stored with their highest bit turned, as FITS writes unsigned ones."""
    bits = 8 * values.dtype.itemsize
    turned = values.view(f"u{values.dtype.itemsize}") ^ np.array(1 << (bits - 1), dtype=f"u{values.dtype.itemsize}")
    fits = bits < 64 or not len(turned) or int(turned.max()) < 1 << 63
    whole: NDArray[Any] = turned.astype(np.int64) if fits else turned
    return whole


@dataclass(frozen=True)
class FitsColumns:
    """A binary table in an open file.

    Attributes
    ----------
    file : TableFile
    hdu : Hdu
        Its header.
    start : int
        The byte of the file at which the rows begin.
    """

    file: TableFile
    hdu: Hdu
    start: int

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return self.hdu.rows

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self.hdu.header.integer("NAXIS1") or 0

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The columns that are read."""
        return self._described[0]

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """The columns that are not, with the reason."""
        return self._described[1]

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Of the columns."""
        return {name: one.kind for name, one in self.fields.items()}

    @cached_property
    def units(self) -> dict[str, str]:
        """Of the columns that have any."""
        return {name: one.unit for name, one in self.fields.items() if one.unit}

    def read(self, names: Sequence[str], first: int = 0, count: int | None = None) -> dict[str, Raw]:
        """Some columns in one pass over the file, from row `first` on, `count` rows or all."""
        count = self.n_rows - first if count is None else count
        fields = [self.fields[name] for name in names]
        stored = [np.empty(count, dtype=one.dtype) for one in fields]
        step = max(1, _BLOCK // max(self.row_bytes, 1))
        for row in range(0, count, step):
            rows = min(step, count - row)
            block = self.file.read(self.start + (first + row) * self.row_bytes, rows * self.row_bytes)
            for one, target in zip(fields, stored, strict=True):
                target[row : row + rows] = np.ndarray(rows, one.dtype, block, one.offset, (self.row_bytes,))
        return {name: one.raw(values) for name, one, values in zip(names, fields, stored, strict=True)}

    def words(self, name: str) -> tuple[str, ...]:
        """The texts that one column of one row lists: in a fixed width where TDIM gives one, else parted by blanks."""
        field = next((one for one in self._columns if one.name.lower() == name.lower()), None)
        if field is None or field.code != "A" or not self.n_rows:
            return ()
        data = self.file.read(self.start + field.offset, field.width).decode("ascii", "replace")
        number = [one.name for one in self._columns].index(field.name) + 1
        found = re.match(r"\s*\(\s*(\d{1,4})\s*,", self.hdu.header.text(f"TDIM{number}") or "")
        if found is None or int(found[1]) < 1:
            return tuple(clean(word) for word in data.split())
        width = int(found[1])
        return tuple(clean(data[i : i + width]) for i in range(0, len(data), width))

    @cached_property
    def _columns(self) -> list[Field]:
        """Every column of the header, with its whole width."""
        header = self.hdu.header
        count = header.integer("TFIELDS") or 0
        names = distinct_names(header.text(f"TTYPE{i}") or "" for i in range(1, count + 1))
        found: list[Field] = []
        offset = 0
        for i, name in enumerate(names, start=1):
            form = _FORM.match(header.text(f"TFORM{i}") or "")
            if form is None:
                raise self.hdu.problem(f"has a column '{name}' without a type (TFORM{i}); download it again")
            repeat = int(form[1] or 1)
            width = -(-repeat // 8) if form[2] == "X" else repeat * _SIZES[form[2]]
            scale, zero = header.number(f"TSCAL{i}"), _zero(header.get(f"TZERO{i}"))
            null, unit = header.integer(f"TNULL{i}"), clean(header.text(f"TUNIT{i}") or "", 40)
            found.append(Field(name, form[2], offset, width, 1.0 if scale is None else scale, zero, null, unit))
            offset += width
        if offset != self.row_bytes or not 0 < offset <= MAX_ROW_BYTES or self.n_rows > MAX_ROWS:
            raise self.hdu.problem(
                f"has {self.n_rows:,} rows of {self.row_bytes:,} bytes and columns of {offset:,}, which cannot be read"
                f" (up to {MAX_ROWS:,} rows of {MAX_ROW_BYTES:,}); if it is damaged, download it again"
            )
        return found

    @cached_property
    def _described(self) -> tuple[dict[str, Field], tuple[str, ...]]:
        """What is read, with each element of a short vector as a column of its own, and what is not."""
        read: dict[str, Field] = {}
        left: list[str] = []
        for i, one in enumerate(self._columns, start=1):
            elements = one.width if one.code in _UNREAD else one.width // (one.width if one.code == "A" else _size(one))
            if one.code in _UNREAD or not one.width:
                left.append(f"{one.name} ({_UNREAD.get(one.code, 'nothing')})")
            elif one.code == "A" and "," in (self.hdu.header.text(f"TDIM{i}") or ""):
                left.append(f"{one.name} (several texts per row)")
            elif elements > MAX_ELEMENTS:
                left.append(f"{one.name} ({elements} numbers per row)")
            else:
                read |= {part.name: part for part in _elements(one, elements)}
        return read, tuple(left)


def _size(one: Field) -> int:
    return _SIZES[one.code]


def _zero(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _elements(one: Field, count: int) -> list[Field]:
    """The column, or one for each of its numbers: ``X_H[0]`` and so on."""
    if count == 1:
        return [one]
    size = one.width // count
    return [
        Field(f"{one.name}[{i}]", one.code, one.offset + i * size, size, one.scale, one.zero, one.null, one.unit)
        for i in range(count)
    ]
