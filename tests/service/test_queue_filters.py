"""Filters as text and back, in words, and refused in words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_table import MadeTable

from inspector.exceptions import SettingsError
from inspector.science.flag_rules import FLAGS
from inspector.science.flags import FlagReport, check_flags
from inspector.science.monte_carlo_error import Influence
from inspector.service.queue.columns import Columns
from inspector.service.queue.filter_text import MAX_TEXT, filters_text, read_filters
from inspector.service.queue.filters import AnyId, Between, Contains, Filter, Flagged, Is, Verdict, mask_of

NAMES = st.text(min_size=1, max_size=8).map(str.strip).filter(lambda name: name and name not in ("verdict", "text"))
WORDS = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)
NUMBERS = st.floats(allow_nan=False)
FILTERS = st.one_of(
    st.builds(Flagged, NAMES, st.sampled_from(["set", "not set", "undecided"])),
    st.tuples(NAMES, NUMBERS, NUMBERS).map(lambda made: Between(made[0], *sorted(made[1:]))),
    st.builds(Is, NAMES, st.one_of(st.just(""), WORDS)),
    st.builds(Contains, NAMES, WORDS),
    st.builds(Verdict, WORDS),
    st.builds(AnyId, WORDS),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FILTERS, max_size=4))
def test_filters_come_back_from_their_text(filters: list[Filter]) -> None:
    assert read_filters(filters_text(filters)) == tuple(filters)


def test_the_text_is_what_a_person_would_write() -> None:
    text = "flag_bad,!flag_warn,?flag_uncertain_teff,teff:4000..5000,snr:..50,field:M67,telescope:=apo25m,verdict:none"
    assert filters_text(read_filters(text)) == text
    assert [chosen.words for chosen in read_filters(text)] == [
        "flag_bad is set",
        "flag_warn is not set",
        "flag_uncertain_teff is undecided",
        "Teff 4000 to 5000 K",
        "S/N up to 50",
        "field contains M67",
        "telescope is apo25m",
        "no verdict",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("teff:5000..4000", "is not a range"),
        ("teff:a..b", "is not a range"),
        ("teff:nan..", "is not a range"),
        ("teff:", "lacks a value"),
        (":4", "lacks a column"),
        ("!", "names no column"),
        ("x" * (MAX_TEXT + 1), "is the most"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_filters(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name:1..2", "holds texts"),
        ("name", "not a flag"),
        ("teff:warm", "holds numbers"),
        ("2M17", "write text:2M17"),
        ("Teff:1..2", "Did you mean teff"),
        ("?teff", "not a flag"),
    ],
)
def test_a_filter_of_another_kind_of_column_is_refused(text: str, said: str) -> None:
    table = MadeTable(name=["a"], teff=[1.0], result_flags=[0], flags_undecided=[0])
    with pytest.raises(SettingsError, match=said):
        mask_of(Columns(table), read_filters(text))


def test_no_number_passes_no_range() -> None:
    columns = Columns(MadeTable(x=[np.nan, 1.0, math.inf, -math.inf]))
    assert mask_of(columns, [Between("x")]).tolist() == [False, True, True, True]
    assert mask_of(columns, [Flagged("x")]).tolist() == [False, True, False, False]


def test_undecided_is_what_the_flag_report_says() -> None:
    """Over many made answers, some near their thresholds."""
    rng = np.random.default_rng(4)
    reports = [_report(rng) for _ in range(400)]
    columns = Columns(
        MadeTable(
            result_flags=[report.result_flags for report in reports],
            flags_undecided=[report.flags_undecided for report in reports],
        )
    )
    expected = {
        "flag_warn": [report.warn_undecided for report in reports],
        "flag_bad": [report.bad_undecided for report in reports],
        **{flag.name: [report[flag.name].undecided for report in reports] for flag in FLAGS},
    }
    for name, truth in expected.items():
        assert mask_of(columns, [Flagged(name, "undecided")]).tolist() == truth, name
        assert name == "flag_no_result" or 0 < sum(truth) < len(truth)


def _report(rng: np.random.Generator) -> FlagReport:
    value, error = np.full(22, 0.1), np.full(22, 0.05)
    value[:2], error[:2] = (4000.0, 2.0), (rng.normal(300, 60), rng.normal(0.2, 0.05))
    error[19] = rng.normal(0.012, 0.004)
    scatter = rng.normal(size=50)
    draws = {label: Influence(scatter * 0, scatter * size) for label, size in ((0, 100.0), (1, 0.1), (19, 0.01))}
    return check_flags(value, error, draws)


def test_without_counted_draws_no_flag_is_undecided() -> None:
    assert not mask_of(Columns(MadeTable(flag_bad=[True, False])), [Flagged("flag_bad", "undecided")]).any()


def test_verdicts_are_none_any_or_one() -> None:
    columns = Columns(MadeTable(verdict=["", "good", "bad"]))
    for which, expected in {"none": [0], "any": [1, 2], "Good": [1], "ask": []}.items():
        assert np.flatnonzero(mask_of(columns, [Verdict(which)])).tolist() == expected
