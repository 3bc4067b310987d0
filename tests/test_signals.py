"""Signals that end a program wait while something must be whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from inspector.pipeline.signals import deaf_children


@pytest.fixture
def hearing() -> Iterator[None]:
    """Hear Ctrl+C as at a terminal: what a shell starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hearing")
def test_ctrl_c_waits_for_a_child_that_is_being_started_whichever_thread_hears_it() -> None:
    go, started = threading.Event(), []

    def press() -> None:
        go.wait(10)
        signal.raise_signal(signal.SIGINT)

    def start() -> None:
        with deaf_children():
            go.set()
            other.join(10)
            started.append("child")

    other = threading.Thread(target=press)  # its mask blocks nothing
    other.start()
    with pytest.raises(KeyboardInterrupt):
        start()
    assert started == ["child"]
