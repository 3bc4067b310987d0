"""A table's file, open: unpacked where it was packed, named for messages, and told apart by its content."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import tempfile
import weakref
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import BinaryIO, Literal, cast

from inspector.exceptions import FileError
from inspector.files.compression import FITS
from inspector.files.file_content import file_name, opened
from inspector.files.file_signatures import foreign, is_text
from inspector.files.untrusted_text import clean

Kind = Literal["fits", "parquet", "ecsv", "votable", "csv"]

MAX_UNPACKED = 16 << 30
"""Bytes a packed table may unpack to, on disk."""

HEAD = 64 << 10
"""Bytes by which a kind is told."""

_ENDS, _CHUNK = 1 << 20, 4 << 20
_PACKINGS: dict[bytes, tuple[str, Callable[[BinaryIO], BinaryIO]]] = {
    b"\x1f\x8b": ("gzip", lambda stream: cast(BinaryIO, gzip.GzipFile(fileobj=stream))),
    b"BZh": ("bzip2", lambda stream: cast(BinaryIO, bz2.BZ2File(stream))),
}
_VOTABLE = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<([\w.]+:)?VOTABLE", re.IGNORECASE)


@dataclass(frozen=True)
class TableFile:
    """An open table.

    Attributes
    ----------
    stream : BinaryIO
        To read from; a packed table's is a temporary file that ends with it.
    name, path : str
        For messages, and as it was given.
    size : int
        Bytes of `stream`.
    identity : str
        Of the file as it lies: SHA-256 over its size, its time and its first and last MiB. A table of gigabytes is not
        hashed whole; one that was written anew has another identity.
    remark : str
        What a user should know of how it was opened.
    """

    stream: BinaryIO
    name: str
    path: str
    size: int
    identity: str
    remark: str = ""

    def read(self, start: int, size: int) -> bytes:
        """Bytes `start` to `start + size`, from any thread; FileError where the file no longer has them."""
        data = os.pread(self.stream.fileno(), size, start)
        while len(data) < size:
            more = os.pread(self.stream.fileno(), size - len(data), start + len(data))
            if not more:
                raise FileError(f"{self.name} became shorter while it was open. Open it again.")
            data += more
        return data

    @property
    def head(self) -> bytes:
        """Its first bytes."""
        return self.read(0, min(self.size, HEAD))


def open_table_file(path: str | os.PathLike[str], name: str | None = None) -> TableFile:
    """Open a table, unpacking it to a temporary file if need be.

    Parameters
    ----------
    path : path-like
    name : str, optional
        What to call it in messages.

    Raises
    ------
    FileError
        If there is none, it cannot be read, or its packing is damaged.
    """
    stream = opened(path)
    called = file_name(name) if name else file_name(path)
    state = os.fstat(stream.fileno())
    file = TableFile(stream, called, os.fsdecode(path), state.st_size, "")
    file = replace(file, identity=_identity(file, state.st_mtime_ns))
    packing = next((found for magic, found in _PACKINGS.items() if file.head.startswith(magic)), None)
    ready = file if packing is None else _unpacked(file, *packing)
    weakref.finalize(ready, ready.stream.close)  # with the last catalogue that reads it
    return ready


def kind_of(file: TableFile) -> Kind:
    """What a table's content is, whatever its name says.

    Raises
    ------
    FileError
        If it is none of the kinds of table that are read, with what it is as far as that shows.
    """
    head = file.head
    if head.startswith(FITS):
        return "fits"
    if head.startswith(b"PAR1"):
        return "parquet"
    if re.match(rb"(\xef\xbb\xbf)?# %ECSV", head):
        return "ecsv"
    if _VOTABLE.match(head):
        return "votable"
    found = foreign(head)
    if found is None and head.strip() and is_text(head):
        return "csv"
    what = found[0] if found else "empty" if not head.strip() else "of a kind that is not known"
    raise FileError(
        f"{file.name} is {what}, where a table was expected: FITS (packed with gzip or not), ECSV, VOTable, Parquet or"
        " CSV. Open the table itself."
    )


def _identity(file: TableFile, changed: int) -> str:
    ends = file.read(0, min(file.size, _ENDS)) + file.read(max(0, file.size - _ENDS), min(file.size, _ENDS))
    return sha256(b"%d %d " % (file.size, changed) + ends).hexdigest()


def _unpacked(file: TableFile, packing: str, opener: Callable[[BinaryIO], BinaryIO]) -> TableFile:
    """The file unpacked to a temporary one, which its last reader removes."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - stays open as long as the table
    size = 0
    try:
        file.stream.seek(0)
        with opener(file.stream) as packed:
            while part := packed.read(_CHUNK):
                size += len(part)
                if size > MAX_UNPACKED:
                    raise FileError(
                        f"{file.name} unpacks to more than {MAX_UNPACKED >> 30} GiB. Unpack it yourself and open the"
                        " result."
                    )
                target.write(part)
        target.flush()
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        target.close()
        raise FileError(
            f"{file.name}: its {packing} packing is damaged, or the disk for temporary files is full"
            f" ({clean(str(error))}). Unpack it yourself and open the result."
        ) from error
    except FileError:
        target.close()
        raise
    finally:
        file.stream.close()
    remark = f"Packed with {packing}: it was unpacked to a temporary file of {size / 1e6:,.0f} MB to be read."
    return replace(file, stream=cast(BinaryIO, target), size=size, remark=remark)
