"""The queue goes to another program as it stands, and a row chosen there comes on screen here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_queue import NAMES, TEFF, write_queue
from made_services import services_for, session_of
from random_network import random_network

from inspector.science.noise_model import NoiseModel
from inspector.service.spectrum_sources import SpectrumSources
from inspector.service.table_opening import open_table
from inspector.web.session import Session
from inspector.web.sharing import SHARED


class Hub:
    """Stands for the hub of test_samp.py: takes tables, and chooses rows."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}
        self.positions: list[tuple[float, float]] = []

    def send_table(self, table_id: str, name: str, columns: dict[str, Any]) -> list[str]:
        self.tables[table_id] = columns
        return ["TOPCAT"]

    def send_position(self, ra: float, dec: float) -> list[str]:
        self.positions.append((ra, dec))
        return ["Aladin"]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_queue(tmp_path_factory.mktemp("queue"))


@pytest.fixture
def session(made: tuple[Path, Path]) -> Iterator[Session]:
    table, spectra = made
    sources = SpectrumSources([spectra])
    given = {"network": random_network(), "noise_model": NoiseModel.identity(), "mc_num": 10}
    services = services_for(table=open_table(table, sources), sources=sources, **given)
    session = session_of(services)
    session.sharing._samp = Hub()
    yield session
    session.close()
    services.close()


def export(session: Session, what: str) -> None:
    name = next(name for name in SHARED if what in name)
    session.guarded(session.export)(name)


def test_the_queue_is_sent_in_its_order_and_a_row_chosen_there_opens(session: Session) -> None:
    session.queue.arranging.add_text("flag_warn")
    session.queue.arranging.sort("snr")
    rows = session.queue.view.queue.rows.tolist()
    export(session, "queue")
    [(table_id, sent)] = session.sharing._samp.tables.items()
    assert sent["star_id"].tolist() == [NAMES[row] for row in rows]
    np.testing.assert_array_equal(sent["teff"], [TEFF[row] for row in rows])
    assert "3 rows were sent to TOPCAT" in session.state.message.text

    session.queue.arranging.add_text("teff:9000..")  # the queue is another by now
    session.sharing._hear(table_id, 2)
    assert session.queue.view.row == rows[2]


def test_a_position_is_the_stars_on_screen(session: Session) -> None:
    info = session.state.star.info
    export(session, "position")
    assert session.sharing._samp.positions == [(info.ra, info.dec)]
    assert NAMES[0] in session.state.message.text


def test_nothing_is_sent_of_an_empty_queue(session: Session) -> None:
    session.queue.arranging.add_text("teff:9000..")
    export(session, "queue")
    assert session.state.message.text == "There is no row to send: the queue is empty."
    assert session.sharing._samp.tables == {}
