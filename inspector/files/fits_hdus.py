"""The parts of a FITS file, read by astropy from bytes already in memory.

Astropy parses every header and every array. Three checks of ours come first, since it trusts what a header states:

- a header ends within `MAX_HEADER_BLOCKS`: astropy reads to the END, wherever that is, and makes an object of each
  line (8 MiB of header take it a second and 100 MB);
- ``NAXIS`` and ``TFIELDS`` are small: astropy loops over as many axes or columns as are stated before it looks for
  one (``NAXIS = 20000000`` in a file of 3 kB took it 49 s);
- the bytes of data a header states are there: astropy follows a negative axis back to the same part, for ever.

Parts are built by their classes' ``fromstring`` and not by `astropy.io.fits.open`, which reads the sizes with a
second parser: of two equal keywords that takes the last, `astropy.io.fits.Header` the first, so that a header could
pass the check with one number and be read with another. Nor does it let compressed images be unpacked.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from inspector.exceptions import FileError
from inspector.files.astropy_errors import explained, quiet
from inspector.files.fits_header import CARD, Header
from inspector.files.untrusted_text import clean

BLOCK = 2880
"""Bytes of a FITS block."""

MAX_HEADER_BLOCKS = 256
"""Blocks one header may take: 9216 cards, forty times what any APOGEE file has."""

_USUAL_BLOCKS = 16
"""Blocks that hold the longest header of an apStar."""

MAX_HDUS = 16
"""Parts read of one file; no reader looks past the twelfth."""

MAX_AXES, MAX_FIELDS = 9, 999
"""Axes of an image; columns of a table. The standard allows 999 of either, APOGEE has no image of more than 3 axes."""

_BITPIX = (8, 16, 32, 64, -32, -64)
_NUMBERS = "LBIJKED"  # column types: logical, integers, floats; no text, bits, complex or variable-length arrays
_PLAIN = bytes(ord(" ") if i < 32 else i if i < 127 else ord("?") for i in range(256))
"""A header's bytes as the standard allows them; for others astropy refuses to show the card."""


@dataclass(frozen=True)
class Hdu:
    """One header and its data.

    Attributes
    ----------
    header : Header
    head, data : bytes, memoryview
        The header's blocks, and exactly the bytes of data they speak of.
    file, index : str, int
        For messages: the file's name and the part's number.
    """

    header: Header
    head: bytes
    data: memoryview
    file: str
    index: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The image's shape, rows first; empty for a table or a part without data."""
        is_image = self.index == 0 or self.header.get("XTENSION") == "IMAGE"
        return () if not is_image or 0 in _axes(self.header) else _axes(self.header)[::-1]

    @property
    def is_table(self) -> bool:
        """Whether it is a binary table."""
        return self.header.get("XTENSION") == "BINTABLE"

    @property
    def is_integer(self) -> bool:
        """Whether the image is stored as whole numbers."""
        return (self.header.integer("BITPIX") or 0) > 0

    def problem(self, what: str) -> FileError:
        """The error to raise: `what` is wrong in this part."""
        return FileError(f"{self.file}: HDU {self.index} {what}.")

    def image(self) -> NDArray[np.float64]:
        """The image as native float64, BSCALE and BZERO applied. Same shape as `shape`."""
        return np.asarray(self._stored(ignore_blank=False), dtype=np.float64)

    def mask(self) -> NDArray[np.int64]:
        """The image as a native int64 bit mask; stored sign bits are bits. Same shape as `shape`."""
        stored = self._stored(ignore_blank=True)
        if stored.dtype.kind not in "iu":
            raise self.problem("should hold a bit mask and holds scaled or broken numbers; download the file again")
        return stored.astype(np.int64) & ((1 << min(8 * stored.itemsize, 63)) - 1)

    def _stored(self, ignore_blank: bool) -> NDArray[Any]:
        kind = fits.ImageHDU if self.index else fits.PrimaryHDU
        with explained(self.file, self.index):
            array: NDArray[Any] = kind.fromstring(self.head + self.data, uint=True, ignore_blank=ignore_blank).data
        return array

    @property
    def size(self) -> int:
        """Bytes of data its header speaks of; `data` has fewer where only headers were read."""
        return _data_size(self.header, self.file, self.index)

    @property
    def rows(self) -> int:
        """Rows of the table; 0 for an image."""
        return _axes(self.header)[1] if self.is_table else 0

    @cached_property
    def columns(self) -> dict[str, int]:
        """Where each of the table's columns is, by lower-case name."""
        fields = (self.header.integer("TFIELDS") or 0) if self.is_table else 0
        names = [(self.header.text(f"TTYPE{i + 1}") or f"column {i + 1}").lower() for i in range(fields)]
        return {name: names.index(name) for name in names}

    @cached_property
    def _table(self) -> fits.FITS_rec:
        with explained(self.file, self.index):
            hdu = fits.BinTableHDU.fromstring(self.head + self.data, uint=True, character_as_bytes=True)
            size, stated = hdu.columns.dtype.itemsize, _axes(self.header)[0]
            if size != stated:
                raise self.problem(f"has rows of {stated} bytes but columns of {size}; it is damaged")
            return hdu.data

    def _format(self, name: str) -> Any:
        """The column's format: its type in ``format``, its elements per row in ``repeat``."""
        return self._table.columns[self.columns[name]].format

    def width(self, name: str) -> int:
        """Elements per row of the column; 0 where there is no such column."""
        return int(self._format(name).repeat) if name in self.columns else 0

    def is_text(self, name: str) -> bool:
        """Whether the column holds words."""
        return bool(self._format(name).format == "A")

    def column(self, name: str) -> NDArray[Any]:
        """A column of numbers. Shape (rows, elements); native float64, int64 or, for logicals, bool."""
        kind = self._format(name).format
        if kind not in _NUMBERS:
            raise self.problem(f"stores '{clean(name, 40)}' as type {kind}, where numbers were expected")
        with explained(self.file, self.index):
            values = np.asarray(self._table.field(self.columns[name])).reshape(self.rows, self.width(name))
        return values.astype({"b": np.bool_, "i": np.int64, "u": np.int64}.get(values.dtype.kind, np.float64))

    def texts(self, name: str) -> list[str]:
        """A column of text, cleaned; one string per row."""
        if not self.is_text(name):
            kind = self._format(name).format
            raise self.problem(f"stores '{clean(name, 40)}' as type {kind}, where text was expected")
        with explained(self.file, self.index):
            values = np.asarray(self._table.field(self.columns[name])).reshape(self.rows, -1)
        return [clean(row[0].decode("ascii", "replace")) for row in values]


def _axes(header: Header) -> tuple[int, ...]:
    """NAXIS1, NAXIS2 and so on."""
    count = header.integer("NAXIS") or 0
    return tuple(header.integer(f"NAXIS{i}") or 0 for i in range(1, count + 1))


def headers(data: bytes, file: str) -> tuple[Hdu, ...]:
    """The parts that begin in `data`, the start of a FITS file, without their arrays; raises as `split`."""
    return _split(data, file, whole=False)


def split(data: bytes, file: str) -> tuple[Hdu, ...]:
    """Take a FITS file apart, the first `MAX_HDUS` parts of it; arrays are read when asked for.

    Parameters
    ----------
    data : bytes
        The whole file, uncompressed.
    file : str
        Its name, for messages.

    Raises
    ------
    FileError
        If a header has no end, states sizes that cannot be, or speaks of more bytes than there are.
    """
    return _split(data, file, whole=True)


def located(stream: BinaryIO, file: str, parts: int = MAX_HDUS) -> tuple[tuple[Hdu, int], ...]:
    """The first parts of a FITS file of any size, without their arrays, and where in it their data begin.

    Parameters
    ----------
    stream : BinaryIO
        An open file; only its headers are read.
    file : str
        Its name, for messages.
    parts : int
        At most so many.

    Raises
    ------
    FileError
        As `split`.
    """
    end = stream.seek(0, os.SEEK_END)
    found: list[tuple[Hdu, int]] = []
    start = 0
    with quiet():
        while len(found) < parts:
            head = _head_at(stream, start)
            if found and not head.startswith(b"XTENSION="):
                break
            hdu, after = _read(head, 0, file, len(found), whole=False)
            _refuse_cut(start + len(hdu.head), hdu.size, end, file, hdu.index)
            found.append((hdu, start + len(hdu.head)))
            start += after
    return tuple(found)


def _head_at(stream: BinaryIO, start: int) -> bytes:
    """The bytes from `start` on in which a header ends, if one does."""
    stream.seek(start)
    head = stream.read(_USUAL_BLOCKS * BLOCK)
    if any(head[at : at + CARD].rstrip() == b"END" for at in range(0, len(head), CARD)):
        return head
    return head + stream.read((MAX_HEADER_BLOCKS - _USUAL_BLOCKS) * BLOCK)


def _split(data: bytes, file: str, whole: bool) -> tuple[Hdu, ...]:
    hdus: list[Hdu] = []
    start = 0
    with quiet():
        while len(hdus) < MAX_HDUS and (not hdus or data[start : start + 9] == b"XTENSION="):
            hdu, start = _read(data, start, file, len(hdus), whole)
            hdus.append(hdu)
    return tuple(hdus)


def _read(data: bytes, start: int, file: str, index: int, whole: bool) -> tuple[Hdu, int]:
    """The part that begins at byte `start`, and the byte the next one begins at."""
    begin = _end_of_header(data, start, file, index)
    head = data[start:begin].translate(_PLAIN)
    with explained(file, index):
        header = Header(fits.Header.fromstring(head))
    size = _data_size(header, file, index)
    if whole:
        _refuse_cut(begin, size, len(data), file, index)
    return Hdu(header, head, memoryview(data)[begin : begin + size], file, index), begin + -(-size // BLOCK) * BLOCK


def _refuse_cut(begin: int, size: int, end: int, file: str, index: int) -> None:
    if begin + size > end:
        raise FileError(
            f"{file}: truncated. HDU {index} should hold {size:,} bytes of data and the file ends after"
            f" {max(end - begin, 0):,} of them. Download it again."
        )


def _end_of_header(data: bytes, start: int, file: str, index: int) -> int:
    """The byte after the header that begins at byte `start`."""
    limit = min(len(data), start + MAX_HEADER_BLOCKS * BLOCK)
    for at in range(start, limit - CARD + 1, CARD):
        if data[at : at + CARD].rstrip() == b"END":
            return start + -(-(at + CARD - start) // BLOCK) * BLOCK
    raise FileError(f"{file}: the header of HDU {index} has no END. The file is truncated; download it again.")


def _data_size(header: Header, file: str, index: int) -> int:
    """Bytes of data the header speaks of (FITS 4.0, equation 2), once what it states can be."""
    bitpix, naxis = header.integer("BITPIX"), header.integer("NAXIS")
    if bitpix not in _BITPIX or naxis is None or not 0 <= naxis <= MAX_AXES:
        raise FileError(f"{file}: HDU {index} states BITPIX {bitpix} and NAXIS {naxis}, which no FITS file can have.")
    axes, counts = _axes(header), (header.integer("PCOUNT") or 0, header.integer("GCOUNT") or 1)
    fields = header.integer("TFIELDS") or 0
    table = header.get("XTENSION") == "BINTABLE"
    if min(*axes, *counts) < 0 or not 0 <= fields <= MAX_FIELDS or (table and (naxis != 2 or bitpix != 8)):
        raise FileError(
            f"{file}: HDU {index} states axes {axes}, counts {counts} and {fields} columns, which no FITS file"
            " can have."
        )
    return abs(bitpix) // 8 * counts[1] * (counts[0] + math.prod(axes)) if axes else 0
