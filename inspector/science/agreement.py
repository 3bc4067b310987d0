"""How far two reviewers agree: the share of equal verdicts, and Cohen's κ, which takes off what chance would give."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Of two reviewers on what both judged.

    Attributes
    ----------
    n : int
        How much both judged.
    share : float
        Part on which they agree, 0 to 1; NaN if they have nothing in common.
    kappa : float
        Cohen's κ: 1 where they always agree, 0 where they agree as often as two people who deal out their verdicts at
        random; NaN where chance alone would have them agree always (both only ever gave one and the same verdict).

    References
    ----------
    Cohen, J. 1960, Educational and Psychological Measurement, 20, 37.
    """

    n: int
    share: float
    kappa: float


def agreement(pairs: Iterable[tuple[Hashable, Hashable]]) -> Agreement:
    """The agreement of two reviewers.

    Parameters
    ----------
    pairs : iterable of (verdict, verdict)
        The first and the second reviewer's verdict on each thing that both judged.
    """
    pairs = list(pairs)
    n = len(pairs)
    if not n:
        return Agreement(0, math.nan, math.nan)
    same = sum(one == other for one, other in pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[verdict] * second[verdict] for verdict in first)  # of n², in whole numbers
    left = n * n - by_chance
    return Agreement(n, same / n, (same * n - by_chance) / left if left else math.nan)
