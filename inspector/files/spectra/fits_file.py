"""Opening a stranger's FITS file: by content, in bounded time and memory, with a sentence for all that can go wrong.

A file is read whole, up to `MAX_BYTES`, into memory: no handle stays open, nothing is mapped.
"""

from __future__ import annotations

import os

from inspector.exceptions import FileError, NotRecognised
from inspector.files.compression import FITS, unpacked
from inspector.files.file_content import MAX_BYTES, content_of, file_name
from inspector.files.file_signatures import foreign, is_text
from inspector.files.fits_hdus import Hdu, headers, split
from inspector.files.spectra.tile_compression import untiled
from inspector.files.spectra.unsupported_products import name_of
from inspector.files.untrusted_text import clean

_BEGIN = 2**20
"""Bytes that are enough to say what a file that is too large is."""

_OPENED = "Open an apStar, apVisit, aspcapStar, mwmStar or mwmVisit file."


def open_fits(path: str | os.PathLike[str]) -> tuple[Hdu, ...]:
    """The parts of a FITS file on disk, packed with gzip, bzip2 or xz or not.

    Raises
    ------
    FileError
        If it cannot be opened, is too large, truncated, or states what cannot be.
    NotRecognised
        If it is not a FITS file at all.
    """
    return open_fits_bytes(read_bytes(path), os.fsdecode(path))


def open_fits_bytes(data: bytes, name: str) -> tuple[Hdu, ...]:
    """The parts of a FITS file already in memory; as `open_fits`, with the same limits."""
    file = file_name(name)
    if len(data) > MAX_BYTES:
        raise _too_large(data, file)
    return untiled(split(_unpacked(data, file), file), MAX_BYTES)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A file's content, packed as it is; raises as `content_of`, and where it exceeds `MAX_BYTES`."""
    data = content_of(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise _too_large(data, file_name(path))
    return data


def _too_large(data: bytes, file: str) -> FileError:
    """The refusal of a file past `MAX_BYTES`, by its name where its headers tell what it is (an allStar table)."""
    try:
        named = name_of(headers(unpacked(data, file, _BEGIN)[:_BEGIN], file))
    except FileError:
        named = None
    if named:
        return NotRecognised(f"{file} is {named}.", {"size": "larger than any spectrum"})
    limit = MAX_BYTES // 2**20
    return FileError(f"{file}: larger than {limit} MiB (unpacked), which no APOGEE spectrum is. It was not read.")


def _unpacked(data: bytes, file: str) -> bytes:
    """The FITS bytes themselves, unpacked where need be."""
    if not data:
        raise FileError(f"{file} is empty. Download it again.")
    plain = unpacked(data, file, MAX_BYTES)
    if not plain.startswith(FITS):
        raise _not_fits(data if plain is data else plain, file)
    if len(plain) > MAX_BYTES:
        raise _too_large(plain, file)
    return plain


def _not_fits(data: bytes, file: str) -> NotRecognised:
    """The refusal of a file that does not begin like FITS: what it is, where that can be told, and the way on."""
    known = foreign(data)
    if known:
        said = f"it is {known[0]}. {known[1]}"
    elif is_text(data[:4096]):
        said = f"it is a text that begins with {_start(data)}. {_OPENED}"
    else:
        said = f"it begins with {_start(data)}, a FITS file with 'SIMPLE  ='. {_OPENED}"
    return NotRecognised(f"{file} is not a FITS file: {said}", {"FITS": "no FITS signature at the start"})


def _start(data: bytes) -> str:
    """The first bytes as a reader would quote them."""
    return clean(repr(data[:16].decode("latin-1")))
