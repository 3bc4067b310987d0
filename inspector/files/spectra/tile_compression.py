"""Tile-compressed images (``fpack``'s .fz), unpacked by astropy once what their headers claim has been checked.

Astropy allocates what a header states and unpacks a gzipped tile to whatever comes out. So the image and its tiles
must be of a plausible size, every gzipped tile is first unpacked to one byte past what it should have, and astropy is
given a header made anew of the numbers that were checked: its own parser might find others. Rice and gzip alone are
read.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from inspector.exceptions import FileError
from inspector.files.astropy_errors import explained, quiet
from inspector.files.fits_hdus import BLOCK, Hdu
from inspector.files.fits_header import Header
from inspector.files.untrusted_text import clean

_ALGORITHMS = ("RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2")
_STORED = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA")
_COLUMNS = {
    "COMPRESSED_DATA": ("1PB", "1QB"),
    "GZIP_COMPRESSED_DATA": ("1PB", "1QB"),
    "UNCOMPRESSED_DATA": ("1PB", "1PI", "1PJ", "1PE", "1PD"),
    "ZSCALE": ("1D",),
    "ZZERO": ("1D",),
    "ZBLANK": ("1J",),
}
"""Columns a compressed image may have, and their formats."""

MAX_AXES = 3
_BITPIX = (8, 16, 32, 64, -32, -64)
_GZIP_TOO = 32 + zlib.MAX_WBITS
"""Has zlib look for a gzip header itself."""


def untiled(hdus: Sequence[Hdu], limit: int) -> tuple[Hdu, ...]:
    """The parts of a file, each tile-compressed image that can be read as the image it was.

    Parameters
    ----------
    hdus : sequence of Hdu
    limit : int
        Bytes all images may have together.

    Raises
    ------
    FileError
        If an image states what cannot be, is larger than `limit`, or is damaged.
    """
    parts: list[Hdu] = []
    for hdu in hdus:
        if hdu.is_table and hdu.header.get("ZIMAGE") is True and hdu.header.get("ZCMPTYPE") in _ALGORITHMS:
            shape = _checked_shape(hdu, limit)
            limit -= math.prod(shape) * abs(hdu.header.integer("ZBITPIX") or 0) // 8
            parts.append(_unpacked(hdu, shape))
        else:
            parts.append(hdu)
    return tuple(parts)


def _checked_shape(hdu: Hdu, limit: int) -> tuple[int, ...]:
    """The image's shape, rows first, once it, its tiles and its table agree."""
    header = hdu.header
    axes = [header.integer(f"ZNAXIS{i + 1}") or 0 for i in range(min(header.integer("ZNAXIS") or 0, MAX_AXES + 1))]
    tiles = [header.integer(f"ZTILE{i + 1}") or (axis if i == 0 else 1) for i, axis in enumerate(axes)]
    plausible = 1 <= len(axes) <= MAX_AXES and header.integer("ZBITPIX") in _BITPIX
    if not plausible or not all(0 < tile <= axis <= limit for tile, axis in zip(tiles, axes)):
        raise hdu.problem(f"states a compressed image of axes {axes} and tiles {tiles}, which cannot be read")
    if math.prod(axes) * abs(header.integer("ZBITPIX") or 0) // 8 > limit:
        raise hdu.problem(f"unpacks to an image of axes {axes}, larger than any APOGEE spectrum")
    if hdu.rows != math.prod(-(-axis // tile) for tile, axis in zip(tiles, axes)):
        raise hdu.problem(f"has {hdu.rows} tiles, which do not make up an image of axes {axes}; it is damaged")
    return tuple(axes[::-1])


def _unpacked(hdu: Hdu, shape: tuple[int, ...]) -> Hdu:
    header = _fresh_header(hdu, shape)
    part = header.tostring().encode() + hdu.data + bytes(-len(hdu.data) % BLOCK)
    with quiet(), explained(hdu.file, hdu.index):
        data = _image(hdu, header, part)
        image = fits.ImageHDU(data, header=_image_header(hdu, data))
        image.update_header()
    head = image.header.tostring().encode("ascii", "replace")
    stored = np.ascontiguousarray(data, dtype=data.dtype.newbyteorder(">")).tobytes()
    return Hdu(Header(fits.Header.fromstring(head)), head, memoryview(stored), hdu.file, hdu.index)


def _image(hdu: Hdu, header: fits.Header, part: bytes) -> NDArray[Any]:
    """The numbers of the image as they were stored."""
    try:
        _check_gzip(hdu, header, part)
        primary = fits.PrimaryHDU().header.tostring().encode()
        with fits.open(BytesIO(primary + part), memmap=False, do_not_scale_image_data=True) as opened:
            return np.asarray(opened[1].data)
    except FileError:
        raise
    except Exception as error:  # zlib's, and one of astropy's C code that it does not export
        raise hdu.problem(
            f"is damaged ({type(error).__name__}: {clean(str(error), 100)}); download it again"
        ) from error


def _fresh_header(hdu: Hdu, shape: tuple[int, ...]) -> fits.Header:
    """The header of the compressed table, made of what was checked and of nothing else."""
    old, axes = hdu.header, shape[::-1]
    new = fits.Header([("XTENSION", "BINTABLE"), ("BITPIX", 8), ("NAXIS", 2)])
    for key in ("NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "TFIELDS"):
        new[key] = old.integer(key)
    for i in range(1, (old.integer("TFIELDS") or 0) + 1):
        name, code = (old.text(f"TTYPE{i}") or "").upper(), (old.text(f"TFORM{i}") or "").split("(")[0]
        code = code if code[:1] == "1" else f"1{code}"
        if code not in _COLUMNS.get(name, ()):
            raise hdu.problem(f"keeps '{name[:30]}' as {code[:10]}, which no compressed image does")
        new[f"TTYPE{i}"], new[f"TFORM{i}"] = name, code
    new.update({"ZIMAGE": True, "ZBITPIX": old.integer("ZBITPIX"), "ZNAXIS": len(axes)}, ZCMPTYPE=old.text("ZCMPTYPE"))
    for i, axis in enumerate(axes, start=1):
        new[f"ZNAXIS{i}"], new[f"ZTILE{i}"] = axis, old.integer(f"ZTILE{i}") or (axis if i == 1 else 1)
    for key in ("ZQUANTIZ", "ZDITHER0", "ZBLANK"):
        if old.get(key) is not None:
            new[key] = old.get(key)
    for i, (name, value) in enumerate(_rice(hdu).items(), start=1):
        new[f"ZNAME{i}"], new[f"ZVAL{i}"] = name, value
    return new


def _rice(hdu: Hdu) -> dict[str, int]:
    """Rice's two settings: pixels of a block, bytes of a pixel."""
    said = {hdu.header.text(f"ZNAME{i}"): hdu.header.integer(f"ZVAL{i}") for i in (1, 2)}
    block, pixel = said.get("BLOCKSIZE") or 32, said.get("BYTEPIX") or 4
    if block not in (16, 32) or pixel not in (1, 2, 4):
        raise hdu.problem(f"states Rice blocks of {block} pixels of {pixel} bytes, which cannot be read")
    return {"BLOCKSIZE": block, "BYTEPIX": pixel}


def _check_gzip(hdu: Hdu, header: fits.Header, part: bytes) -> None:
    """Refuse a gzipped tile that unpacks to more than a tile has."""
    size = 8 * math.prod(header[f"ZTILE{i + 1}"] for i in range(header["ZNAXIS"]))
    gzipped = [name for name in _STORED[:2] if name.startswith("GZIP") or str(header["ZCMPTYPE"]).startswith("GZIP")]
    table = fits.BinTableHDU.fromstring(part)
    for name in gzipped:
        for tile in table.data[name] if name in table.columns.names else ():
            if len(zlib.decompressobj(_GZIP_TOO).decompress(np.asarray(tile).tobytes(), size + 1)) > size:
                raise hdu.problem("has a compressed tile that unpacks to more than a tile; it is damaged or crafted")


def _image_header(hdu: Hdu, data: Any) -> fits.Header:
    """What the compressed image's header says of the image and not of its packing."""
    kept = fits.Header()
    for key in ("EXTNAME", "BSCALE", "BZERO", "BLANK", "BUNIT", "CRVAL1", "CDELT1", "CRPIX1"):
        if (value := hdu.header.get(key)) is not None and not (key == "BLANK" and data.dtype.kind == "f"):
            kept[key] = value
    return kept
