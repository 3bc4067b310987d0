"""Positions and tables go to the programs of a real hub, and a row chosen there comes back."""

import threading

import numpy as np
import pytest
from pyvo import samp

from inspector.exceptions import InspectorError
from inspector.service.samp import NO_HUB, POSITION, ROW, TABLE, Samp


@pytest.fixture
def lockfile(tmp_path, monkeypatch):
    """A place for the hub's address that is this test's own."""
    place = tmp_path / "samp"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{place.as_uri()}")
    monkeypatch.setattr(samp.conf, "use_internet", False)
    return place


@pytest.fixture
def hub(lockfile):
    hub = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lockfile))
    hub.start()
    yield hub
    hub.stop()


class OtherProgram:
    """Takes positions and tables, and chooses rows."""

    def __init__(self):
        self.heard, self.told = [], threading.Event()
        self.client = samp.SAMPIntegratedClient(metadata={"samp.name": "TOPCAT"}, addr="127.0.0.1")
        self.client.connect()
        for kind in (POSITION, TABLE):
            self.client.bind_receive_notification(kind, self._hear)

    def _hear(self, key, sender, kind, params, extra):
        self.heard.append((kind, params))
        self.told.set()

    def wait(self):
        assert self.told.wait(30)
        self.told.clear()
        return self.heard[-1]

    def choose(self, table_id, row):
        message = {"samp.mtype": ROW, "samp.params": {"table-id": table_id, "row": row, "url": ""}}
        self.client.notify_all(message)


@pytest.fixture
def topcat(hub):
    program = OtherProgram()
    yield program
    program.client.disconnect()


@pytest.fixture
def ours():
    chosen, told = [], threading.Event()

    def choose(table_id, row):
        chosen.append((table_id, row))
        told.set()

    link = Samp(choose)
    link.test_chosen, link.test_told = chosen, told
    yield link
    link.close()


def test_a_position_arrives_to_its_last_digit(topcat, ours):
    ra, dec = 263.3978458333333, -27.884531944444444
    assert ours.send_position(ra, dec) == ["TOPCAT"]
    kind, params = topcat.wait()
    assert (kind, float(params["ra"]), float(params["dec"])) == (POSITION, ra, dec)


def test_a_table_arrives_whole_and_a_row_chosen_there_comes_back(topcat, ours):
    from urllib.request import url2pathname

    from astropy.table import Table

    columns = {"star_id": np.array(["2M00005143+5615568", "2M1"]), "teff": np.array([4500.25, np.nan])}
    ours.send_table("queue-1", "the queue", columns)
    kind, params = topcat.wait()
    assert (kind, params["table-id"], params["name"]) == (TABLE, "queue-1", "the queue")
    place = url2pathname(params["url"].removeprefix("file://"))
    table = Table.read(place, format="votable")
    assert [str(name) for name in table["star_id"]] == columns["star_id"].tolist()
    np.testing.assert_array_equal(np.ma.filled(table["teff"], np.nan), columns["teff"])

    topcat.choose("queue-1", "7")  # not a row of it
    topcat.choose("somebody's", "0")  # not a table of ours
    topcat.choose("queue-1", "-1")
    topcat.choose("queue-1", "1")
    assert ours.test_told.wait(30)
    assert ours.test_chosen == [("queue-1", 1)]


def test_what_was_written_goes_with_the_page(topcat, ours):
    from pathlib import Path
    from urllib.request import url2pathname

    ours.send_table("queue-1", "the queue", {"teff": np.zeros(3)})
    place = Path(url2pathname(topcat.wait()[1]["url"].removeprefix("file://")))
    assert place.exists()
    ours.close()
    assert not place.parent.exists()


def test_without_a_hub_the_page_says_what_to_start(lockfile, ours):
    with pytest.raises(InspectorError, match="Start TOPCAT or Aladin"):
        ours.send_position(1.0, 2.0)


def test_a_hub_with_nobody_who_listens_is_said(hub, ours):
    with pytest.raises(InspectorError, match="No program that takes a position"):
        ours.send_position(1.0, 2.0)


def test_a_hub_that_went_is_said_and_the_next_one_is_found(lockfile, ours):
    first = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lockfile))
    first.start()
    with pytest.raises(InspectorError, match="No program"):
        ours.send_position(1.0, 2.0)
    first.stop()
    with pytest.raises(InspectorError, match=NO_HUB[:20]):
        ours.send_position(1.0, 2.0)
    second = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lockfile))
    second.start()
    program = OtherProgram()
    try:
        assert ours.send_position(1.0, 2.0) == ["TOPCAT"]
    finally:
        program.client.disconnect()
        second.stop()
