"""Files are read in processes of their own: a huge or hostile file costs its reader time or memory, and nobody else.

A process starts with the first file, is killed when a file takes too long or nobody waits for it any more, and is
started again for the next. Every spectrum comes back by itself, normalised, so that no step of the way is long.
"""

from __future__ import annotations

import asyncio
import atexit
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import LifoQueue
from typing import Any

from inspector.exceptions import FileError, InspectorError
from inspector.files.untrusted_text import clean
from inspector.pipeline.prepare import distinct_spectra, normalized_or_reason
from inspector.pipeline.signals import deaf_children
from inspector.pipeline.workers import as_worker
from inspector.science.star import Star
from inspector.science.star_info import StarInfo
from inspector.service.jobs import FairQueue, Job
from inspector.service.measurements import Measurements
from inspector.service.opened_star import OpenedStar

MEMORY = 3 << 30
"""Bytes a process may ask for beyond what it starts with; a file of 256 MiB and 500 spectra takes a third of it."""

PATIENCE = 60.0
"""Seconds one file may take; the largest take a few."""

NOTICE = 0.2
"""Seconds until a reader notices that nobody waits for it any more."""


@dataclass(frozen=True)
class Source:
    """What to read.

    Attributes
    ----------
    name : str
        What to call it.
    path : Path or None
        A file of this machine.
    data : bytes
        A file's content, where there is no path.
    shown_path : str or None
        What is told of where it lies; the path itself if None.
    """

    name: str
    path: Path | None = None
    data: bytes = b""
    shown_path: str | None = None

    def read(self) -> Star:
        """The star, read in this process; a `FileError` of one sentence if it cannot be."""
        from inspector.files.spectra.star_file import read_star, read_star_bytes  # what a server need not import

        star = read_star_bytes(self.data, self.name) if self.path is None else read_star(self.path)
        if self.shown_path is None:
            return star
        return star.with_info(replace(star.info, file=replace(star.info.file, path=self.shown_path)))


Progress = Callable[[int, int], None]
"""Told how many of how many spectra have come."""


NOBODY = StarInfo()
"""Stands for what a file says of its star in all messages but the first."""


class ReadHere:
    """Reads in this process, for a program that serves nobody else (a notebook, a script)."""

    def __init__(self) -> None:
        self.queue = FairQueue(1)

    async def read(self, source: Source, job: Job, progress: Progress | None = None) -> OpenedStar:
        """As `Readers.read`."""
        star = source.read()
        return OpenedStar(star, {s.name: normalized_or_reason(s) for s in distinct_spectra(star)})

    def start(self) -> None:
        """Nothing needs to be started."""

    def close(self) -> None:
        """Nothing needs to be ended."""


class Readers:
    """Reader processes and the fair queue in front of them.

    Parameters
    ----------
    count : int
        Processes at most; each is started when it is first needed.
    memory : int
        Bytes, see `MEMORY`.
    patience : float
        Seconds, see `PATIENCE`.
    measurements : Measurements, optional
    """

    def __init__(
        self,
        count: int = 2,
        memory: int = MEMORY,
        patience: float = PATIENCE,
        measurements: Measurements | None = None,
    ) -> None:
        self.queue = FairQueue(count)
        self._measurements = measurements or Measurements()
        self._threads = ThreadPoolExecutor(count, "inspector-reading")
        self._processes = [ReaderProcess(memory, patience) for _ in range(count)]
        self._idle: LifoQueue[ReaderProcess] = LifoQueue()  # the one that read last is warm
        for process in reversed(self._processes):
            self._idle.put(process)
        atexit.register(self.close)

    def start(self) -> None:
        """Start the first process before there is a file, so that the first one need not wait for it."""
        self._threads.submit(self._processes[0].start)

    async def read(self, source: Source, job: Job, progress: Progress | None = None) -> OpenedStar:
        """Read a file when its turn has come; cancelling the task ends the reader at once.

        Raises
        ------
        FileError
            One sentence: what is wrong with the file.
        """
        loop, abandoned = asyncio.get_running_loop(), threading.Event()
        told = None if progress is None else _told_in(loop, progress)
        async with self.queue.turn(job):
            try:
                with self._measurements.reading():
                    return await loop.run_in_executor(self._threads, self._read, source, told, abandoned)
            finally:
                abandoned.set()

    def close(self) -> None:
        """End the processes; files not read yet are forgotten."""
        atexit.unregister(self.close)
        for process in self._processes:
            process.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, source: Source, progress: Progress | None, abandoned: threading.Event) -> OpenedStar:
        process = self._idle.get()
        try:
            return process.read(source, progress, abandoned)
        finally:
            self._idle.put(process)


def _told_in(loop: asyncio.AbstractEventLoop, progress: Progress) -> Progress:
    """`progress`, called from another thread, in the loop's own."""

    def tell(done: int, total: int) -> None:
        loop.call_soon_threadsafe(progress, done, total)

    return tell


class ReaderProcess:
    """One process that reads one file after the other; a thread at a time asks it.

    Parameters
    ----------
    memory : int
        Bytes, see `MEMORY`.
    patience : float
        Seconds, see `PATIENCE`.
    """

    def __init__(self, memory: int = MEMORY, patience: float = PATIENCE) -> None:
        self._memory, self._patience = memory, patience
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._here: Connection | None = None
        self._closed = False

    def read(self, source: Source, progress: Progress | None, abandoned: threading.Event) -> OpenedStar:
        """The star and its normalised spectra.

        Raises
        ------
        FileError
            One sentence.
        """
        for _ in range(2):  # one that died while it was idle is not this file's fault
            with suppress(EOFError, OSError):
                here = self.start()
                here.send(source)
                return _assembled(self._told(here, source, abandoned), progress)
            self._stop()
        raise FileError(_too_hungry(source.name))

    def start(self) -> Connection:
        """The way to a process that lives."""
        with self._lock:
            if self._closed:
                raise FileError("The server is stopping.")
            if self._process is None or not self._process.is_alive() or self._here is None:
                context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads may hold
                self._here, there = context.Pipe()
                self._process = context.Process(target=_serve, args=(there, self._memory), name="reader", daemon=True)
                with deaf_children():
                    self._process.start()
                there.close()
            return self._here

    def close(self) -> None:
        """End the process for good."""
        self._closed = True
        self._stop()

    def _told(self, here: Connection, source: Source, abandoned: threading.Event) -> Iterator[Any]:
        """What the process says, as it comes; it is killed when that takes too long or nobody waits any more."""
        deadline = time.monotonic() + self._patience
        while True:
            while not here.poll(NOTICE):
                if abandoned.is_set() or time.monotonic() > deadline:
                    self._stop()
                    raise FileError(
                        f"{clean(source.name)} took longer than {self._patience:g} s to read. Is it one star's file?"
                    )
            told = here.recv()
            if isinstance(told, Exception):
                raise told
            yield told

    def _stop(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join(10)
            self._process = None


def _assembled(told: Iterator[Any], progress: Progress | None) -> OpenedStar:
    """The star of what its reader sent, see `_pieces`."""
    first, of_coadd, shares = next(told)
    normalized, shared, visits = {first.coadd.name: of_coadd}, iter(first.visits), []
    count = len(shares) - sum(shares)
    for as_coadd in shares:
        if as_coadd:
            visits.append(next(shared))
            continue
        visit, of_visit = next(told)
        visits.append(replace(visit, star=first.info))
        normalized[visit.name] = of_visit
        if progress is not None:
            progress(len(normalized), count + 1)
    return OpenedStar(replace(first, visits=tuple(visits)), normalized)


def _pieces(star: Star) -> Iterator[Any]:
    """A star cut into messages: the coadd and the visits that are the coadd itself together, then each other visit."""
    shares = [visit.flux is star.coadd.flux for visit in star.visits]
    shared = tuple(visit for visit, as_coadd in zip(star.visits, shares) if as_coadd)
    yield replace(star, visits=shared), normalized_or_reason(star.coadd), shares
    for visit, as_coadd in zip(star.visits, shares):
        if not as_coadd:
            yield replace(visit, star=NOBODY), normalized_or_reason(visit)


def _too_hungry(name: str) -> str:
    return f"{clean(name)} takes more memory to read than one star's file does. It was not opened."


def _serve(files: Connection, memory: int) -> None:
    """What the process does: read until nobody is there to ask."""
    as_worker()
    import inspector.files.spectra.star_file
    import inspector.science.continuum  # noqa: F401

    _limit(memory)
    with suppress(EOFError, OSError):
        while True:
            for told in _answer(files.recv()):
                files.send(told)


def _answer(source: Source) -> Iterator[Any]:
    try:
        yield from _pieces(source.read())
    except InspectorError as error:
        yield FileError(str(error))
    except MemoryError:
        yield FileError(_too_hungry(source.name))


def _limit(memory: int) -> None:
    """Let an allocation past `memory` fail; only Linux counts address space such that this works."""
    if sys.platform.startswith("linux"):
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = used + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
