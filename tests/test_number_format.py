"""How numbers are written: digits by the error, arithmetic that agrees, nothing long, one spelling."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.science.number_format import (
    ABSURD,
    apart_places,
    decimals,
    error_text,
    fixed,
    percent,
    plain,
    quadrature_places,
    range_text,
    significant,
    value_error,
)

LONGEST = 44
"""Characters of the longest text of one value with its error and unit."""

errors = st.floats(1e-5, 1e5)


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (4312.3, 61.2, "K", "4312 ± 61 K"),
        (4312.3, 261.2, "K", "4312 ± 261 K"),
        (-0.1234, 0.052, "dex", "−0.123 ± 0.052 dex"),
        (-0.001, 0.29, "dex", "0.00 ± 0.29 dex"),
        (0.5, 0.0996, "", "0.50 ± 0.10"),
        (1.234, math.nan, "dex", "1.23 ± ? dex"),
        (4312.3, math.nan, "K", "4312 ± ? K"),
        (math.nan, 0.1, "", "— ± 0.10"),
        (4312.3, 0.0, "K", "4312 ± 0 K"),
        (0.2, 1e-12, "dex", "0.200000 ± 1e−12 dex"),
        (-2.3e25, 1.4e24, "dex", "−2e25 ± 1e24 dex (absurd)"),
        (0.25, 1e25, "dex", "0.25 ± 1e25 dex (absurd)"),
        (math.inf, math.nan, "K", "∞ ± ? K (absurd)"),
        (0.1, -math.inf, "", "0.10 ± −∞ (absurd)"),
        (546905.57, 7e228, "K", "5e5 ± 7e228 K (absurd)"),
    ],
)
def test_values_have_the_digits_their_errors_allow(value: float, error: float, unit: str, text: str) -> None:
    assert value_error(value, error, unit) == text


def test_a_monte_carlo_error_has_one_digit() -> None:
    assert value_error(1.0134, 0.0621, "× the threshold", digits=1) == "1.01 ± 0.06 × the threshold"
    assert value_error(3.23, 0.41, "σ", digits=1) == "3.2 ± 0.4 σ"


def test_numbers_by_themselves() -> None:
    assert [percent(x) for x in (0, 0.0004, 0.038, 0.0996, 0.5, math.nan)] == ["0%", "<0.1%", "3.8%", "10%", "50%", "—"]
    assert [significant(x) for x in (0.83, 1.1, 0.0, -0.001234, 4312.7)] == ["0.830", "1.10", "0", "−0.00123", "4313"]
    assert [plain(x, "dex") for x in (0.2, 300.0)] == ["0.2 dex", "300 dex"] and plain(1e-8) == "1e−08"
    assert range_text(3685.01, 6587.25, 0, "K") == "3685 to 6587 K"
    assert range_text(-2.3e5, 1.2e6, 0, "K") == "−2e5 to 1e6 K (absurd)"
    assert fixed(-2e7, 3) == "−2e7 (absurd)" and percent(1e30) == "1e32% (absurd)"


def test_two_numbers_of_which_one_is_larger_are_not_written_alike() -> None:
    assert apart_places(decimals(61, "K"), 300.04, 300.0) == 2
    assert apart_places(0, 300.0, 300.0) == 0 and apart_places(0, math.nan, 1.0) == 0


@given(errors, errors)
def test_what_is_printed_adds_up_in_quadrature(one: float, other: float) -> None:
    total = math.hypot(one, other)
    places = quadrature_places((one, other), total)
    if total >= ABSURD:
        return
    printed = [round(number, places) for number in (one, other, total)]
    assert abs(math.hypot(*printed[:2]) - printed[2]) < 1.21 * 10.0**-places
    assert places >= decimals(total)


@given(st.floats(0.1, 9.99).map(lambda x: round(x, 2)), st.floats(0.1, 9.99).map(lambda x: round(x, 2)))
def test_two_decimals_of_the_parts_give_the_total_a_calculator_gives(one: float, other: float) -> None:
    places = quadrature_places((one, other), math.hypot(one, other))
    again = math.hypot(round(one, places), round(other, places))
    assert fixed(again, places) == fixed(math.hypot(one, other), places)


@given(st.floats(), st.floats(), st.sampled_from(["", "K", "dex"]))
def test_no_text_is_long_and_one_pair_has_one_text(value: float, error: float, unit: str) -> None:
    texts = [value_error(value, error, unit), error_text(error, unit), significant(value, 3, unit), plain(value, unit)]
    texts += [fixed(value, places, unit) for places in range(7)] + [percent(value)]
    assert max(map(len, texts)) <= LONGEST
    assert "nan" not in "".join(texts) and "inf" not in "".join(texts)
    assert value_error(value, error, unit) == texts[0]


@given(st.floats(-1e5, 1e5), errors)
def test_a_value_alone_is_written_as_beside_its_error(value: float, error: float) -> None:
    both = value_error(value, error, "dex")
    assert both == f"{fixed(value, decimals(error))} ± {error_text(error)} dex"
