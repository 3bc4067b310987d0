"""From a table to verdicts handed over, with a server that is killed on the way; and two people on PostgreSQL."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import Server, Visitor, start_server, stop_server
from made_queue import NAMES, write_queue
from makers import write_apstar
from postgresql_server import PostgresqlServer, binaries
from test_verdict_journeys import opened, saved, seen

from inspector.cli import main
from inspector.service.verdicts.event_table import read_events
from inspector.service.verdicts.store import open_store

pytestmark = pytest.mark.browser


def shows(page: Any, row: int, place: str) -> None:
    page.get_by_role("heading", name=NAMES[row]).wait_for()
    page.get_by_text(place, exact=True).first.wait_for()


@pytest.fixture
def visit(context: Any, servers: list[Server]) -> Iterator[Callable[[Server], Visitor]]:
    """Comes to a server in a new tab, which is closed at the end of the test."""
    came: list[Visitor] = []

    def come(server: Server) -> Visitor:
        came.append(Visitor(context, server.url))
        came[-1].open()
        return came[-1]

    yield come
    for visitor in came:
        visitor.page.close()


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Those of a test, which end with it."""
    started: list[Server] = []
    yield started
    for server in started:
        stop_server(server)


def test_a_table_is_vetted_although_the_server_is_killed_and_handed_over(
    visit: Any, watch: Any, servers: list[Server], tmp_path: Path
) -> None:
    table, spectra = write_queue(tmp_path)
    place = tmp_path / "verdicts.sqlite"
    arguments = [str(table), "--spectra", str(spectra), "--mc-num", "4", "--verdicts", str(place), "--reviewer", "Ann"]
    servers.append(start_server(*arguments))
    visitor = visit(servers[0])
    page = visitor.page
    field = page.get_by_role("searchbox", name="Filter the table")
    field.fill("!flag_bad,teff:4400..")
    field.press("Enter")
    shows(page, 0, "1 of 3")
    page.locator("body").press("4")
    saved(visitor, f"{NAMES[0]} good")
    shows(page, 1, "2 of 3 · 1 with a verdict")
    seen(visitor)
    page.keyboard.press("2")
    saved(visitor, f"{NAMES[1]} bad")
    shows(page, 4, "3 of 3 · 2 with a verdict")

    watch.let_pass("WebSocket|ERR_|Lost websocket|Failed to load|not connected")
    servers[0].process.kill()
    servers[0].process.wait(timeout=30)
    page.get_by_text("The connection to the server is lost").wait_for()
    servers.append(start_server(*arguments, "--port", str(urlsplit(servers[0].url).port)))
    page.wait_for_function("!document.querySelector('#connection') || document.querySelector('#connection').hidden")
    visitor.drawn()
    shows(page, 4, "3 of 3 · 2 with a verdict")
    page.keyboard.press("3")
    saved(visitor, f"{NAMES[4]} use with care")
    page.get_by_text("This is the last row of the queue.").wait_for()

    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name="Queue with verdicts · ECSV").click()
    download.value.save_as(tmp_path / "handed.ecsv")
    assert main(["verdicts", "import", str(tmp_path / "handed.ecsv"), "--verdicts", str(tmp_path / "again")]) == 0
    with closing(open_store(place)) as store, closing(open_store(tmp_path / "again")) as again:
        assert again.events() == store.events() == read_events(tmp_path / "handed.ecsv")
        assert [event.quality for event in store.events()] == [4, 2, 3]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    programs = binaries()
    if programs is None:
        missing = "needs PostgreSQL's server (apt-get install postgresql)"
        (pytest.fail if os.environ.get("INSPECTOR_REQUIRE_POSTGRES") else pytest.skip)(missing)
    running = PostgresqlServer(programs)
    running.sql("CREATE DATABASE vetting")
    yield running.url("vetting")
    running.remove()


def test_two_people_on_two_servers_give_verdicts_on_one_postgresql(
    visit: Any, servers: list[Server], postgres: str, tmp_path: Path
) -> None:
    star = write_apstar(tmp_path / "star.fits", n_visits=1, OBJID="2M-a")
    visitors = []
    for name in ("Ann", "Bo"):
        servers.append(start_server(str(star), "--mc-num", "4", "--verdicts", postgres, "--reviewer", name))
        visitors.append(visit(servers[-1]))
    for visitor, quality in zip(visitors, ("4", "2"), strict=True):
        visitor.page.keyboard.press(quality)
        visitor.page.get_by_text(re.compile("^2M-a .*: Saved")).wait_for()
    opened(visitors[1]).get_by_text("Ann: good").first.wait_for()
    with closing(open_store(postgres)) as store:
        assert [(event.reviewer, event.quality) for event in store.events()] == [("Ann", 4), ("Bo", 2)]
        assert len(store.disagreements()) == 1
