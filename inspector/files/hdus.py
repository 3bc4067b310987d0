"""The parts of a FITS file: images and tables of fixed width, read from bytes already in memory.

Astropy reads FITS for everyone, and warns, maps and mends as it goes; its warnings can be silenced only through
state all threads share. What a stranger uploads meets these few lines instead: every size a header states is held
against the bytes that are there before anything is allocated, and nothing but numbers and text is ever built.
Source: the FITS standard 4.0, sections 3, 4 and 7; astropy is the oracle in the tests.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.errors import FileError
from inspector.files.cards import CARD, Header, clean

BLOCK = 2880
"""Bytes of a FITS block."""

MAX_HEADER_BLOCKS = 256
"""Blocks one header may take: 9216 cards, forty times what any APOGEE file has."""

MAX_HDUS = 16
"""Parts read of one file; no reader looks past the twelfth."""

_IMAGE_TYPES = {8: ">u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_COLUMN_TYPES = {"L": "S1", "B": ">u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8", "A": "S1"}
_BYTES = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "E": 4, "D": 8, "A": 1, "C": 8, "M": 16, "P": 8, "Q": 16}
_TFORM = re.compile(r"(\d{0,9})([LXBIJKAEDCMPQ])")


@dataclass(frozen=True)
class _Column:
    code: str
    repeat: int
    start: int  # byte in the row
    size: int  # bytes
    scale: float
    zero: float


@dataclass(frozen=True)
class Hdu:
    """One header and its data.

    Attributes
    ----------
    header : Header
    data : memoryview
        Exactly the bytes the header speaks of.
    file, index : str, int
        For messages: the file's name and the part's number.
    """

    header: Header
    data: memoryview
    file: str
    index: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The image's shape, rows first; empty for a table or a part without data."""
        return () if self.is_table or 0 in _axes(self.header) else _axes(self.header)[::-1]

    @property
    def is_table(self) -> bool:
        return self.header.get("XTENSION") == "BINTABLE"

    @property
    def is_integer(self) -> bool:
        """Whether the image holds whole numbers."""
        return (self.header.integer("BITPIX") or 0) > 0

    def problem(self, what: str) -> FileError:
        """The error to raise: `what` is wrong in this part."""
        return FileError(f"{self.file}: HDU {self.index} {what}.")

    def image(self) -> NDArray[np.float64]:
        """The image as native float64, BSCALE and BZERO applied. Same shape as `shape`."""
        scale, zero = _scaling(self.header, "BSCALE", "BZERO")
        return np.asarray(self._stored(), dtype=np.float64) * scale + zero

    def mask(self) -> NDArray[np.int64]:
        """The image as a native int64 bit mask; stored sign bits are bits. Same shape as `shape`."""
        scale, zero = _scaling(self.header, "BSCALE", "BZERO")
        if not self.is_integer or scale != 1 or not zero.is_integer() or abs(zero) > 2**31:
            raise self.problem(
                "should hold a bit mask and holds scaled or broken numbers; download the file again"
            )
        bits = min(self.header.integer("BITPIX") or 0, 63)
        return np.asarray((self._stored().astype(np.int64) + int(zero)) & ((1 << bits) - 1))

    def _stored(self) -> NDArray[Any]:
        kind = _IMAGE_TYPES[self.header.integer("BITPIX") or 0]
        return np.frombuffer(self.data, kind, math.prod(self.shape)).reshape(self.shape)

    @property
    def rows(self) -> int:
        """Rows of the table; 0 for an image."""
        return _axes(self.header)[1] if self.is_table else 0

    @cached_property
    def columns(self) -> dict[str, _Column]:
        """The table's columns by lower-case name."""
        fields = self.header.integer("TFIELDS") or 0
        if not self.is_table or not 0 <= fields <= 999:
            return {}
        columns: dict[str, _Column] = {}
        start = 0
        for i in range(1, fields + 1):
            column = self._read_column(i, start)
            columns.setdefault((self.header.text(f"TTYPE{i}") or f"column {i}").lower(), column)
            start += column.size
        if start != _axes(self.header)[0]:
            raise self.problem(
                f"has rows of {_axes(self.header)[0]} bytes but columns of {start}; it is damaged"
            )
        return columns

    def _read_column(self, i: int, start: int) -> _Column:
        form = _TFORM.match(str(self.header.get(f"TFORM{i}")))
        if form is None:
            raise self.problem(
                f"has a column of unknown type ({clean(str(self.header.get(f'TFORM{i}')), 20)})"
            )
        repeat, code = int(form[1] or 1), form[2]
        size = (repeat + 7) // 8 if code == "X" else repeat * _BYTES[code]
        return _Column(code, repeat, start, size, *_scaling(self.header, f"TSCAL{i}", f"TZERO{i}"))

    def width(self, name: str) -> int:
        """Elements a row of the column has; 0 where there is no such column."""
        return self.columns[name].repeat if name in self.columns else 0

    def column(self, name: str) -> NDArray[Any]:
        """A column of numbers. Shape (rows, elements); float64, int64 or, for logicals, bool."""
        column = self.columns[name]
        if column.code not in "LBIJKED":
            raise self.problem(
                f"stores '{clean(name, 40)}' as type {column.code}, where numbers were expected"
            )
        raw = self._bytes(column)
        stored = raw.view(_COLUMN_TYPES[column.code]).reshape(self.rows, column.repeat)
        if column.code == "L":
            return np.asarray(stored == b"T")
        if column.code in "ED" or column.scale != 1 or not column.zero.is_integer():
            return np.asarray(stored, dtype=np.float64) * column.scale + column.zero
        return _offset(stored.astype(np.int64), column.zero)

    def texts(self, name: str) -> list[str]:
        """A column of text, cleaned; one string a row."""
        column = self.columns[name]
        if column.code != "A":
            raise self.problem(f"stores '{clean(name, 40)}' as type {column.code}, where text was expected")
        return [clean(bytes(row).split(b"\0")[0].decode("ascii", "replace")) for row in self._bytes(column)]

    def _bytes(self, column: _Column) -> NDArray[np.uint8]:
        """The column's bytes. Shape (rows, column.size), contiguous."""
        width = _axes(self.header)[0]
        rows = np.frombuffer(self.data, np.uint8, self.rows * width).reshape(self.rows, width)
        return np.ascontiguousarray(rows[:, column.start : column.start + column.size])


def _offset(values: NDArray[np.int64], zero: float) -> NDArray[np.int64]:
    """Whole numbers stored off by `zero`; 2^63, which marks unsigned ids, wraps as it must."""
    return values if zero == 0 else values + np.array(int(zero) % 2**64, dtype=np.uint64).view(np.int64)


def _scaling(header: Header, scale: str, zero: str) -> tuple[float, float]:
    """Scale and zero point; anything that is no finite number is as good as none."""
    pair = (header.get(scale), header.get(zero))
    a, b = (float(x) if isinstance(x, int | float) and math.isfinite(x) else None for x in pair)
    return (1.0 if a is None else a), (0.0 if b is None else b)


def _axes(header: Header) -> tuple[int, ...]:
    """NAXIS1, NAXIS2 …"""
    count = header.integer("NAXIS") or 0
    return tuple(header.integer(f"NAXIS{i}") or 0 for i in range(1, count + 1))


def split(data: bytes, file: str) -> tuple[Hdu, ...]:
    """Take a FITS file apart, the first `MAX_HDUS` parts of it.

    Parameters
    ----------
    data : bytes
        The whole file, uncompressed.
    file : str
        Its name, for messages.

    Returns
    -------
    tuple of Hdu
        Their data are views of `data`: nothing is copied.

    Raises
    ------
    FileError
        If a header has no end, states sizes that cannot be, or speaks of more bytes than there are.
    """
    hdus: list[Hdu] = []
    view, start = memoryview(data), 0
    while len(hdus) < MAX_HDUS and (not hdus or data[start : start + 9] == b"XTENSION="):
        header, begin = _read_header(data, start, file, len(hdus))
        size = _data_size(header, file, len(hdus))
        if begin + size > len(data):
            raise FileError(
                f"{file}: truncated. HDU {len(hdus)} should hold {size:,} bytes of data and the file ends after"
                f" {max(len(data) - begin, 0):,} of them. Download it again."
            )
        hdus.append(Hdu(header, view[begin : begin + size], file, len(hdus)))
        start = begin + -(-size // BLOCK) * BLOCK
    return tuple(hdus)


def _read_header(data: bytes, start: int, file: str, index: int) -> tuple[Header, int]:
    """The header that begins at byte `start`, and the byte its data begin at."""
    limit = min(len(data), start + MAX_HEADER_BLOCKS * BLOCK)
    for at in range(start, limit - CARD + 1, CARD):
        if data[at : at + 8] == b"END     " and not data[at + 8 : at + CARD].strip():
            return Header(data[start:at]), start + -(-(at + CARD - start) // BLOCK) * BLOCK
    raise FileError(
        f"{file}: the header of HDU {index} has no END. The file is truncated; download it again."
    )


def _data_size(header: Header, file: str, index: int) -> int:
    """Bytes of data the header speaks of (FITS 4.0, equation 2)."""
    stated = [header.integer(k) for k in ("BITPIX", "NAXIS")]
    extra = [header.integer("PCOUNT") or 0, header.integer("GCOUNT") or 1]
    bitpix, naxis = stated
    if bitpix not in _IMAGE_TYPES or naxis is None or not 0 <= naxis <= 9:
        raise FileError(
            f"{file}: HDU {index} states BITPIX {bitpix} and NAXIS {naxis}, which no FITS file can have."
        )
    axes = _axes(header)
    if min((*axes, *extra), default=0) < 0 or (
        header.get("XTENSION") == "BINTABLE" and (naxis != 2 or bitpix != 8)
    ):
        raise FileError(
            f"{file}: HDU {index} states axes {axes} and counts {extra}, which no FITS file can have."
        )
    return abs(bitpix) // 8 * extra[1] * (extra[0] + math.prod(axes)) if axes else 0
