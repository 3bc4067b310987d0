"""Going along a table, without a browser: what is on screen is the row's, or nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_queue import FLAGGED, MISSING, NAMES, write_queue
from made_services import in_loop, services_for, session_of, until
from makers import write_apstar
from random_network import random_network

from inspector import analyze, read_star
from inspector.science.flag_rules import FLAGS
from inspector.science.noise_model import NoiseModel
from inspector.service.queue.row_spectra import Located, Progress
from inspector.service.services import Services
from inspector.service.spectrum_sources import SpectrumSources
from inspector.service.table_opening import open_table
from inspector.web.page_tasks import at_once
from inspector.web.queue_state import QueueState
from inspector.web.session import Session
from inspector.web.tables.queue_cells import grid_rows

NETWORK = random_network()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_queue(tmp_path_factory.mktemp("queue"))


@pytest.fixture
def services(made: tuple[Path, Path]) -> Iterator[Services]:
    table, spectra = made
    sources = SpectrumSources([spectra])
    given = {"network": NETWORK, "noise_model": NoiseModel.identity(), "mc_num": 10}
    services = services_for(table=open_table(table, sources), sources=sources, **given)
    yield services
    services.close()


@pytest.fixture
def session(services: Services) -> Iterator[Session]:
    session = session_of(services)
    yield session
    session.close()


def test_a_table_opens_at_its_first_row(session: Session) -> None:
    view = session.queue.view
    assert session.state.star is not None and session.state.star.id == NAMES[0]
    assert (view.row, view.table, view.is_open, view.origin) == (0, "flagged.ecsv", True, "folder spectra")
    assert session.queue.place == "1 of 5"
    assert view.shown[:4] == ["star_id", "spectrum", "verdict", "snr"]


def test_next_and_previous_go_along_the_filtered_and_sorted_queue(session: Session) -> None:
    session.queue.arranging.add_text("flag_warn")
    session.queue.arranging.sort("snr")
    flagged = [row for row in (4, 3, 2, 1, 0) if FLAGGED[row]]
    assert session.queue.view.queue is not None and session.queue.view.queue.rows.tolist() == flagged
    session.press("p")
    assert session.queue.view.row == flagged[-2] == 2
    assert session.state.inspected == session.state.spectrum_names[2]  # the row is about the second visit
    assert session.queue.place == "2 of 3"
    session.press("n")
    session.press("n")
    assert session.queue.view.row == flagged[-1]
    assert session.state.message.text == "This is the last row of the queue."


def test_a_row_without_a_spectrum_is_named_and_nothing_of_the_star_before_stays(session: Session) -> None:
    session.queue.open_row(2)
    session.queue.open_row(MISSING)
    state = session.state
    assert state.star is None and state.result is None and state.key == ""
    assert state.absent is not None and state.absent.name == NAMES[MISSING]
    assert "no file of 2M00000004+0000004" in state.absent.why and ("Teff", "4100 K") in state.absent.values
    assert state.table_answer is not None and state.table_answer.value[0] == 4100
    assert session.queue.place == "4 of 5"
    session.press("n")
    assert state.absent is None and state.star is not None and state.star.id == NAMES[4]


def test_the_table_stands_beside_the_live_answer_of_the_rows_spectrum(session: Session) -> None:
    session.queue.open_row(2)
    answer = session.state.table_answer
    assert answer is not None and answer.row == 2 and answer.key.spectrum == session.state.inspected


def test_what_is_answered_on_screen_is_the_rows_live_value(session: Session) -> None:
    session.queue.open_row(1)
    live = session.queue.live.live
    assert session.state.result is not None
    assert live.rows[1].values["teff"] == pytest.approx(float(session.state.result.value[0]))
    session.state.inspected = session.state.spectrum_names[1]  # not what the row is about
    assert live.rows[1].values["teff"] != pytest.approx(float(session.state.result.value[0]))


def test_rows_whose_live_flags_differ_from_the_tables_are_marked(made: tuple[Path, Path], tmp_path: Path) -> None:
    """The table's bits are the live ones, but of one row, where its one flag is another."""
    folder = made[1]
    live = [analyze_file(folder / f"apStar-r6-{name}.fits") for row, name in enumerate(NAMES) if row != MISSING]
    said = live[:2]
    rows = [f"{NAMES[0]},{said[0]}", f"{NAMES[1]},{said[1] ^ 1}", f"{NAMES[2]},"]
    (tmp_path / "bits.csv").write_text("apogee_id,result_flags\n" + "\n".join(rows) + "\n")
    sources = SpectrumSources([folder])
    given = {"network": NETWORK, "noise_model": NoiseModel.identity(), "mc_num": 10}
    services = services_for(table=open_table(tmp_path / "bits.csv", sources), sources=sources, **given)
    session = session_of(services)
    for row in (1, 2):
        session.queue.open_row(row)
    flags = session.queue.live.live
    assert flags.values("flags_differ") == {0: False, 1: True}
    (mark,) = flags.differing.values()
    assert mark.startswith("The flags differ: only the ") and FLAGS[0].name in mark
    view = session.queue.view
    assert [row["mark"] for row in grid_rows(view.queue, 0, 3, ["star_id"], flags.differing)] == ["", mark, ""]
    session.queue.arranging.add_text("live_flags_differ")
    assert view.queue.rows.tolist() == [1] and "live flags differ is set" in view.arrangement.filters[0].words
    session.close()
    services.close()


def analyze_file(path: Path) -> int:
    spectrum = read_star(path).coadd
    return analyze(spectrum, NETWORK, NoiseModel.identity(), mc_num=10).flags.result_flags


def test_an_outline_leaves_its_rows_and_keeps_the_filters(session: Session) -> None:
    session.queue.arranging.add_text("flag_warn")
    session.queue.choose(np.array([0, 1, 2]))
    view = session.queue.view
    assert view.queue is not None and view.queue.rows.tolist() == [0, 2]
    assert session.queue.filtered.tolist() == [0, 2, 3]
    session.queue.choose(None)
    assert view.queue is not None and view.queue.rows.tolist() == [0, 2, 3]


def test_verdicts_are_counted_and_filtered(session: Session) -> None:
    session.queue.live.note_verdict(0, "bad")
    assert session.queue.place == "1 of 5 · 1 with a verdict"
    session.queue.arranging.add_text("verdict:none")
    assert session.queue.view.queue is not None and session.queue.view.queue.rows.tolist() == [1, 2, 3, 4]
    session.queue.live.note_verdict(1, "good")
    assert session.queue.view.queue.rows.tolist() == [2, 3, 4]


def test_a_word_that_is_no_column_is_looked_for_and_nonsense_is_said(session: Session) -> None:
    session.queue.arranging.add_text("000003")
    view = session.queue.view
    assert view.queue is not None and view.queue.rows.tolist() == [2]
    typed = session.guarded(session.queue.arranging.add_text)
    typed("teff:9..1")
    assert "not a range" in session.state.message.text and view.queue.rows.tolist() == [2]
    typed("nosuch:1..2")
    assert "no column 'nosuch'" in session.state.message.text and view.queue.rows.tolist() == [2]


def test_a_link_leads_to_the_same_row_filters_and_order(services: Services, session: Session) -> None:
    session.queue.arranging.add_text("flag_warn,teff:..4400")
    session.queue.arranging.sort("teff")
    session.queue.open_row(2)
    session.state.inspected = "coadd"
    other = session_of(services, session.query())
    assert other.queue.view.said == session.queue.view.said
    assert "row" in other.queue.view.said and other.state.inspected == "coadd"
    assert other.state.star is not None and other.state.star.id == NAMES[2]
    other.close()


def test_a_reload_comes_back_where_one_was(services: Services, session: Session) -> None:
    session.queue.arranging.add_text("flag_warn")
    session.queue.view.shown = ["star_id", "teff"]
    session.queue.open_row(MISSING)
    session.queue.view.is_open = False
    other = session_of(services, f"?resume={session._ticket}")
    assert other.state.absent is not None and other.state.absent.name == NAMES[MISSING]
    assert other.queue.view.left == session.queue.view.left and other.queue.view.shown == ["star_id", "teff"]
    other.close()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?table=other.fits&row=2&queue=flag_bad", "other.fits', which is not open here"),
        ("?queue=teff:9..1", "not a range"),
        ("?queue=nosuch", "no column 'nosuch'"),
    ],
)
def test_what_a_link_asks_for_and_cannot_be_had_is_said(services: Services, query: str, said: str) -> None:
    session = session_of(services, query)
    assert any(said in message.text for message in session.state.messages), session.state.messages
    assert session.state.star is not None
    session.close()


@in_loop
async def test_of_several_rows_opened_at_once_the_last_is_shown(services: Services) -> None:
    session = Session(services, at_once)
    await until(lambda: session.state.star is not None)
    slow = SlowSpectra(session.queue.view)
    session.queue.open_row(1)
    await until(lambda: slow.asked == [1])
    session.queue.open_row(2)
    assert session.queue.view.looking and session.queue.place == "1 of 5"  # the star that is still on screen
    slow.let.set()
    await until(lambda: session.state.star is not None and session.state.star.id == NAMES[2])
    await until(lambda: not session.queue.view.looking)
    assert session.queue.view.row == 2 and session.queue.place == "3 of 5"
    session.close()


@in_loop
async def test_a_star_chosen_from_the_list_meanwhile_stays(services: Services, tmp_path: Path) -> None:
    session = Session(services, at_once)
    await until(lambda: session.state.star is not None)
    slow = SlowSpectra(session.queue.view)
    session.queue.open_row(1)
    await until(lambda: slow.asked)
    file = write_apstar(tmp_path / "other.fits", n_visits=1, OBJID="2M-OTHER")
    await session.open_path(str(file))
    slow.let.set()
    await until(lambda: len(session.state.stars) == 3)  # the row's file has come
    assert session.state.star is not None and session.state.star.id == "2M-OTHER"
    assert session.queue.view.row is None
    session.close()


@in_loop
async def test_looking_for_a_file_can_be_stopped(services: Services) -> None:
    session = Session(services, at_once)
    await until(lambda: session.state.star is not None)
    slow = SlowSpectra(session.queue.view)
    session.queue.open_row(1)
    await until(lambda: slow.told == "Fetching … 50%")
    assert session.queue.view.origin == "Fetching … 50%"
    session.queue.rows.stop()
    await until(lambda: slow.cancelled)
    assert not session.queue.view.looking
    session.close()


class SlowSpectra:
    """Takes the place of a view's spectra, and finds them when it is let."""

    def __init__(self, view: QueueState) -> None:
        self.real, self.view = view.spectra, view
        self.asked: list[int] = []
        self.let = asyncio.Event()
        self.cancelled = False
        view.spectra = self
        self.prefetch, self.spectrum = self.real.prefetch, self.real.spectrum

    @property
    def told(self) -> str:
        return self.view.origin

    async def locate(self, row: int, progress: Progress | None = None) -> Located:
        self.asked.append(row)
        if progress is not None:
            progress("Fetching", 1, 2)
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return await self.real.locate(row)


@in_loop
async def test_a_table_is_opened_by_its_path_and_asked_about(services: Services, tmp_path: Path) -> None:
    session = Session(services, at_once)
    strange = tmp_path / "strange.csv"
    strange.write_text(f"who,t_nn\n{NAMES[1]},4000\n{NAMES[0]},5000\n")
    await session.open_path(str(strange))
    needs = session.queue.view.needs
    assert needs is not None and needs.names == ("who", "t_nn")
    await session.tables.name_columns("apogee_id=who,teff=t_nn")
    assert session.queue.view.needs is None and session.queue.view.table == "strange.csv"
    await until(lambda: session.state.star is not None and session.state.star.id == NAMES[1])
    session.close()


@in_loop
async def test_a_table_that_is_dropped_is_opened(services: Services, made: tuple[Path, Path]) -> None:
    session = Session(services, at_once)
    assert await session.tables.take("dropped.ecsv", made[0].read_bytes())
    assert session.queue.view.table == "dropped.ecsv" and session.queue.view.row == 0
    assert not await session.tables.take("x.fits", b"SIMPLE  =                    T")
    session.close()


def test_without_a_table_the_opened_files_are_the_rows(tmp_path: Path) -> None:
    files = [write_apstar(tmp_path / f"{name}.fits", n_visits=1) for name in "abc"]
    session = session_of(services_for(files, network=NETWORK, noise_model=NoiseModel.identity(), mc_num=10))
    view = session.queue.view
    assert view.table == "" and view.row == 0 and not view.leads and "table" not in view.said
    session.press("n")
    assert (view.row, session.state.key) == (1, "b.fits")
    session.queue.arranging.add_text("c.fits")
    assert view.leads
    session.press("n")
    assert (view.row, session.state.key) == (2, "c.fits")
    assert session.queue.live.live.rows[2].values["star_id"] == "2M00000000+0000000"
    session.close()
