"""A typed name finds the row, then the file, then offers to fetch; nothing is fetched before somebody agrees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from made_services import in_loop, services_for, until
from makers import write_apstar

from inspector.exceptions import FileError, SettingsError
from inspector.service.spectrum_sources import Found
from inspector.web.page_tasks import PageTasks, at_once
from inspector.web.star_finding import Finding
from inspector.web.star_opening import StarOpening
from inspector.web.state import InspectorState

ID = "2M17335483-2753043"


class Rows:
    """A table with some rows of a star."""

    def __init__(self, *rows: int) -> None:
        self.rows, self.opened = rows, []

    def find(self, text: str) -> np.ndarray:
        return np.array(self.rows, dtype=np.intp)

    def open_row(self, row: int) -> None:
        self.opened.append(row)


class Sources:
    """Has a file here, or only on a server."""

    def __init__(self, here: Path | None = None, there: Path | None = None) -> None:
        self.here, self.there, self.asked, self.go_on = here, there, [], asyncio.Event()

    async def find(self, key, progress=None, job=None, asked=False):
        if self.here is not None:
            return Found(self.here, "folder x")
        if not asked or self.there is None:
            raise FileError("It is nowhere.")
        self.asked.append(key)
        progress("Fetching", 1, 4)
        await self.go_on.wait()
        return Found(self.there, "fetched")

    def can_fetch(self, key) -> bool:
        return self.there is not None

    def host(self, file) -> str:
        return "data.sdss.org"


def made(sources: Sources, *rows: int) -> tuple[Finding, Rows, InspectorState]:
    state, services, table = InspectorState(), services_for(), Rows(*rows)
    services._sources = sources
    tasks = PageTasks(state, at_once)
    return Finding(state, services, tasks, StarOpening(state, services, tasks), table), table, state


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_apstar(tmp_path_factory.mktemp("star") / "star.fits", n_visits=2, OBJID=ID)


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_apstar(tmp_path_factory.mktemp("star") / "another.fits", OBJID="2M00000000+0000000")


@in_loop
async def test_the_table_comes_first(star):
    finding, table, state = made(Sources(here=star), 7, 3)
    await finding.find(ID)
    assert table.opened == [7]
    assert "2 rows" in state.message.text
    assert state.star is None


@in_loop
async def test_a_file_of_this_machine_is_opened(star):
    finding, _, state = made(Sources(here=star))
    await finding.find(f"  {ID} ")
    assert state.star is not None and state.star.id == ID
    assert finding.offer is None


@in_loop
async def test_nothing_is_fetched_before_somebody_agrees(star):
    sources = Sources(there=star)
    finding, _, state = made(sources)
    await finding.find("114892017")
    assert finding.offer is not None
    assert finding.offer.file == "mwmStar-0.6.0-114892017.fits"
    assert sources.asked == []
    finding.decline()
    assert finding.offer is None
    assert sources.asked == []
    assert state.star is None


@in_loop
async def test_an_offer_that_is_accepted_shows_progress_then_the_star(star):
    sources = Sources(there=star)
    finding, _, state = made(sources)
    await finding.find("sdss_id 114892017")
    finding.offer = finding.offer.__class__(**{**vars(finding.offer), "key": star_key()})
    finding.accept()
    finding.accept()  # a second click fetches nothing more
    await until(lambda: finding.progress)
    assert finding.progress == "Fetching … 25%"
    sources.go_on.set()
    await until(lambda: state.star is not None)
    await until(lambda: finding.offer is None)
    assert (state.star.id, len(sources.asked), finding.fetching) == (ID, 1, False)


def star_key():
    from inspector.science.spectrum_key import SpectrumKey

    return SpectrumKey(apogee_id=ID)


@in_loop
async def test_stopping_shows_nothing_later(star):
    sources = Sources(there=star)
    finding, _, state = made(sources)
    await finding.find("114892017")
    finding.accept()
    await until(lambda: sources.asked)
    finding.decline()
    sources.go_on.set()
    await asyncio.sleep(0)
    await until(lambda: finding.offer is None)
    assert state.star is None
    assert not finding.fetching


@in_loop
async def test_an_id_that_nobody_can_ask_for_says_what_is_missing():
    finding, _, _ = made(Sources())
    with pytest.raises(FileError, match="nowhere"):
        await finding.find(ID)
    assert finding.offer is None


@pytest.mark.parametrize("text", ["", "12345678901234567890123", "the odd one"])
def test_what_names_no_star_says_what_can_be_typed(text):
    finding, _, _ = made(Sources())
    with pytest.raises((SettingsError, FileError), match="Type an APOGEE id"):
        asyncio.run(finding.find(text))
