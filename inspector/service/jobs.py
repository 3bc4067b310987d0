"""One fair queue: the job that was served least goes next, and what nobody waits for goes last."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

BACKGROUND = 1_000
"""Turns a background job starts behind: no run someone waits for is longer."""


@dataclass(eq=False)
class Job:
    """Work cut into short turns.

    Attributes
    ----------
    served : int
        Turns had, plus the head start given to others.
    number : int
        Order of arrival, which breaks ties.
    """

    served: int
    number: int

    @property
    def waited_for(self) -> bool:
        """Whether someone waits for it: it is not a background job."""
        return self.served < BACKGROUND


class FairQueue:
    """Hands out turns, so many at a time; belongs to one event loop.

    A job is cancelled by cancelling the task that waits for its turn or has it.

    Parameters
    ----------
    slots : int
        Turns under way at once.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._waiting: list[tuple[int, int, int, Job, asyncio.Future[None]]] = []
        self._numbers = itertools.count()  # of jobs and of turns: what breaks ties
        self._busy = 0
        self._waited_for = 0  # turns under way that someone waits for

    @property
    def waiting(self) -> int:
        """Turns that somebody waits for and nobody has."""
        return sum(not called.done() for *_, called in self._waiting)

    def job(self, background: bool = False) -> Job:
        """A new job, which has had no turn; `background` if nobody waits for it."""
        return Job(BACKGROUND if background else 0, next(self._numbers))

    @asynccontextmanager
    async def turn(self, job: Job) -> AsyncIterator[None]:
        """Wait for the job's next turn, and have it."""
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (job.served, job.number, next(self._numbers), job, called))
        self._call_next()
        waited_for = job.waited_for
        try:
            await called
            yield
        finally:
            if called.done() and not called.cancelled():
                job.served += 1
                self._busy -= 1
                self._waited_for -= waited_for
            # soon, not now: a job that goes on at once is back in the queue by then
            asyncio.get_running_loop().call_soon(self._call_next)

    def _call_next(self) -> None:
        while self._waiting and self._busy < self._slots and self._due(self._waiting[0][3]):
            *_, job, called = heapq.heappop(self._waiting)
            if called.done():  # cancelled while it waited
                continue
            self._busy += 1
            self._waited_for += job.waited_for
            called.set_result(None)

    def _due(self, job: Job) -> bool:
        """Whether a job's turn has come; a background job waits for the turns that someone waits for."""
        return job.waited_for or not self._waited_for
