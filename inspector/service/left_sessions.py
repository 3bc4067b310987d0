"""What a page looked at that was cut off or reloaded, for the page its browser loads next."""

from __future__ import annotations

import secrets
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspector.service.cache import Cache
from inspector.service.library import StarEntry

MAX_SPECTRA = 400
"""Uploaded spectra kept for pages that may come back (0.4 MB each); of the rest the link alone tells."""


@dataclass(frozen=True)
class Left:
    """One session's choices as they were.

    Attributes
    ----------
    stars : sequence of StarEntry
        Uploads with their star.
    key : str
        Of the star on screen.
    values : dict
        Values for the state, by parameter.
    queue : dict
        The same for its way along a table.
    """

    stars: Sequence[StarEntry]
    key: str
    values: Mapping[str, Any]
    queue: Mapping[str, Any] = field(default_factory=dict)


class LeftSessions:
    """Hands each session's choices out to whoever shows its ticket, until the page that did stands.

    A session that still lives is asked itself, so that a browser may come back before the server has
    noticed that it went.
    """

    def __init__(self) -> None:
        self._alive: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._left: Cache[Left] = Cache(MAX_SPECTRA, _spectra)
        self._lock = threading.Lock()

    @property
    def alive(self) -> int:
        """Sessions that have not ended."""
        return len(self._alive)

    def enter(self, session: Any) -> str:
        """A ticket nobody can guess, for the session's own browser; its ``left()`` tells what it looks at."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._alive[ticket] = session
        return ticket

    def leave(self, ticket: str) -> None:
        """Keep what a session that ends looked at, unless a page of its browser shows it already."""
        with self._lock:
            session = self._alive.pop(ticket, None)
        if session is not None:
            self._left.put(ticket, session.left())

    def fetch(self, ticket: str) -> Left | None:
        """What the session of this ticket looked at; None if nobody knows it, or not any more."""
        with self._lock:
            session = self._alive.get(ticket)
        return session.left() if session is not None else self._left.get(ticket)

    def forget(self, ticket: str) -> None:
        """Let a ticket open nothing more: the page that showed it stands, and has one of its own.

        Until then it opens as often as it is shown, or a second reload while the first is under way would lose all.
        """
        with self._lock:
            self._alive.pop(ticket, None)
        self._left.pop(ticket)


def _spectra(left: Left) -> int:
    return 1 + sum(len(entry.star.spectra) for entry in left.stars if entry.star is not None)
