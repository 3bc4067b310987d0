"""A server that runs: what it serves, and that what closes is freed."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from bokeh.client import pull_session
from made_services import session_of, until
from tornado.websocket import WebSocketClosedError

from inspector.service.services import Services
from inspector.web.server.server import _checked_port, _explain_lost_task, start
from inspector.web.session import Session

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A server in a thread of the tests."""

    def __init__(self, services: Services) -> None:
        import asyncio

        self.ready, self.services = threading.Event(), services
        self.loop: Any = None
        self.server: Any = None

        def run() -> None:
            asyncio.set_event_loop(asyncio.new_event_loop())
            self.server = start(services, unused_session_ms=200)
            self.server.start()
            self.loop = self.server.io_loop
            self.loop.add_callback(self.ready.set)
            self.loop.start()
            self.loop.close(all_fds=True)

        self.thread = threading.Thread(target=run)
        self.thread.start()
        assert self.ready.wait(60)
        self.url = f"http://localhost:{self.server.port}/"

    def stop(self) -> None:
        def end() -> None:
            self.server.stop()
            self.loop.stop()

        self.loop.add_callback(end)
        self.thread.join(30)


@pytest.fixture(scope="module")
def running(services: Services) -> Iterator[Running]:
    running = Running(services)
    yield running
    running.stop()


def test_the_page_is_served(running: Running) -> None:
    with urlopen(running.url, timeout=60) as answer:
        text = answer.read().decode()
    assert answer.status == 200
    assert "<title>APOGEE inspector</title>" in text
    assert "//cdn" not in text


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Iterator[weakref.WeakSet]:
    """Every session and state made from here on that still exists."""
    alive: weakref.WeakSet = weakref.WeakSet()
    logging.disable(logging.WARNING)  # pytest keeps every record, and Panel's records keep who they speak of
    made = Session.__init__

    def counted(self: Session, *args: Any, **options: Any) -> None:
        made(self, *args, **options)
        alive.update([self, self.state])

    monkeypatch.setattr(Session, "__init__", counted)
    yield alive
    logging.disable(logging.NOTSET)


@pytest.mark.slow
def test_fifty_tabs_that_close_are_freed_and_their_memory_comes_back(running: Running, alive: weakref.WeakSet) -> None:
    """Whole pages over the wire."""

    def open_and_close(tabs: int) -> int:
        with ThreadPoolExecutor(1) as thread:  # one of its own: a browser test may have left its loop in this one
            for _ in range(tabs):
                thread.submit(lambda: pull_session(url=running.url).close()).result()
        assert len(alive) > 0
        _wait_until(lambda: not running.server.get_sessions("/"))
        _wait_until(lambda: gc.collect() >= 0 and len(alive) <= 2)  # the last one may stand in a frame of the loop
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()

    before = open_and_close(10)
    assert open_and_close(40) - before < 40 * (2 << 20)  # an open tab takes over 7 MiB


@pytest.mark.slow
def test_fifty_sessions_that_close_are_freed(services: Services, alive: weakref.WeakSet) -> None:
    """Fifty sessions, each with its live run under way when it ends."""
    for i in range(50):
        asyncio.run(open_and_leave(services, f"?seed={i}&mc_num=5000"))
    _wait_until(lambda: gc.collect() >= 0 and len(alive) == 0)


async def open_and_leave(services: Services, query: str) -> None:
    session = session_of(services, query)
    await until(lambda: session.state.result is not None)
    assert session.state.running
    session.close()


def _wait_until(condition: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "the condition was never met"
        pause.wait(0.1)


def test_a_tab_that_closes_while_it_is_written_to_is_no_traceback() -> None:
    loop, told = asyncio.new_event_loop(), []
    loop.default_exception_handler = told.append  # type: ignore[method-assign]
    _explain_lost_task(loop, {"message": "lost", "exception": WebSocketClosedError()})
    _explain_lost_task(loop, {"message": "lost", "exception": ValueError()})
    loop.close()
    assert [type(context["exception"]) for context in told] == [ValueError]


def test_panel_serve_finds_the_page(star_file: Path) -> None:
    """``panel serve inspector/web/main.py`` answers with the page."""
    port = _checked_port("localhost", None)
    command = ["-m", "panel", "serve", "inspector/web/main.py", "--port", str(port), "--args", str(star_file)]
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    try:
        said = [next(line for line in process.stdout if "running at" in line)]
        with urlopen(f"http://localhost:{port}/main", timeout=120) as answer:
            text = answer.read().decode()
        rebound = Request(f"http://localhost:{port}/main", headers={"Host": f"evil.example:{port}"})
        with urlopen(rebound, timeout=120) as answer:
            refused = answer.read().decode()
    finally:
        process.terminate()
        said += process.communicate(timeout=30)[0].splitlines()
    assert "<title>APOGEE inspector</title>" in text
    assert "<title>APOGEE inspector</title>" not in refused
    assert not [line for line in said if "Traceback" in line]
