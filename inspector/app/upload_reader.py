"""Uploads are read in a process of their own: a hostile file costs its reader memory or time, and nobody else.

The process starts with the first upload, is killed when a file takes too long, and is started again for the next.
"""

from __future__ import annotations

import atexit
import multiprocessing
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from inspector.errors import FileError, InspectorError
from inspector.files.spectra.star_file import read_star_bytes
from inspector.files.untrusted_text import clean
from inspector.pipeline.workers import as_worker
from inspector.science.star import Star

MEMORY = 3 << 30
"""Bytes the process may ask for beyond what it starts with; a file of 256 MiB and 500 spectra takes a third of it."""

PATIENCE = 60.0
"""Seconds one file may take; the largest take a few."""


class UploadReader:
    """Reads one upload after the other, beside the event loop.

    Parameters
    ----------
    memory : int
        Bytes, see `MEMORY`.
    patience : float
        Seconds, see `PATIENCE`.
    """

    def __init__(self, memory: int = MEMORY, patience: float = PATIENCE) -> None:
        self._memory, self._patience = memory, patience
        self._waiting = ThreadPoolExecutor(1, "inspector-upload")
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._here: Connection | None = None
        self._closed = False
        atexit.register(self.close)

    def submit(self, data: bytes, name: str) -> Future[Star]:
        """The star of a file's content, to come; its failure is a `FileError` of one sentence."""
        return self._waiting.submit(self._read, data, name)

    def close(self) -> None:
        """End the process; files not read yet are forgotten."""
        self._closed = True
        atexit.unregister(self.close)
        self._stop()
        self._waiting.shutdown(wait=False, cancel_futures=True)

    def _read(self, data: bytes, name: str) -> Star:
        try:
            here = self._ready()
            here.send((data, name))
            if not here.poll(self._patience):
                raise FileError(f"{clean(name)} took longer than {self._patience:g} s to read. Is it one star's file?")
            told: Star | Exception = here.recv()
        except (EOFError, OSError):
            told = FileError(f"{clean(name)} takes more memory to read than one star's file does. It was not opened.")
        except FileError as error:
            told = error
            self._stop()
        if isinstance(told, Exception):
            raise told
        for spectrum in told.spectra:
            for array in (spectrum.flux, spectrum.error, spectrum.bitmask):
                array.setflags(write=False)  # which does not survive the way between processes
        return told

    def _ready(self) -> Connection:
        """The way to a process that lives."""
        with self._lock:
            if self._closed:
                raise FileError("The server is stopping.")
            if self._process is None or not self._process.is_alive() or self._here is None:
                context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads may hold
                self._here, there = context.Pipe()
                self._process = context.Process(target=_serve, args=(there, self._memory), name="uploads", daemon=True)
                self._process.start()
                there.close()
            return self._here

    def _stop(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join(10)
            self._process = None


def _serve(files: Connection, memory: int) -> None:
    """What the process does: read until nobody is there to ask."""
    as_worker()
    _limit(memory)
    with suppress(EOFError, OSError):
        while True:
            files.send(_answer(*files.recv()))


def _answer(data: bytes, name: str) -> Star | Exception:
    try:
        return read_star_bytes(data, name)
    except InspectorError as error:
        return FileError(str(error))
    except MemoryError:
        return FileError(f"{clean(name)} takes more memory to read than one star's file does. It was not opened.")


def _limit(memory: int) -> None:
    """Let an allocation past `memory` fail; only Linux counts address space such that this works."""
    if sys.platform.startswith("linux"):
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = used + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
