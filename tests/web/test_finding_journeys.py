"""An id typed into the search is found in the archive, offered, and fetched only once somebody agrees."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Visitor, start_server, stop_server
from sas_server import Request, SasServer, head, sas_server, whole

pytestmark = pytest.mark.browser

FILE = "mwmStar-0.6.0-54392901.fits"
PLACE = f"dr19/spectro/astra/0.6.0/spectra/star/29/01/{FILE}"
STALLED = "dr19/spectro/astra/0.6.0/spectra/star/29/02/mwmStar-0.6.0-54392902.fits"


def stalled(server: SasServer, request: Request, connection: socket.socket) -> None:
    connection.sendall(head(200, Content_Length=5_000_000) + b"SIMPLE  =" + b" " * 2_500_000)
    server.going.wait(60)


@pytest.fixture(scope="module")
def archive() -> Iterator[SasServer]:
    packed = ROOT / "tests" / "data" / "spectra" / f"{FILE}.gz"
    with sas_server() as server:
        server.answers |= {PLACE: whole(gzip.decompress(packed.read_bytes())), STALLED: stalled}
        yield server


@pytest.fixture(scope="module")
def served(archive: SasServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    patch = pytest.MonkeyPatch()
    patch.setenv("INSPECTOR_CACHE", str(tmp_path_factory.mktemp("cache")))
    star = next(Path(ROOT, "assets", "stars").glob("apStar*.fits"))
    server = start_server(str(star), "--archive", archive.archive, "--mc-num", "20")
    yield server
    stop_server(server)
    patch.undo()


@pytest.fixture
def page(context: Any, served: Any) -> Iterator[Any]:
    visitor = Visitor(context, served.url)
    yield visitor.open()
    visitor.page.close()


def ask(page: Any, text: str) -> None:
    field = page.get_by_role("searchbox", name="Search stars")
    field.fill(text)
    field.press("Enter")


def test_an_id_is_offered_and_fetched_when_somebody_agrees(page: Any, archive: SasServer) -> None:
    ask(page, "54392901")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("is not on this machine").wait_for()
    assert archive.log == []  # nothing is asked of anyone before
    dialog.get_by_role("button", name="Do not fetch").click()
    dialog.wait_for(state="hidden")
    assert archive.log == []
    ask(page, "54392901")
    dialog.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("heading", name="2M00005143+5615568").wait_for()
    dialog.wait_for(state="hidden")
    assert {request.path for request in archive.log} == {f"/sas/{PLACE}"}


def test_a_fetch_can_be_stopped_and_the_star_stays(page: Any, archive: SasServer) -> None:
    before = page.get_by_role("heading", level=1).inner_text()
    ask(page, "54392902")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Fetch", exact=True).click()
    dialog.get_by_text("%").wait_for()
    dialog.get_by_role("button", name="Stop").click()
    dialog.wait_for(state="hidden")
    assert page.get_by_role("heading", level=1).inner_text() == before


def test_a_name_that_is_none_says_what_can_be_typed(page: Any) -> None:
    ask(page, "my favourite star")
    page.get_by_role("alert").get_by_text("Type an APOGEE id").wait_for()
