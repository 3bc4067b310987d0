"""What a page looked at that was cut off or reloaded, for the page its browser loads next."""

from __future__ import annotations

import secrets
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inspector.app.cache import Cache
from inspector.app.link import Choices
from inspector.app.state import InspectorState, StarEntry
from inspector.app.uploads import Uploads
from inspector.errors import FileError

LOST = (
    "The page was loaded again from its link: the server no longer has the files that were open in it."
    " Drop files of your own here again."
)

MAX_SPECTRA = 400
"""Uploaded spectra kept for pages that may come back (0.27 MB each); of the rest the link alone tells."""

RESTORED = (
    *("inspected", "shown", "elements", "label", "view_range", "lines_on", "theme"),
    *("mc_num", "seed", "seed_kept", "dropout_rate"),
)
"""The state's parameters that come back."""


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
    """

    stars: Sequence[StarEntry]
    key: str
    values: Mapping[str, Any]


class LeftSessions:
    """Hands each session's choices out to whoever shows its ticket, until the page that did stands.

    A session that still lives is asked itself, so that a browser may come back before the server has
    noticed that it went.
    """

    def __init__(self) -> None:
        self._alive: weakref.WeakValueDictionary[str, InspectorState] = weakref.WeakValueDictionary()
        self._left: Cache[Left] = Cache(MAX_SPECTRA, _spectra)
        self._lock = threading.Lock()

    def enter(self, state: InspectorState) -> str:
        """A ticket nobody can guess, for the state's own browser."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._alive[ticket] = state
        return ticket

    def leave(self, ticket: str) -> None:
        """Keep what a session that ends looked at, unless a page of its browser shows it already."""
        with self._lock:
            state = self._alive.pop(ticket, None)
        if state is not None:
            self._left.put(ticket, _choices(state))

    def fetch(self, ticket: str) -> Left | None:
        """What the session of this ticket looked at; None if nobody knows it, or not any more."""
        with self._lock:
            state = self._alive.get(ticket)
        return _choices(state) if state is not None else self._left.get(ticket)

    def forget(self, ticket: str) -> None:
        """Let a ticket open nothing more: the page that showed it stands, and has one of its own.

        Until then it opens as often as it is shown, or a second reload while the first is under way would lose all.
        """
        with self._lock:
            self._alive.pop(ticket, None)
        self._left.pop(ticket)


def _choices(state: InspectorState) -> Left:
    return Left(list(state.stars), state.key, {name: getattr(state, name) for name in RESTORED})


def _spectra(left: Left) -> int:
    return 1 + sum(len(entry.star.spectra) for entry in left.stars if entry.star is not None)


def take_up(link: Choices, left: LeftSessions, state: InspectorState, uploads: Uploads) -> Choices:
    """What the page showed before it was loaded again, where that is known still; else the link as it is.

    Its uploads are on the list of `state` again, as far as there is room for them.
    """
    if not link.resume:
        return link
    found, problems = left.fetch(link.resume), list(link.problems)
    if found is None:
        return replace(link, problems=(*problems, LOST))
    stars = []
    for entry in found.stars:
        try:
            if entry.star is not None:
                uploads.keep(entry.star, entry.name)
            stars.append(entry)
        except FileError as error:
            problems.append(str(error))
    state.stars = stars
    return replace(link, star=found.key, file="", values=found.values, problems=tuple(problems))
