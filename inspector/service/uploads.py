"""Files a browser sends, piece by piece, within a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inspector.exceptions import FileError
from inspector.science.settings import SEED
from inspector.service.opened_star import OpenedStar

MAX_UPLOAD = 256 << 20
"""Bytes one uploaded file may have; an apStar of 50 visits has 30 MB."""

MAX_SESSION = 512 << 20
"""Bytes of uploads one session may hold: those on their way, and the spectra of those that are open."""

MAX_SERVER = 2 << 30
"""The same, of all sessions of a server together."""

MAX_COMING = 16
"""Files one session may have on their way at once; a browser sends the files of a drop one after the other."""

MAX_PARTS = 4096


@dataclass
class Drop:
    """What came of the files that were dropped together."""

    which: str = ""
    opened: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def sentence(self) -> str:
        """What was opened."""
        return f"Opened {self.opened[0] if len(self.opened) == 1 else f'{len(self.opened)} files'}."


@dataclass
class _Coming:
    name: str
    parts: int
    data: bytearray = field(default_factory=bytearray)
    received: int = 0


class _Piece(NamedTuple):
    upload: str
    name: str
    part: int
    parts: int
    size: int
    data: bytes


class Allowance:
    """Bytes that all sessions of a server share."""

    def __init__(self, limit: int = MAX_SERVER) -> None:
        self._limit = self._left = limit

    def take(self, size: int, name: str) -> None:
        """Set bytes aside for a file; a FileError if there are not so many."""
        if size > self._left:
            raise FileError(
                f"{name} was not opened: this server already holds the {self._limit >> 20} MiB of uploads it may."
                " Try again later."
            )
        self._left -= size

    def give(self, size: int) -> None:
        """Give bytes back."""
        self._left += size


class Uploads:
    """The files of one session that are on their way, and how much those hold that arrived.

    Parameters
    ----------
    server : Allowance
        Shared with the other sessions.
    """

    def __init__(self, server: Allowance) -> None:
        self._coming: dict[str, _Coming] = {}
        self._server, self._held = server, 0

    def keep(self, opened: OpenedStar, name: str) -> None:
        """Count what an opened star holds in memory; a FileError if that is too much."""
        arrays = {id(a): a.nbytes for s in opened.star.spectra for a in (s.flux, s.error, s.bitmask)}
        for n in opened.normalized.values():
            if not isinstance(n, str):
                arrays |= {id(a): a.nbytes for a in (n.flux, n.error, n.continuum, n.good)}
        self.take(sum(arrays.values()), name)

    def take(self, size: int, name: str) -> None:
        """Count bytes of a file; a FileError if they are too many."""
        if self._held + size > MAX_SESSION:
            raise FileError(
                f"{name} was not opened: the files of this page would hold more than {MAX_SESSION >> 20} MiB."
                " Close this tab, and open fewer at a time in a new one."
            )
        self._server.take(size, name)
        self._held += size

    def give(self, size: int) -> None:
        """Count them no more."""
        self._server.give(size)
        self._held -= size

    def close(self) -> None:
        """Give back everything."""
        self._coming = {}
        self.give(self._held)

    def receive(self, message: Mapping[str, Any]) -> tuple[str, bytes] | None:
        """Take one piece.

        Parameters
        ----------
        message : mapping
            ``upload`` (which), ``name``, ``part`` of ``parts``, ``data``; ``size`` alone where the browser found the
            file too large to send.

        Returns
        -------
        tuple of str and bytes, or None
            Name and content once the last piece is there.

        Raises
        ------
        FileError
            If the file or what the session holds grows past its limit, or a piece is out of order or malformed.
        """
        piece = _piece(message)
        if piece.size > MAX_UPLOAD:
            raise FileError(_too_large(piece.name))
        coming = self._coming.get(piece.upload) or _Coming(piece.name, piece.parts)
        try:
            self._check(coming, piece)
            self.take(len(piece.data), coming.name)
        except FileError:
            self._drop(piece.upload)
            raise
        self._coming[piece.upload] = coming
        coming.data += piece.data
        coming.received += 1
        if coming.received < coming.parts:
            return None
        self._drop(piece.upload)
        return coming.name, bytes(coming.data)

    def _check(self, coming: _Coming, piece: _Piece) -> None:
        if piece.part != coming.received:
            raise FileError(f"{coming.name} arrived in the wrong order. Send it again.")
        if len(coming.data) + len(piece.data) > MAX_UPLOAD:
            raise FileError(_too_large(coming.name))
        if len(self._coming) >= MAX_COMING and piece.part == 0:
            raise FileError(f"{coming.name} was not opened: {MAX_COMING} files are on their way. Send it again.")

    def _drop(self, upload: str) -> None:
        if (coming := self._coming.pop(upload, None)) is not None:
            self.give(len(coming.data))


def _piece(message: Mapping[str, Any]) -> _Piece:
    """A message as a piece of a file; whatever else a browser may send is refused."""
    upload, name, data = message.get("upload"), message.get("name"), message.get("data")
    part, parts, size = (message.get(key, default) for key, default in (("part", -1), ("parts", -1), ("size", 0)))
    if (
        not isinstance(upload, str)
        or not isinstance(name, str)
        or not isinstance(data, bytes | bytearray | memoryview)  # a number here would make as many zeros
        or not all(type(n) is int and 0 <= n <= SEED.high for n in (part, parts, size))
        or not (part < parts <= MAX_PARTS and len(upload) <= 64)
    ):
        raise FileError("A file arrived in a form that no page sends. Reload the page and send it again.")
    return _Piece(upload, _plain(name), part, parts, size, bytes(data))


def _too_large(name: str) -> str:
    return f"{name} is larger than the {MAX_UPLOAD >> 20} MiB an upload may have."


def _plain(name: str) -> str:
    """The last part of a path, whatever system it came from; never empty."""
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200] or "unnamed"


def folder_sentence(folder: object, local: bool) -> str:
    """What a browser left out of a folder that was dropped; empty if nothing.

    Parameters
    ----------
    folder : mapping
        ``name``; how many FITS files it has ``opened``, how many it leaves ``beyond`` its limit, and how many
        folders inside are ``unread``.
    local : bool
        Whether a path can be typed instead.

    Raises
    ------
    FileError
        If no page sends such a message.
    """
    said = folder if isinstance(folder, Mapping) else {}
    counts = [said.get(key) for key in ("opened", "beyond", "unread")]
    if not isinstance(said.get("name"), str) or not all(type(n) is int and 0 <= n <= SEED.high for n in counts):
        raise FileError("A folder arrived in a form that no page sends. Reload the page and drop it again.")
    name, (opened, beyond, unread) = _plain(said["name"]), counts
    told = []
    if not opened:
        told.append(f"No file in the folder {name} has a name that ends in .fits (or .fits.gz, .bz2, .xz, .fz).")
    if unread:
        inner = "1 folder" if unread == 1 else f"{unread} folders"
        why = "no permission, or nested too deep"
        told.append(f"{inner} in {name} could not be read: {why}. Drop the files in there by themselves.")
    if beyond:
        way = "Type its path instead" if local else "Start the server with it, or drop the others by themselves"
        told.append(f"The first {opened} FITS files of the folder {name} are opened, {beyond} are not. {way}.")
    return " ".join(told)
