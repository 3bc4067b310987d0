"""Signals that end a program, held back while something must be whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
STOPPING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""What asks a program to stop: Ctrl+C, ``kill``, a closed terminal, Ctrl+\\\\."""

FROM_TERMINAL = tuple(number for number in STOPPING if number != signal.SIGTERM)
"""Those a terminal sends to a program and its workers alike: the workers leave them to the program."""


@contextmanager
def held_back() -> Iterator[None]:
    """Let what asks the program to stop wait until the block is done. Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[tuple[int, FrameType | None]] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    ours = {number: handler for number, handler in before.items() if callable(handler)}
    for number in ours:
        signal.signal(number, lambda *heard: caught.append(heard))
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
    for number, frame in caught[:1]:
        ours[number](number, frame)


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes started in the block never hear what a terminal sends: not even while they start.

    Nor is this one stopped half-way, which would leave a child without what it was about to be told: another thread
    (OpenBLAS starts some) may take a signal that this thread's mask blocks.
    """
    with held_back():
        resource_tracker.ensure_running()  # it would lift what follows
        before = signal.pthread_sigmask(signal.SIG_BLOCK, FROM_TERMINAL)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
