"""Flags: each rule at its threshold, and what is neither above nor below."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.science.flag_rules import FLAGS, flag_names
from inspector.science.flags import check_flags, no_result_flags
from inspector.science.labels import FE_H, LABELS, LOGG, TEFF


def judged(teff=(4500.0, 50.0), logg=(2.0, 0.1), fe_h=(-0.5, 0.03)):
    value, error = np.zeros((2, len(LABELS)))
    for label, (v, e) in {TEFF: teff, LOGG: logg, FE_H: fe_h}.items():
        value[label], error[label] = v, e
    return check_flags(value, error)


def names(report):
    return set(flag_names(report.result_flags))


def test_a_quiet_star_has_no_flag():
    report = judged()
    assert report.result_flags == 0
    assert not report.warn and not report.bad


@pytest.mark.parametrize(
    ("numbers", "flags"),
    [
        ({"teff": (4500, 300.0)}, set()),
        ({"teff": (4500, 300.1)}, {"flag_uncertain_teff"}),
        ({"logg": (2.0, 0.2)}, set()),
        ({"logg": (2.0, 0.21)}, {"flag_uncertain_logg"}),  # 0.105 > 0.075 too
        ({"logg": (4.0, 0.25)}, set()),  # 0.25 > 0.2, but 0.0625 is not above 0.075
        ({"logg": (1.0, 0.15)}, set()),  # 0.15 > 0.075, but not above 0.2
        ({"logg": (-1.0, 0.3)}, {"flag_uncertain_logg"}),
        ({"fe_h": (-0.5, 0.06)}, set()),
        ({"fe_h": (-0.5, 0.0601)}, {"flag_uncertain_fe_h"}),
        ({"fe_h": (0.5, 0.0601)}, {"flag_uncertain_fe_h"}),
    ],
    ids=str,
)
def test_thresholds(numbers, flags):
    assert names(judged(**numbers)) == flags


@pytest.mark.parametrize(
    ("numbers", "flags"),
    [
        ({"fe_h": (0.0, 0.01)}, {"flag_uncertain_fe_h"}),  # any error is large beside exactly nothing
        ({"fe_h": (0.0, 0.0)}, set()),
        ({"logg": (0.0, 0.3)}, {"flag_uncertain_logg"}),
        ({"logg": (0.0, 0.1)}, set()),
        ({"teff": (np.nan, np.nan)}, {"flag_uncertain_teff"}),  # nobody can vouch for it
        ({"fe_h": (np.nan, 0.01)}, {"flag_uncertain_fe_h"}),
        ({"logg": (2.0, np.nan)}, {"flag_uncertain_logg"}),
        ({"teff": (4500, np.inf)}, {"flag_uncertain_teff"}),
    ],
    ids=str,
)
def test_division_by_zero_and_no_number(numbers, flags):
    assert names(judged(**numbers)) == flags


def test_bad_is_all_three_together():
    assert judged(teff=(4500, 400), logg=(2, 0.5), fe_h=(-0.5, 0.2)).bad
    two = judged(teff=(4500, 400), logg=(2, 0.5))
    assert two.warn and not two.bad


def test_bits_are_those_of_the_tables():
    assert {flag.name: flag.bit for flag in FLAGS} == {
        "flag_uncertain_logg": 0,
        "flag_uncertain_teff": 1,
        "flag_uncertain_fe_h": 2,
        "flag_no_result": 11,
    }


def test_no_result_is_a_warning_and_nothing_else():
    report = no_result_flags()
    assert report.result_flags == 1 << 11
    assert report.warn and not report.bad


def test_margin_is_of_the_condition_that_decides():
    check = judged(logg=(4.0, 0.25))["flag_uncertain_logg"]
    assert check.margin == pytest.approx(0.0625 / 0.075)
    assert judged(teff=(4500, 61))["flag_uncertain_teff"].margin == pytest.approx(61 / 300)


def test_words_carry_the_numbers():
    check = judged(logg=(2.0, 0.31))["flag_uncertain_logg"]
    assert check.flag.rule == "error of log g > 0.2 dex and |error of log g / log g| > 0.075"
    assert [part.text for part in check.checks] == ["0.31 dex against 0.2 dex", "0.155 against 0.075"]


@given(*[st.tuples(st.floats(-1e4, 1e4), st.floats(0, 1e3)) for _ in range(3)])
def test_margin_above_one_means_set(teff, logg, fe_h):
    for check in judged(teff, logg, fe_h).checks[:-1]:
        assert check.is_set == (check.margin > 1)
