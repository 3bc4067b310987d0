"""Where a server keeps verdicts and on what terms it takes them; the store is opened when it is first asked."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.service.verdicts.scheme import Scheme

if TYPE_CHECKING:  # a database's own library takes a moment to import
    from inspector.service.verdicts.desk import VerdictDesk
    from inspector.service.verdicts.event import Event


@dataclass(frozen=True)
class ReviewTerms:
    """What a server was told of verdicts when it was started.

    Attributes
    ----------
    scheme : Scheme
    where : path-like, str or None
        As `inspector.service.verdicts.store.open_store` takes it.
    reviewer : str
        Who reviews at every page; empty where each page asks, or knows by its login.
    show_others : bool
        Whether others' verdicts are shown before one's own is given, unless a page turns that off.
    """

    scheme: Scheme
    where: str | os.PathLike[str] | None = None
    reviewer: str = ""
    show_others: bool = False


class ReviewDesk:
    """The desk of a server process and its terms.

    Parameters
    ----------
    terms : ReviewTerms
    """

    def __init__(self, terms: ReviewTerms) -> None:
        self.terms = terms
        self._lock = threading.Lock()
        self._desk: VerdictDesk | None = None

    async def open(self) -> VerdictDesk:
        """The desk; raises `StoreError` while the store cannot be opened."""
        desk = self._desk
        return await asyncio.to_thread(self._opened) if desk is None else desk

    async def save(self, event: Event, told: Callable[[str, bool], None]) -> None:
        """Keep an event, however long it takes.

        Parameters
        ----------
        event : Event
        told : callable
            Hears of each step: a sentence, and whether it is trouble.

        Raises
        ------
        StoreError
            If trying again is no use, or the store could not be opened at all.
        """
        desk = await self.open()
        from inspector.service.verdicts.desk import in_words

        await desk.save(event, lambda step: told(in_words(step), bool(step.reason)))

    async def keep_draft(self, reviewer: str, key: str, causes: Sequence[str] = (), comment: str = "") -> None:
        """Keep what was typed on a subject and not sent; what is empty is forgotten. Raises `StoreError`."""
        desk = await self.open()
        from inspector.service.verdicts.drafts import Draft

        await desk.keep_draft(Draft(reviewer, key, None, tuple(causes), comment))

    def close(self) -> None:
        """Let go of the store."""
        if self._desk is not None:
            self._desk.close()

    def _opened(self) -> VerdictDesk:
        from inspector.service.verdicts.desk import open_desk

        with self._lock:
            if self._desk is None:
                self._desk = open_desk(self.terms.where, blind=False)  # each page has its own switch
            return self._desk
