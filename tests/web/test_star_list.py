"""What the list of stars shows, and what a search finds, without a browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from makers import write_apstar

from inspector.files.spectra.star_file import read_star
from inspector.science.flags import check_flags, no_result_flags
from inspector.science.labels import LABEL_NAMES
from inspector.science.star import Star
from inspector.service.library import StarEntry
from inspector.service.opened_star import OpenedStar
from inspector.web.components.star_list import LONGEST, StarList, rows, words
from inspector.web.state import InspectorState


@pytest.fixture
def star(tmp_path: Path) -> Star:
    cards = {"OBJID": "2M12345678+1234567", "FIELD": "M67", "TELESCOP": "lco25m", "STARFLAG": 1 << 9}
    return read_star(write_apstar(tmp_path / "mine.fits", n_visits=2, **cards))


def test_a_star_is_found_by_id_field_telescope_kind_file_visit_and_starflag(star: Star) -> None:
    found = words(star)
    for word in ("2M12345678+1234567", "M67", "lco25m", "apStar", "mine.fits", "visit 2", "PERSIST_HIGH"):
        assert word in found
    assert "PERSIST_LOW" not in found and "flag_" not in found


def test_a_star_is_found_by_the_flags_of_its_answer(star: Star) -> None:
    assert "flag_warn flag_no_result" in words(star, no_result_flags())
    fine = check_flags(np.ones(len(LABEL_NAMES)), np.full(len(LABEL_NAMES), 1e-6))
    assert "flag_" not in words(star, fine)


def test_what_finds_a_star_is_bounded(tmp_path: Path) -> None:
    many = read_star(write_apstar(tmp_path / "many.fits", n_visits=99))
    assert len(words(many)) == LONGEST


def test_rows_say_nothing_of_where_a_file_lies_and_why_one_cannot_be_read(star: Star, tmp_path: Path) -> None:
    shown = rows(
        [
            StarEntry("a.fits", "a.fits", tmp_path / "a.fits"),
            StarEntry("mine.fits", "mine.fits", None, OpenedStar(star)),
            StarEntry("b.fits", "b.fits", tmp_path / "b.fits", None, "b.fits is not a FITS file."),
        ]
    )
    assert [row["title"] for row in shown] == ["a", "mine", "b"]
    assert [row["note"] for row in shown] == ["", "uploaded", "b.fits is not a FITS file."]
    assert [bool(row["find"]) for row in shown] == [False, True, False]
    assert str(tmp_path) not in str(shown)


def test_the_list_learns_of_the_star_on_screen(star: Star) -> None:
    state = InspectorState()
    made = StarList(state, lambda message: None)
    assert made.learned == {}
    state.show_star("mine.fits", star)
    assert made.selected == "mine.fits" and made.learned == {"mine.fits": words(star)}
