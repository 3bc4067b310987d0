"""A few threads, many sessions: whoever was served least goes next."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

BACKGROUND = 1_000
"""Turns a background job starts behind: no run someone waits for is longer."""


@dataclass(order=True)
class Job:
    """Work cut into short turns; cancelled jobs get no further turn.

    Attributes
    ----------
    served : int
        Turns had, plus the head start given to others.
    number : int
        Order of arrival, which breaks ties.
    """

    served: int
    number: int
    turns: Iterator[None] = field(compare=False)
    failed: Callable[[Exception], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    @property
    def waited_for(self) -> bool:
        """Whether someone waits for it: it is no background job."""
        return self.served < BACKGROUND

    def cancel(self) -> None:
        """No turn begins after this; one under way ends by itself."""
        self.cancelled = True


class Turns:
    """A bounded pool of threads that gives each job one turn at a time.

    Parameters
    ----------
    threads : int
        Jobs under way at once.
    """

    def __init__(self, threads: int = 2) -> None:
        self._ready = threading.Condition()
        self._queue: list[Job] = []
        self._numbers = itertools.count()
        self._closed = False
        self._waited_for = 0  # turns under way that someone waits for
        self._wanted, self._threads = threads, list[threading.Thread]()

    def add(self, turns: Iterator[None], failed: Callable[[Exception], None], background: bool = False) -> Job:
        """Queue a job.

        Parameters
        ----------
        turns : iterator
            Each ``next`` is one short turn, run in a thread of the pool.
        failed : callable
            Told of the exception that ended the job.
        background : bool
            Whether nobody waits for it.
        """
        job = Job(BACKGROUND if background else 0, next(self._numbers), turns, failed)
        self._put(job)
        return job

    def close(self) -> None:
        """Stop the threads; jobs left are dropped."""
        with self._ready:
            self._closed = True
            self._queue.clear()
            self._ready.notify_all()

    def _put(self, job: Job) -> None:
        with self._ready:
            if not self._closed:
                self._start()
                heapq.heappush(self._queue, job)
                self._ready.notify()

    def _start(self) -> None:
        """Start the threads with the first job: a server's processes part before it, and threads survive no fork."""
        while len(self._threads) < self._wanted:
            name = f"inspector-{len(self._threads)}"
            self._threads.append(threading.Thread(target=self._serve, name=name, daemon=True))
            self._threads[-1].start()

    def _take(self) -> Job | None:
        with self._ready:
            while not self._due() and not self._closed:
                self._ready.wait()
            if self._closed:
                return None
            job = heapq.heappop(self._queue)
            self._waited_for += job.waited_for
            return job

    def _due(self) -> bool:
        """Whether a job's turn has come; a background job waits for the turns that someone waits for."""
        return bool(self._queue) and (self._queue[0].waited_for or not self._waited_for)

    def _serve(self) -> None:
        while self._serve_one():  # its own call: a thread that waits holds on to nobody's session
            pass

    def _serve_one(self) -> bool:
        """Wait for a job and give it a turn; False once the pool is closed."""
        job = self._take()
        if job is None:
            return False
        waited_for = job.waited_for
        if not job.cancelled and self._turn(job):
            job.served += 1
            self._put(job)
        with self._ready:
            self._waited_for -= waited_for
            self._ready.notify()
        return True

    @staticmethod
    def _turn(job: Job) -> bool:
        """Give one turn; whether the job wants another."""
        try:
            next(job.turns)
        except StopIteration:
            return False
        except Exception as error:  # noqa: BLE001  whatever a job raises, the thread must live on for the others
            Turns._tell(job, error)
            return False
        return True

    @staticmethod
    def _tell(job: Job, error: Exception) -> None:
        try:
            job.failed(error)
        except Exception:  # a closed tab may raise anything: it must not end a thread that serves the others
            log.exception("A job failed, and so did telling of it")
