"""A table's answer against the live one: signs, sigmas, what is missing, and flags."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.science.answer_comparison import compare_answers
from inspector.science.labels import LABELS, TEFF

N = len(LABELS)


def answer(value=1.0, error=0.1):
    return np.full(N, float(value)), np.full(N, float(error))


def test_the_difference_is_live_minus_table_in_both_errors():
    made = compare_answers(answer(4600, 30), answer(4650, 40))
    assert made.difference[TEFF] == 50
    assert made.in_sigma[TEFF] == 1.0  # 50 of hypot(30, 40)


@given(
    st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.one_of(st.just(math.nan), st.floats(0, 1e3)), st.floats(1e-3, 1e3)
)
def test_sigmas_of_any_numbers(first, second, error, other):
    made = compare_answers(answer(first, error), answer(second, other))
    known = 0.0 if math.isnan(error) else error
    assert made.in_sigma[0] == pytest.approx((second - first) / math.sqrt(known**2 + other**2))
    assert (made.largest is None) == bool(np.isnan(made.in_sigma[0]))


def test_a_label_that_one_lacks_is_not_compared():
    value, error = answer(1)
    value[3] = math.nan
    made = compare_answers((value, error), answer(5))
    assert math.isnan(made.difference[3])
    assert made.labels == N - 1
    assert LABELS[3].name not in made.noticeable


def test_without_any_error_there_is_a_difference_but_no_sigma():
    made = compare_answers(answer(1, math.nan), answer(2, math.nan))
    assert made.difference[0] == 1
    assert np.isnan(made.in_sigma).all()
    assert made.largest is None
    assert made.noticeable == ()


def test_the_largest_difference_comes_first():
    value, error = answer(1, 0.3)
    value[2], value[7] = 5, -9
    made = compare_answers(answer(1, 0.4), (value, error))
    assert made.largest == 7
    assert made.noticeable == (LABELS[7].name, LABELS[2].name)


def test_flags_that_went_and_came():
    made = compare_answers(answer(), answer(), (0b001, 0b110))
    assert made.flags_gone == ("flag_uncertain_logg",)
    assert made.flags_new == ("flag_uncertain_teff", "flag_uncertain_fe_h")
    assert made.flags_differ


def test_a_table_without_flags_does_not_differ_in_them():
    assert not compare_answers(answer(), answer(), (None, 0b111)).flags_differ
