"""Packed files: gzip, bzip2 and xz, unpacked in bounded memory and only where a FITS file comes out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, cast

from inspector.exceptions import FileError
from inspector.files.untrusted_text import clean

FITS = b"SIMPLE  ="
"""How every FITS file begins."""

_XZ_MEMORY = 128 << 20
"""Bytes an xz file may ask for to be unpacked; ``xz -9`` asks for 65 MiB, a crafted one for 4 GiB."""

_CHUNK, _TOLD_BY = 1 << 20, 4096


class _Xz(io.RawIOBase):
    """An xz file as a stream, which `lzma.LZMAFile` offers only without a limit of memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._decoder = self._new()
        self._fed = False

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        if self._decoder.eof:
            rest = self._decoder.unused_data.lstrip(b"\0")
            if not rest:
                return b""
            self._data, self._decoder, self._fed = rest, self._new(), False
        first = b"" if self._fed else self._data
        self._fed = True
        out = self._decoder.decompress(first, size)
        if not out and not self._decoder.eof:
            raise EOFError("it ends before its end-of-stream marker")
        return out


_OPENERS = {
    b"\x1f\x8b": ("gzip", lambda data: gzip.GzipFile(fileobj=io.BytesIO(data))),
    b"BZh": ("bzip2", lambda data: bz2.BZ2File(io.BytesIO(data))),
    b"\xfd7zXZ\0": ("xz", _Xz),
}
_DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


def begins_like_fits(head: bytes) -> bool:
    """Whether a file that begins with `head` is a FITS file, or unpacks to one, or is too damaged to tell."""
    if head.startswith(FITS):
        return True
    packing = _packing(head)
    if packing is None:
        return False
    try:
        with packing[1](head) as stream:
            first = _exactly(stream, len(FITS))
    except _DAMAGED:
        return True  # a bzip2 block longer than the head, too
    return FITS.startswith(first[: len(FITS)])


def unpacked(data: bytes, file: str, limit: int) -> bytes:
    """The content of a packed file; of one that is not packed, itself.

    It stops at the first bytes, by which it can be named, where what comes out is not a FITS file, and at `limit` + 1
    bytes where it is.

    Raises
    ------
    FileError
        If the packing is damaged, or asks for too much memory.
    """
    packing = _packing(data)
    if packing is None:
        return data
    name, opener = packing
    try:
        with opener(data) as stream:
            first = _exactly(stream, len(FITS))
            return first + _exactly(stream, (limit + 1 if first == FITS else _TOLD_BY) - len(first))
    except _DAMAGED as error:
        raise FileError(f"{file}: its {name} packing is damaged ({clean(str(error))}). Download it again.") from error


def _packing(data: bytes) -> tuple[str, Callable[[bytes], BinaryIO]] | None:
    found = next((opener for magic, opener in _OPENERS.items() if data.startswith(magic)), None)
    return cast("tuple[str, Callable[[bytes], BinaryIO]] | None", found)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """`size` bytes, or as many as there are."""
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(min(size, _CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
