"""A file's bytes: of regular files alone, in bounded memory, with a sentence where they cannot be had."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from inspector.exceptions import FileError
from inspector.files.untrusted_text import clean

MAX_BYTES = 256 * 2**20
"""Bytes a file of spectra may have, and may unpack to: an apStar of 500 visits."""

_NOT_ITS_FAULT = (errno.EMFILE, errno.ENFILE)


def file_name(path: str | os.PathLike[str]) -> str:
    """The last part of a path (of any system), fit for a message."""
    return clean(os.fsdecode(path).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]) or "unnamed file"


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read it; one that became a pipe meanwhile, or /proc/kmsg, does not hold the reader up."""
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def head_of(path: str | os.PathLike[str], size: int) -> bytes:
    """The first bytes of a file; OSError if it cannot be read."""
    with open_regular(path) as stream:
        return stream.read(size) or b""  # None where there is nothing to read yet


def content_of(path: str | os.PathLike[str], limit: int = MAX_BYTES) -> bytes:
    """A regular file's bytes; of one with more than `limit`, the first `limit` + 1.

    Raises
    ------
    FileError
        If there is none, it is a folder, pipe or device, or may not be read.
    OSError
        If this process has too many files open: no file's fault, and no reason to give it up.
    """
    with opened(path) as stream, _explained(path):
        return stream.read(limit + 1) or b""  # None where there is nothing to read yet


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """A regular file, open to be read; raises as `content_of`."""
    with _explained(path):
        _refuse_irregular(path, file_name(path))
        return open_regular(path)


@contextmanager
def _explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """What the system says of a file, as a `FileError`."""
    file = file_name(path)
    try:
        yield
    except FileNotFoundError:
        raise FileError(f"There is no file {clean(os.fsdecode(path))}. Check the path.") from None
    except PermissionError:
        raise FileError(f"{file} cannot be read: permission denied. Check its permissions.") from None
    except (OSError, ValueError) as error:  # a name too long, a loop of links, a NUL in the path, a failing disk
        if isinstance(error, OSError) and error.errno in _NOT_ITS_FAULT:
            raise
        why = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{file} cannot be opened: {clean(why)}.") from error


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's bytes as they lie; empty where they cannot be read, or are more than `MAX_BYTES`."""
    try:
        content = content_of(path)
    except FileError:
        return ""
    return sha256(content).hexdigest() if len(content) <= MAX_BYTES else ""


def _refuse_irregular(path: str | os.PathLike[str], file: str) -> None:
    """A pipe or device is neither opened nor waited for."""
    mode = Path(os.fsdecode(path)).stat().st_mode
    if stat.S_ISDIR(mode):
        with os.scandir(path):  # a folder that may not be entered says so
            what = "a link to a folder" if Path(os.fsdecode(path)).is_symlink() else "a folder"
            raise FileError(f"{file} is {what}, where one FITS file was expected. Name the folder itself to read it.")
    if not stat.S_ISREG(mode):
        raise FileError(f"{file} is a pipe, socket or device, where a regular file was expected.")
