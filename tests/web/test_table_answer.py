"""The table's answer beside the live one: of the row's own spectrum alone, and never of the star before."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from made_results import CENTRE, make_failure, make_result
from makers import write_apstar

from inspector.files.spectra.star_file import read_star
from inspector.science.labels import LABELS, TEFF
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star import Star
from inspector.science.table_answer import TableAnswer
from inspector.web.panels import TableAnswerView
from inspector.web.state import InspectorState


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory) -> Star:
    return read_star(write_apstar(tmp_path_factory.mktemp("star") / "star.fits", n_visits=2))


@pytest.fixture
def state() -> InspectorState:
    return InspectorState()


def row(shift: float = 0.0, **more: object) -> TableAnswer:
    """A row whose Teff is `shift` kelvin above the live one's centre."""
    value = CENTRE + np.where(np.arange(len(LABELS)) == TEFF, shift, 0)
    error = np.full(len(LABELS), 0.1)
    given = {"result_flags": 0, "made_by": "somebody's network", **more}
    return TableAnswer("<i>t</i>.fits", 6, SpectrumKey(), value, error, error, **given)


def said(view: TableAnswerView) -> list[str]:
    """Every text on the panel."""
    parts = (view._empty, view._made, view._expected, view._flags, view._table)
    return [unescape(re.sub("<[^>]+>", " ", part.html)) for part in parts if part.html]


def cells(view: TableAnswerView, label: int) -> list[str]:
    found = next(line for line in view._table.html.split("<tr")[2:] if f">{LABELS[label].symbol} (" in line)
    return re.findall("<td>(.*?)</td>", found)


def test_the_same_numbers_stand_in_both_and_the_difference_has_its_sign(state, star):
    view, live = TableAnswerView(state), make_result()
    state.show_star("one", star, table_answer=row(-100))
    state.result = live
    _, table, now, difference, sigma = cells(view, TEFF)
    assert table == f"{CENTRE[TEFF] - 100:.2f} ± 0.10"
    assert now.startswith(f"{live.value[TEFF]:.0f} ± ")
    gap = live.value[TEFF] - CENTRE[TEFF] + 100
    assert difference == f"+{gap:.0f}"
    assert float(sigma) == pytest.approx(gap / np.hypot(0.1, live.shown_error[TEFF]), abs=0.05)


def test_another_star_takes_the_table_answer_along(state, star):
    view = TableAnswerView(state)
    state.show_star("one", star, table_answer=row())
    state.show_star("two", star)
    assert state.table_answer is None
    assert "was not opened from a results table" in said(view)[0]


def test_the_row_is_of_one_spectrum_alone(state, star):
    view = TableAnswerView(state)
    visit = star.visits[0].name
    state.show_star("one", star, inspected=visit, table_answer=row())
    assert state.inspected == visit
    state.result = make_result()
    assert view._table.html
    state.inspected = "coadd"
    assert said(view) == [f" The table's row is about {visit}; coadd is inspected. "]


def test_a_spectrum_without_a_live_answer_still_shows_the_table(state, star):
    view = TableAnswerView(state)
    state.show_star("one", star, table_answer=row())
    state.result = make_failure("No signal.")
    assert cells(view, TEFF)[1:] == [f"{CENTRE[TEFF]:.2f} ± 0.10", "—", "—", "—"]
    assert "No signal." in " ".join(said(view))


def test_flags_of_one_side_alone_are_named(state, star):
    view = TableAnswerView(state)
    state.show_star("one", star, table_answer=row(result_flags=0b10))
    state.result = make_result()
    told = " ".join(said(view))
    live = {check.flag.name for check in state.result.flags.checks if check.is_set}
    assert "only the table sets flag_uncertain_teff" in told
    assert all(name in told for name in live)


def test_a_table_without_flags_says_nothing_of_them(state, star):
    view = TableAnswerView(state)
    state.show_star("one", star, table_answer=row(result_flags=None))
    state.result = make_result()
    assert view._flags.text == ""


@pytest.mark.parametrize(
    ("official", "weights", "expected"),
    [
        (True, "", "A difference is expected: SDSS made the table"),
        (False, "", ""),
        (False, "1" * 64, "Other weights made the table (11111111; here 00000000)"),
        (True, "0" * 64, ""),
    ],
)
def test_why_a_difference_is_expected(state, star, official, weights, expected):
    view = TableAnswerView(state)
    state.show_star("one", star, table_answer=row(official=official, weights_hash=weights))
    state.result = make_result()
    assert view._expected.text.startswith(expected)
    assert bool(view._expected.text) == bool(expected)


def test_a_tables_name_is_text(state, star):
    view = TableAnswerView(state)
    state.show_star("one", star, table_answer=row())
    state.result = make_result()
    assert "Row 7 of <i>t</i>.fits" in view._made.text
    assert "<i>t" not in view._made.html


def test_a_row_without_labels_says_so(state, star):
    view = TableAnswerView(state)
    nothing = np.full(len(LABELS), np.nan)
    state.show_star("one", star, table_answer=replace(row(), value=nothing))
    state.result = make_result()
    assert said(view) == [" The table has no labels for this spectrum. "]
