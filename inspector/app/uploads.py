"""Files a browser sends, piece by piece, within a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.errors import FileError

MAX_UPLOAD = 256 << 20
"""Bytes one uploaded file may have; an apStar of 50 visits has 30 MB."""

MAX_SESSION = 512 << 20
"""Bytes one session may have on their way at once."""


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


class Uploads:
    """The files of one session that are on their way."""

    def __init__(self) -> None:
        self._coming: dict[str, _Coming] = {}

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
            If the file grows past the limit, or pieces come out of order.
        """
        which, name = str(message["upload"]), _plain(str(message["name"]))
        if int(message.get("size", 0)) > MAX_UPLOAD:
            raise FileError(_too_large(name))
        coming = self._coming.setdefault(which, _Coming(name, int(message["parts"])))
        data = bytes(message["data"])
        try:
            self._check(coming, int(message["part"]), len(data))
        except FileError:
            del self._coming[which]
            raise
        coming.data += data
        coming.received += 1
        if coming.received < coming.parts:
            return None
        del self._coming[which]
        return coming.name, bytes(coming.data)

    def _check(self, coming: _Coming, part: int, size: int) -> None:
        if part != coming.received:
            raise FileError(f"{coming.name} arrived in disorder. Send it again.")
        total = sum(len(c.data) for c in self._coming.values())
        if len(coming.data) + size > MAX_UPLOAD or total + size > MAX_SESSION:
            raise FileError(_too_large(coming.name))


def _too_large(name: str) -> str:
    return f"{name} is larger than the {MAX_UPLOAD >> 20} MiB an upload may have."


def _plain(name: str) -> str:
    """The last part of a path, whatever system it came from; never empty."""
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200] or "unnamed"
