"""Agreement of two reviewers, against a table worked out by hand and the definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.science.agreement import agreement


def test_a_table_worked_out_by_hand():
    """20 twice yes, 5 and 10 apart, 15 twice no: 0.7 against 0.5 by chance."""
    pairs = [(4, 4)] * 20 + [(4, 2)] * 5 + [(2, 4)] * 10 + [(2, 2)] * 15
    found = agreement(pairs)
    assert (found.n, found.share) == (50, 0.7)
    assert found.kappa == pytest.approx((0.7 - 0.5) / (1 - 0.5))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_kappa_is_the_sum_over_the_table_of_counts(pairs):
    found, n = agreement(pairs), len(pairs)
    by_chance = sum(sum(a == q for a, _ in pairs) / n * sum(b == q for _, b in pairs) / n for q in range(5))
    if by_chance == 1:
        assert math.isnan(found.kappa) and found.share == 1
    else:
        assert found.kappa == pytest.approx((found.share - by_chance) / (1 - by_chance))
    assert agreement((b, a) for a, b in pairs) == found or math.isnan(found.kappa)


def test_with_nothing_in_common_nothing_is_claimed():
    found = agreement([])
    assert found.n == 0 and math.isnan(found.share) and math.isnan(found.kappa)
