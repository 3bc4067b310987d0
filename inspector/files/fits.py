"""Opening a stranger's FITS file: by content, in bounded time and memory, with a sentence for all that can go wrong.

A file is read whole, up to `MAX_BYTES`, into memory: no handle stays open, nothing is mapped.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from pathlib import Path

from inspector.errors import FileError, NotRecognised
from inspector.files.hdus import Hdu, split
from inspector.files.text import clean

MAX_BYTES = 256 * 2**20
"""Bytes a file may have, and may unpack to: an apStar of 500 visits."""

_FITS = b"SIMPLE  ="
_GZIP = b"\x1f\x8b"


def open_fits(path: str | os.PathLike[str]) -> tuple[Hdu, ...]:
    """The parts of a FITS file on disk, gzipped or not.

    Raises
    ------
    FileError
        If it cannot be opened, is too large, truncated, or states what cannot be.
    NotRecognised
        If it is no FITS file at all.
    """
    return open_fits_bytes(read_bytes(path), os.fsdecode(path))


def open_fits_bytes(data: bytes, name: str) -> tuple[Hdu, ...]:
    """The parts of a FITS file already in memory; as `open_fits`, with the same limits."""
    file = file_name(name)
    if len(data) > MAX_BYTES:
        raise _too_large(file)
    return split(_unpacked(data, file), file)


def file_name(path: str | os.PathLike[str]) -> str:
    """The last part of a path (of any system), fit for a message."""
    return clean(os.fsdecode(path).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]) or "unnamed file"


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A regular file's content.

    Raises
    ------
    FileError
        If there is none, it is a folder, pipe or device, may not be read, or exceeds `MAX_BYTES`.
    """
    file = file_name(path)
    try:
        mode = Path(os.fsdecode(path)).stat().st_mode
        if stat.S_ISDIR(mode):
            raise FileError(f"{file} is a folder, where one FITS file was expected.")
        if not stat.S_ISREG(mode):
            raise FileError(f"{file} is a pipe, socket or device, where a regular file was expected.")
        with Path(os.fsdecode(path)).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError(f"There is no file {clean(os.fsdecode(path))}. Check the path.") from None
    except PermissionError:
        raise FileError(f"{file} may not be read. Check its permissions.") from None
    except (OSError, ValueError) as error:  # a name too long, a loop of links, a NUL in the path, a failing disk
        raise FileError(f"{file} cannot be opened: {clean(str(error))}.") from error
    if len(data) > MAX_BYTES:
        raise _too_large(file)
    return data


def _too_large(file: str) -> FileError:
    limit = MAX_BYTES // 2**20
    return FileError(f"{file}: larger than {limit} MiB (unpacked), which no APOGEE spectrum is. It was not read.")


def _unpacked(data: bytes, file: str) -> bytes:
    """The FITS bytes themselves, gunzipped where need be."""
    if not data:
        raise FileError(f"{file} is empty. Download it again.")
    plain = _gunzip(data, file) if data.startswith(_GZIP) else data
    if not plain.startswith(_FITS):
        begin = clean(repr(plain[:16]))
        raise NotRecognised(
            f"{file} is not a FITS file: it begins with {begin}, a FITS file with 'SIMPLE  ='."
            " Open an apStar, apVisit, aspcapStar, mwmStar or mwmVisit file.",
            {"FITS": "no FITS signature at the start"},
        )
    return plain


def _gunzip(data: bytes, file: str) -> bytes:
    """Unpack, stopping at once where what comes out is no FITS file and at `MAX_BYTES` where it is."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            first = stream.read(len(_FITS))
            if first != _FITS:
                return first
            plain = first + stream.read(MAX_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(f"{file}: its gzip packing is damaged ({clean(str(error))}). Download it again.") from error
    if len(plain) > MAX_BYTES:
        raise _too_large(file)
    return plain
