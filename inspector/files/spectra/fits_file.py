"""Opening a stranger's FITS file: by content, in bounded time and memory, with a sentence for all that can go wrong.

A file is read whole, up to `MAX_BYTES`, into memory: no handle stays open, nothing is mapped.
"""

from __future__ import annotations

import errno
import os
import stat
from hashlib import sha256
from pathlib import Path

from inspector.errors import FileError, NotRecognised
from inspector.files.compression import FITS, open_regular, unpacked
from inspector.files.file_signatures import foreign, is_text
from inspector.files.spectra.fits_hdus import Hdu, headers, split
from inspector.files.spectra.tile_compression import untiled
from inspector.files.spectra.unsupported_products import name_of
from inspector.files.untrusted_text import clean

MAX_BYTES = 256 * 2**20
"""Bytes a file may have, and may unpack to: an apStar of 500 visits."""

_NOT_ITS_FAULT = (errno.EMFILE, errno.ENFILE)

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


def file_name(path: str | os.PathLike[str]) -> str:
    """The last part of a path (of any system), fit for a message."""
    return clean(os.fsdecode(path).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]) or "unnamed file"


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A regular file's content.

    Raises
    ------
    FileError
        If there is none, it is a folder, pipe or device, may not be read, or exceeds `MAX_BYTES`.
    OSError
        If this process has too many files open: no file's fault, and no reason to give it up.
    """
    file = file_name(path)
    try:
        data = _content(path, file)
    except FileNotFoundError:
        raise FileError(f"There is no file {clean(os.fsdecode(path))}. Check the path.") from None
    except PermissionError:
        raise FileError(f"{file} cannot be read: permission denied. Check its permissions.") from None
    except (OSError, ValueError) as error:  # a name too long, a loop of links, a NUL in the path, a failing disk
        if isinstance(error, OSError) and error.errno in _NOT_ITS_FAULT:
            raise
        raise FileError(f"{file} cannot be opened: {clean(str(error))}.") from error
    if len(data) > MAX_BYTES:
        raise _too_large(data, file)
    return data


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's bytes as they lie; empty where they cannot be read."""
    try:
        return sha256(read_bytes(path)).hexdigest()
    except FileError:
        return ""


def _content(path: str | os.PathLike[str], file: str) -> bytes:
    """Up to `MAX_BYTES` + 1 bytes of a regular file; a pipe or device is neither opened nor waited for."""
    mode = Path(os.fsdecode(path)).stat().st_mode
    if stat.S_ISDIR(mode):
        with os.scandir(path):  # a folder that may not be entered says so
            what = "a link to a folder" if Path(os.fsdecode(path)).is_symlink() else "a folder"
            raise FileError(f"{file} is {what}, where one FITS file was expected. Name the folder itself to read it.")
    if not stat.S_ISREG(mode):
        raise FileError(f"{file} is a pipe, socket or device, where a regular file was expected.")
    with open_regular(path) as stream:
        return stream.read(MAX_BYTES + 1) or b""  # None where there is nothing to read yet


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
        said = f"it is a text that begins with {clean(repr(data[:16]))}. {_OPENED}"
    else:
        said = f"it begins with {clean(repr(data[:16]))}, a FITS file with 'SIMPLE  ='. {_OPENED}"
    return NotRecognised(f"{file} is not a FITS file: {said}", {"FITS": "no FITS signature at the start"})
