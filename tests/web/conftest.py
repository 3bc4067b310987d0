"""One server and one Chromium for all journeys."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from made_services import services_for
from makers import write_apstar
from random_network import random_network
from watch import Watch

from inspector.science.noise_model import NoiseModel
from inspector.service.services import Services

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WINDOW = {"width": 1400, "height": 900}
PATIENCE = int(os.environ.get("INSPECTOR_PATIENCE", "60")) * 1000  # ms until a condition counts as never met


@pytest.fixture(scope="module")
def star_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_apstar(tmp_path_factory.mktemp("served") / "star.fits", n_visits=2)


@pytest.fixture(scope="module")
def services(star_file: Path) -> Iterator[Services]:
    """Services with random weights."""
    services = services_for([star_file], network=random_network(), noise_model=NoiseModel.identity())
    yield services
    services.close()


@dataclass
class Server:
    """The server as a user starts it, in its own process."""

    url: str
    process: subprocess.Popen
    reader: threading.Thread
    said: list[str] = field(default_factory=list)


def start_server(*arguments: str) -> Server:
    """``python launch.py`` with some arguments; returns once it has printed its address."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "launch.py"), "--no-browser", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"https?://\S+", line):
            # the pipe must be read on, or the server stalls once it is full
            reader = threading.Thread(target=said.extend, args=(process.stdout,), daemon=True)
            reader.start()
            return Server(found[0], process, reader, said)
    raise AssertionError("The server did not start:\n" + "".join(said))


def stop_server(server: Server) -> None:
    server.process.terminate()
    try:
        server.process.wait(timeout=30)
    finally:
        server.process.kill()
        server.reader.join(timeout=30)  # one of several processes may have a last word
        server.process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the bundled stars and a generated one of two visits with markup in its header."""
    folder = tmp_path_factory.mktemp("opened")
    write_apstar(folder / "generated.fits", n_visits=2, FIELD="<img src=x onerror=alert(1)>")
    server = start_server(str(ROOT / "assets" / "stars"), str(folder))
    yield server
    stop_server(server)
    assert not [line for line in server.said if "Traceback" in line], "".join(server.said)


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """Chromium with its watch; absent, the journeys are skipped, unless INSPECTOR_REQUIRE_BROWSER asks for them."""
    missing = None
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing = "needs Playwright (pip install playwright)"
    if CHROMIUM is None:
        missing = "needs Chromium on the PATH"
    if missing:
        (pytest.fail if os.environ.get("INSPECTOR_REQUIRE_BROWSER") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = chromium.new_context(viewport=WINDOW, accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        watch = Watch(context)
        yield watch
        assert watch.verdict() == []  # a last word after the last test
        chromium.close()


class Visitor:
    """A person with one tab of the page."""

    def __init__(self, context: Any, url: str) -> None:
        self.page = context.new_page()
        self.url = url

    def open(self, query: str = "") -> Any:
        """Open the page and wait for all draws."""
        self.page.goto(self.url + query)
        self.drawn()
        return self.page

    def drawn(self, draws: int | None = None) -> None:
        """Wait until so many draws are there; None for as many as were asked for."""
        whole = r"^([1-9]\d*) of \1 draws" if draws is None else rf"^{draws} of {draws} draws"
        self.page.get_by_text(re.compile(whole)).wait_for()

    def enter(self, label: str, text: str) -> None:
        """Type into a field, and press Enter."""
        field = self.page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Enter")

    def choose_star(self, heading: str, title: str) -> None:
        """Choose a star in the list, and wait for its name above."""
        self.page.get_by_role("option", name=title).click()
        self.page.get_by_role("heading", name=heading).wait_for()
        self.drawn()

    def address_has(self, part: str) -> None:
        """Wait until the address says so."""
        self.page.wait_for_function("part => location.search.includes(part)", arg=part)


@pytest.fixture(scope="session")
def context(watch: Watch) -> Any:
    """Where all tabs are opened: one cache, so that scripts are fetched and compiled once."""
    return watch.context


@pytest.fixture(autouse=True)
def no_complaint_and_no_stranger(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test in the browser: no error on any console, no call to another host, but what it expects."""
    watch = request.getfixturevalue("watch") if "watch" in request.fixturenames else None
    yield
    if watch and (found := watch.verdict()):
        pytest.fail("The browser was not quiet:\n" + "\n".join(found))


@pytest.fixture
def newcomer(context: Any, server: Server) -> Iterator[Callable[[], Visitor]]:
    """People who come, each in a new tab, and go at the end of the test."""
    came: list[Visitor] = []

    def new() -> Visitor:
        came.append(Visitor(context, server.url))
        return came[-1]

    yield new
    for visitor in came:
        visitor.page.close()


@pytest.fixture(scope="module")
def regular(context: Any, server: Server) -> Iterator[Visitor]:
    """Someone who stays for a whole file of journeys, in one tab that nobody used before."""
    visitor = Visitor(context, server.url)
    visitor.open()
    yield visitor
    visitor.page.close()
