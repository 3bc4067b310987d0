"""Read and normalise many files in worker processes: in order, bounded, and surviving a killed worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from inspector.exceptions import InspectorError
from inspector.files.file_content import file_sha256
from inspector.files.spectra.star_file import read_star
from inspector.pipeline.prepare import Prepared, Subject, distinct_spectra, prepare
from inspector.pipeline.signals import FROM_TERMINAL, deaf_children

WAITING_PER_WORKER = 4
"""Files handed out ahead for each worker: what bounds memory, whatever the number of stars."""

Read = Generator[tuple[Path, list[Prepared]], None, None]
"""Files and their spectra, one by one; close it to let the workers go."""


@dataclass(frozen=True)
class Reading:
    """How files are read: which spectra, which seed."""

    coadd_only: bool = False
    seed: int | None = None

    def __call__(self, path: Path) -> list[Prepared]:
        """Every spectrum of one file, ready for the network; a file that cannot be read keeps its reason."""
        try:
            star = read_star(path)
        except InspectorError as error:
            return [unreadable(path, str(error), self.seed, file_sha256(path))]
        spectra = (star.coadd,) if self.coadd_only else distinct_spectra(star)
        return [prepare(spectrum, self.seed) for spectrum in spectra]


def unreadable(path: Path, reason: str, seed: int | None, sha256: str = "") -> Prepared:
    """A file that gave no spectrum, with the reason."""
    return Prepared(Subject("", path.name, "", path=str(path), file_sha256=sha256), None, seed or 0, reason)


def read_serial(paths: Iterable[Path], reading: Reading) -> Read:
    """Read files one after the other in this process."""
    for path in paths:
        yield path, reading(path)


def read_parallel(paths: Iterable[Path], reading: Reading, workers: int) -> Read:
    """Read files in `workers` processes; results come in the order of the paths.

    A file whose reader dies (killed, out of memory) is tried once more alone; if it dies again, that
    file gets the reason and the run goes on.
    """
    todo = iter(paths)
    waiting: deque[tuple[Path, Future[list[Prepared]]]] = deque()
    pool = _pool(workers)
    try:
        while True:
            while len(waiting) < workers * WAITING_PER_WORKER and (path := next(todo, None)) is not None:
                waiting.append((path, _submit(pool, reading, path)))
            if not waiting:
                return
            path, future = waiting.popleft()
            try:
                yield path, future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                yield path, _read_alone(path, reading)
                pool = _pool(workers)
                waiting = deque((later, _again(pool, reading, later, old)) for later, old in waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, reading: Reading, path: Path) -> Future[list[Prepared]]:
    try:
        with deaf_children():  # the first task given out starts the workers
            return pool.submit(reading, path)
    except (
        BrokenProcessPool
    ) as error:  # a worker died since the last result was taken: whoever waits for it repairs the pool
        future: Future[list[Prepared]] = Future()
        future.set_exception(error)
        return future


def _again(
    pool: ProcessPoolExecutor, reading: Reading, path: Path, old: Future[list[Prepared]]
) -> Future[list[Prepared]]:
    """What was finished before the pool broke stays; the rest is handed out again."""
    return old if old.done() and not old.cancelled() and old.exception() is None else _submit(pool, reading, path)


def _read_alone(path: Path, reading: Reading) -> list[Prepared]:
    with _pool(1) as pool:
        try:
            return _submit(pool, reading, path).result()
        except BrokenProcessPool:
            reason = (
                f"The worker process that read '{path.name}' died twice. Check that the file is intact and that there"
                " is enough memory."
            )
            return [unreadable(path, reason, reading.seed)]


def _pool(workers: int) -> ProcessPoolExecutor:
    # spawn: a fork would copy locks that torch's threads may hold
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=as_worker)


def as_worker() -> None:
    """Leave Ctrl+C and the like to the parent, and end when it ends, however it ended."""
    for number in FROM_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
