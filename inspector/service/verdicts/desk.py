"""Where the pages of a server hand in their verdicts: off the event loop, and until each one is written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from inspector.exceptions import StoreError
from inspector.service.verdicts.drafts import Draft
from inspector.service.verdicts.event import Event
from inspector.service.verdicts.history import Review, Standing
from inspector.service.verdicts.ledger import Ledger, State
from inspector.service.verdicts.store import Store, open_outbox, open_store
from inspector.service.verdicts.summary import Summary, summarize

SAVING, SAVED, WAITING = "saving", "saved", "waiting"

PAUSES = (1.0, 2.0, 5.0, 10.0)
"""Seconds to the next try, and after the last of them always that."""

T = TypeVar("T")


@dataclass(frozen=True)
class Saving:
    """How it stands with an event that was handed in.

    Attributes
    ----------
    state : str
        `SAVING`; `SAVED`: it is on disk; `WAITING`: it could not be written, and will be tried again.
    time : datetime or None
        When it was on disk, in UTC.
    reason : str
        Why it could not be written.
    again_in : float
        Seconds to the next try.
    """

    state: str
    time: datetime | None = None
    reason: str = ""
    again_in: float = 0.0


Told = Callable[[Saving], object]


class VerdictDesk:
    """Takes verdicts from all sessions of a server and answers what they may see.

    Parameters
    ----------
    store : Store
    outbox : Store or None
        A file of this machine, where what the store could not take lies until it can: it outlives the server.
    blind : bool
        Whether one sees others' verdicts on a subject only after one's own.
    pauses : sequence of float
        Seconds to the next try.
    """

    def __init__(
        self, store: Store, outbox: Store | None = None, blind: bool = True, pauses: Sequence[float] = PAUSES
    ) -> None:
        self.blind = blind
        self._store, self._outbox, self._pauses = store, outbox, pauses
        self._ledger = Ledger(store)
        self._thread = ThreadPoolExecutor(1, "inspector-verdicts")
        self._under_way: set[asyncio.Task[Saving]] = set()

    @property
    def place(self) -> str:
        """Where verdicts are kept, fit to be shown."""
        return self._store.place

    def close(self) -> None:
        """Answer nobody any more; what is being written is finished."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._store.close()
        if self._outbox is not None:
            self._outbox.close()

    async def save(self, event: Event, told: Told | None = None) -> Saving:
        """Keep an event, however long it takes; it goes on if the page that asked goes away.

        Parameters
        ----------
        event : Event
            Its id makes sure that it is kept once, however often it is sent.
        told : callable, optional
            Hears each step, on the event loop.

        Returns
        -------
        Saving
            `SAVED`.

        Raises
        ------
        StoreError
            If trying again is no use.
        """
        telling = [told or (lambda step: None)]
        task = asyncio.ensure_future(self._until_written(event, telling))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            telling.clear()  # nobody listens any more
            raise

    async def send_outbox(self) -> int:
        """Hand in what an earlier server could not; how many events were new to the store. Raises `StoreError`."""
        return 0 if self._outbox is None else await self._do(self._store.merge, await self._do(self._outbox.events))

    async def standings(self, reviewer: str) -> dict[str, Standing]:
        """A reviewer's own standing on each subject, by its key."""
        state = await self._state()
        return {key: standing for (key, name), standing in state.standings.items() if name == reviewer}

    async def standing(self, key: str, reviewer: str) -> Standing | None:
        """A reviewer's own standing on a subject; None where there has never been a verdict."""
        return (await self._state()).standings.get((key, reviewer))

    async def reviews(self, reviewer: str) -> dict[str, Review]:
        """What a reviewer may see of each subject, by its key: if `blind`, others' verdicts only beside an own one."""
        state = await self._state()
        return await self._do(lambda: self._visible(state, reviewer))

    async def disagreements(self, reviewer: str) -> list[Review]:
        """Subjects on which people differ, as far as a reviewer may see them, the newest last."""
        found = [review for review in (await self.reviews(reviewer)).values() if review.disagrees]
        return sorted(found, key=lambda review: review.verdicts[-1].order)

    async def summary(self) -> Summary:
        """All verdicts in numbers."""
        state = await self._state()
        return await self._do(lambda: summarize(state.reviews))

    async def events(self, reviewer: str, keys: Collection[str] | None = None) -> list[Event]:
        """The events that a reviewer may see, of some subjects or of all, in the order in which they happened."""
        events = await self._do(lambda: self._store.events(keys))
        visible = await self.reviews(reviewer)
        return [
            event for event in events if not self.blind or event.reviewer == reviewer or event.subject.key in visible
        ]

    async def keep_draft(self, draft: Draft) -> None:
        """Keep what was typed and not sent; what is empty is forgotten. Raises `StoreError`."""
        if draft.is_empty:
            await self._do(self._store.drop_draft, draft.reviewer, draft.subject_key)
        else:
            await self._do(self._store.keep_draft, draft)

    async def draft(self, key: str, reviewer: str) -> Draft | None:
        """What a reviewer has typed on a subject and not sent."""
        return (await self._do(lambda: self._store.drafts(reviewer, [key]))).get(key)

    async def _state(self) -> State:
        return await self._do(self._ledger.state)

    def _visible(self, state: State, reviewer: str) -> dict[str, Review]:
        if not self.blind:
            return dict(state.reviews)
        own = {key for (key, name), held in state.standings.items() if name == reviewer and held.verdict is not None}
        return {key: review for key, review in state.reviews.items() if key in own}

    async def _until_written(self, event: Event, telling: list[Told]) -> Saving:
        def tell(step: Saving) -> Saving:
            for told in telling:
                asyncio.get_running_loop().call_soon(told, step)  # what goes wrong there is not to end this
            return step

        tries = 0
        while True:
            tell(Saving(SAVING))
            try:
                await self._do(self._store.append, event)
                return tell(Saving(SAVED, datetime.now(UTC)))
            except StoreError as error:
                if not error.passing:
                    raise
                reason = str(error)
            if tries == 0:
                await self._lay_aside(event)
            pause = self._pauses[min(tries, len(self._pauses) - 1)]
            tell(Saving(WAITING, None, reason, pause))
            await asyncio.sleep(pause)
            tries += 1

    async def _lay_aside(self, event: Event) -> None:
        if self._outbox is None:
            return
        try:
            await self._do(self._outbox.append, event)
        except StoreError:  # the disk may be full for both: the page keeps the text, and the next try comes
            return

    async def _do(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def open_desk(where: str | os.PathLike[str] | None = None, blind: bool = True) -> VerdictDesk:
    """The desk of a store, as `open_store` takes it, with an outbox whose verdicts are handed in first; takes a moment.

    Raises
    ------
    StoreError, SettingsError
        As `open_store` does.
    """
    store = open_store(where)
    outbox = open_outbox(store)
    store.merge(outbox.events())
    return VerdictDesk(store, outbox, blind)


def in_words(step: Saving) -> str:
    """How it stands, for the page: ``Saved 12:03:04`` in the server's own time."""
    if step.state == SAVED and step.time is not None:
        return f"Saved {step.time.astimezone():%H:%M:%S}"
    if step.state == WAITING:
        return f"Not saved: {step.reason} It is tried again in {step.again_in:.0f} s."
    return "Saving…"
