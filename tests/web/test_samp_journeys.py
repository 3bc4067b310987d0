"""Another program of this machine is told of the star on screen, by the menu of the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import ROOT, Visitor, start_server, stop_server
from pyvo import samp

pytestmark = pytest.mark.browser

STAR = ROOT / "assets" / "stars" / "apStar-dr17-2M17335483-2753043.fits"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    patch = pytest.MonkeyPatch()
    lockfile = tmp_path_factory.mktemp("samp") / "lock"
    patch.setenv("SAMP_HUB", f"std-lockurl:{lockfile.as_uri()}")
    patch.setattr(samp.conf, "use_internet", False)
    hub = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lockfile))
    hub.start()
    server = start_server(str(STAR), "--mc-num", "20")
    yield server
    stop_server(server)
    hub.stop()
    patch.undo()


def test_position_and_queue_are_sent_to_another_program(context: Any, served: Any) -> None:
    heard, told = [], threading.Event()

    def hear(key: str, sender: str, kind: str, params: dict[str, str], extra: object) -> None:
        heard.append((kind, params))
        told.set()

    topcat = samp.SAMPIntegratedClient(metadata={"samp.name": "TOPCAT"}, addr="127.0.0.1")
    topcat.connect()
    for kind in ("coord.pointAt.sky", "table.load.votable"):
        topcat.bind_receive_notification(kind, hear)
    visitor = Visitor(context, served.url)
    try:
        page = visitor.open()
        for what, said in (
            ("Send position · SAMP", "The position of 2M17335483-2753043 was sent to TOPCAT."),
            ("Send queue · SAMP", "1 row was sent to TOPCAT. A row chosen there opens here."),
        ):
            page.get_by_role("button", name="Export").click()
            page.get_by_role("menuitem", name=what).click()
            page.get_by_text(said).wait_for()
            assert told.wait(60)
            told.clear()
        assert float(heard[0][1]["ra"]) == pytest.approx(263.478474)
        assert heard[1][0] == "table.load.votable"
    finally:
        visitor.page.close()
        topcat.disconnect()
