"""Files of the archive, fetched in turns and once for all who ask, into a cache."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from inspector.exceptions import FileError
from inspector.files.archive import ArchiveFile
from inspector.files.fetch_cache import Arrival, FetchCache
from inspector.files.file_content import MAX_BYTES
from inspector.service.archive_server import ArchiveServer
from inspector.service.download import Download, Patience, Progress, disk_problem
from inspector.service.jobs import FairQueue, Job

AT_ONCE = 2
"""Files on their way at once."""

Check = Callable[[Path], None]
"""Raises a `FileError` for a file that is not what was asked for."""


@dataclass(eq=False)
class _Flight:
    """A file on its way, for all who wait for it."""

    job: Job
    started: bool = False
    waiting: int = 0
    listeners: list[Progress] = field(default_factory=list)
    task: asyncio.Task[Path] | None = None

    def tell(self, what: str, done: int, total: int) -> None:
        """Tell everybody how far it is."""
        for listener in list(self.listeners):
            listener(what, done, total)


class Fetcher:
    """Fetches files of the archive; belongs to one event loop.

    Parameters
    ----------
    cache : FetchCache
        Where they go.
    server : ArchiveServer, optional
    patience : Patience, optional
    limit : int
        Bytes one file may have.
    """

    def __init__(
        self,
        cache: FetchCache,
        server: ArchiveServer | None = None,
        patience: Patience | None = None,
        limit: int = MAX_BYTES,
    ) -> None:
        self.cache, self.server = cache, server or ArchiveServer()
        self.queue = FairQueue(AT_ONCE)
        self._patience, self._limit = patience or Patience(), limit
        self._flights: dict[str, _Flight] = {}

    def kept(self, file: ArchiveFile) -> Path | None:
        """A file fetched before."""
        return self.cache.get(self.server.host(file), file.location)

    async def fetch(
        self, file: ArchiveFile, check: Check, progress: Progress | None = None, job: Job | None = None
    ) -> Path:
        """A file of the archive, kept in the cache.

        Cancelling the task ends the transfer, once nobody else waits for the same file, and leaves nothing behind.

        Parameters
        ----------
        file : ArchiveFile
        check : callable
            Looks at the whole file before it is kept.
        progress : callable, optional
            Told how many of how many bytes have come.
        job : Job, optional
            Of `queue`, in whose name it is fetched: a background job waits for the others.

        Raises
        ------
        FileError
            One sentence: what the server, the network, the disk or the file lacks.
        """
        flight = self._flight(file, check, job or self.queue.job())
        flight.waiting += 1
        if progress is not None:
            flight.listeners.append(progress)
        try:
            return await _outcome(flight)
        finally:
            flight.waiting -= 1
            if progress is not None:
                flight.listeners.remove(progress)
            if not flight.waiting:
                await _ended(flight.task)

    def _flight(self, file: ArchiveFile, check: Check, job: Job) -> _Flight:
        """The way a file is on already or now; it does not wait in the background once somebody waits for it."""
        url = self.server.address(file)
        flight = self._flights.get(url)
        if flight is None:
            flight = self._flights[url] = _Flight(job)
        elif flight.started or flight.job.waited_for or not job.waited_for:
            return flight
        if flight.task is not None:
            flight.task.cancel()
        flight.job, flight.task = job, asyncio.create_task(self._fly(file, check, job, flight))
        return flight

    async def _fly(self, file: ArchiveFile, check: Check, job: Job, flight: _Flight) -> Path:
        try:
            async with self.queue.turn(job):
                flight.started = True
                return await self._arrive(file, check, flight.tell)
        finally:
            if flight.task is asyncio.current_task():  # and was not put before the others meanwhile
                del self._flights[self.server.address(file)]

    async def _arrive(self, file: ArchiveFile, check: Check, tell: Progress) -> Path:
        """Have the file come, look at it, and give it its name."""
        place = self.cache.place(self.server.host(file), file.location)
        with self.cache.arriving(place) as arrival:
            download = Download(file, self.server, arrival, self._patience, self._limit, tell)
            try:
                await download.run()
                await asyncio.to_thread(_look, check, arrival)
                kept = await asyncio.to_thread(arrival.keep)
            except OSError as error:
                arrival.drop()
                raise disk_problem(error, place) from error
            except BaseException:
                if not download.resumable:
                    arrival.drop()
                raise
        await asyncio.to_thread(self.cache.shrink, kept)
        return kept


def _look(check: Check, arrival: Arrival) -> None:
    arrival.stream.flush()
    check(arrival.part)


async def _outcome(flight: _Flight) -> Path:
    """What the flight's task says; where another took its place meanwhile, what that one says."""
    while True:
        task = flight.task
        assert task is not None
        await asyncio.wait([task])
        if task is flight.task:
            return task.result()


async def _ended(task: asyncio.Task[Path] | None) -> None:
    """End a task, and wait until it has cleaned up."""
    if task is not None and not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, FileError):
            await asyncio.shield(asyncio.wait([task]))
