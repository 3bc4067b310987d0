"""The queue with its verdicts as files: its rows in its order, and no verdict its reviewer may not see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from made_queue import MISSING, NAMES, write_queue
from made_services import services_for, session_of
from makers import write_apstar
from random_network import random_network

from inspector.files.spectra.star_file import read_star
from inspector.pipeline.prepare import normalized_or_reason
from inspector.science.noise_model import NoiseModel
from inspector.service.spectrum_sources import SpectrumSources
from inspector.service.table_opening import open_table
from inspector.service.verdicts.desk import VerdictDesk
from inspector.service.verdicts.event_table import read_events
from inspector.service.verdicts.review_desk import ReviewDesk, ReviewTerms
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import Store, open_store
from inspector.service.verdicts.thumbnail import HEIGHT, HIGH, LOW, WIDTH, thumbnail
from inspector.web.exported_files import File
from inspector.web.queue_export import QUEUES
from inspector.web.session import Session

NETWORK = random_network()
Pages = Callable[[str], Session]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_queue(tmp_path_factory.mktemp("queue"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "verdicts.sqlite")) as store:
        yield store


@pytest.fixture
def page(made: tuple[Path, Path], store: Store) -> Iterator[Pages]:
    opened: list[Session] = []

    def new(reviewer: str) -> Session:
        desk = ReviewDesk(ReviewTerms(load_scheme(), None, reviewer))
        desk._desk = VerdictDesk(store, blind=False, pauses=(0.0,))
        sources = SpectrumSources([made[1]])
        given = {"network": NETWORK, "noise_model": NoiseModel.identity(), "mc_num": 4, "verdicts": desk}
        opened.append(session_of(services_for(table=open_table(made[0], sources), sources=sources, **given)))
        return opened[-1]

    yield new
    for session in opened:
        session.close()
        session.services.close()


def give(session: Session, quality: int, comment: str = "") -> None:
    about = session.reviewing.verdicts.judged.subject.key
    typed = {"causes": [], "comment": comment.encode(), "number": 1, "stay": True}
    session.guarded(session.reviewing.hear)(
        {"verdict": about, "id": f"event-{next(_numbers)}", "quality": quality, **typed}
    )


_numbers = count()


def saved(session: Session, kind: str) -> File:
    files: list[File] = []
    session.queue_export._save = files.append
    session.guarded(session.export)(next(what for what in QUEUES if kind in what))
    (file,) = files
    return file


@pytest.mark.parametrize("kind", ["CSV", "ECSV", "FITS"])
def test_it_is_read_again_as_the_same_events_in_the_order_of_the_queue(
    page: Pages, store: Store, tmp_path: Path, kind: str
) -> None:
    session = page("Ann")
    session.queue.arranging.add_text("flag_warn")
    session.queue.arranging.sort("snr")  # rows 3, 2, 0
    give(session, 4, "fine, λ\n=1+1")
    session.queue.open_row(2)
    give(session, 2)
    session.queue.open_row(1)  # which the filter leaves out
    give(session, 1)
    file = saved(session, f" {kind}")
    assert file.name == f"flagged-verdicts.{kind.lower()}"
    path = tmp_path / file.name
    path.write_bytes(file.data)
    events = {event.subject.star: event for event in store.events()}
    assert read_events(path) == [events[NAMES[2]], events[NAMES[0]]]
    if kind == "CSV":
        lines = file.data.decode().splitlines()
        stars = [line.split(",")[0] for line in lines[1:]]
        assert stars == [NAMES[MISSING], NAMES[2], NAMES[0]]  # the one without a verdict has a row all the same
    assert f"The queue is saved: {file.name}." in session.state.message.text


def test_the_report_has_pictures_and_links_to_the_rows(page: Pages) -> None:
    session = page("Ann")
    session.queue_export.address = lambda: "http://localhost:5006/"
    give(session, 3, "<b>hm</b>")
    text = saved(session, "HTML").data.decode()
    rows = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", text, re.DOTALL)
    assert [name in row for name, row in zip(NAMES, rows, strict=True)] == [True] * 5
    assert ["data:image/svg+xml" in row for row in rows] == [row != MISSING for row in range(5)]
    assert "3 use with care" in rows[0] and "no verdict" in rows[1] and "&lt;b&gt;hm" in rows[0]
    assert "http://localhost:5006/?table=flagged.ecsv&amp;row=3&amp;" in rows[2]
    assert "visit+2" in rows[2]  # the spectrum that the row is about
    assert "Drawing the report" not in session.state.message.text


def test_others_verdicts_are_in_it_only_once_they_may_be_seen(page: Pages, store: Store) -> None:
    ann, bo = page("Ann"), page("Bo")
    give(ann, 4, "fine to me")
    assert b"fine to me" not in saved(bo, "CSV").data
    bo.reviewing.verdicts.show_others = True
    assert b"fine to me" in saved(bo, "CSV").data
    bo.reviewing.verdicts.show_others = False
    give(bo, 2)
    assert b"fine to me" in saved(bo, "CSV").data


def test_without_a_table_the_opened_files_are_the_rows(store: Store, tmp_path: Path) -> None:
    files = [write_apstar(tmp_path / f"{name}.fits", n_visits=2, OBJID=f"2M-{name}") for name in "ab"]
    desk = ReviewDesk(ReviewTerms(load_scheme(), None, "Ann"))
    desk._desk = VerdictDesk(store, blind=False)
    given = {"network": NETWORK, "noise_model": NoiseModel.identity(), "mc_num": 4, "verdicts": desk}
    session = session_of(services_for(files, **given))
    session.press("]")
    give(session, 2)
    file = saved(session, "CSV")
    (tmp_path / "again.csv").write_bytes(file.data)
    assert file.name == "stars-verdicts.csv" and read_events(tmp_path / "again.csv") == store.events()
    assert file.data.count(b"\n") == 3 and b"b.fits" in file.data
    session.close()
    session.services.close()


def test_nothing_is_exported_of_an_empty_queue(page: Pages) -> None:
    session = page("Ann")
    session.queue.arranging.add_text("teff:9000..")
    session.guarded(session.export)("Queue with verdicts · CSV")
    assert session.state.message.text == "There is nothing to export: the queue is empty."


def test_a_small_picture_spans_each_column_s_good_pixels(made: tuple[Path, Path]) -> None:
    """Against a loop over the pixels."""
    spectrum = normalized_or_reason(read_star(made[1] / f"apStar-r6-{NAMES[0]}.fits").coadd)
    picture = ElementTree.fromstring(thumbnail(spectrum))
    path = picture.findall("{*}path")[1].get("d")
    drawn = {int(x): (float(a), float(b)) for x, a, b in re.findall(r"M(\d+)\.5 ([\d.]+)V([\d.]+)", path)}
    first, last = spectrum.wavelength[[0, -1]]
    for column in (0, 100, WIDTH - 1):
        inside = [
            flux
            for wavelength, flux, good in zip(spectrum.wavelength, spectrum.flux, spectrum.good, strict=True)
            if good and int((wavelength - first) / (last - first) * (WIDTH - 1)) == column
        ]
        high, low = (HIGH - np.clip([max(inside), min(inside)], LOW, HIGH)) / (HIGH - LOW) * (HEIGHT - 1)
        assert drawn[column] == pytest.approx((high, low + 0.7), abs=0.06)
