"""What may count as an answer at all: a network asked about absurd flux answers with absurd numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.science.labels import LABELS
from inspector.science.number_format import fixed, plain
from inspector.science.posterior import Posterior

LARGEST = {"K": 1e5, "dex": 100.0}
"""The largest label and the largest error taken for an answer, by unit, either sign. No star that APOGEE sees comes
near: the hottest photospheres stay below 100,000 K, and 100 dex are a factor of 10 to the 100."""


def why_impossible(posterior: Posterior) -> str:
    """Which label is not finite or beyond `LARGEST`, as a sentence; empty where every label is an answer."""
    value, error = posterior.value, posterior.total_error
    largest = np.array([LARGEST[label.unit] for label in LABELS])
    wrong = ~((np.abs(value) <= largest) & (np.abs(error) <= largest))  # NaN is wrong
    if not wrong.any():
        return ""
    first = int(np.flatnonzero(wrong)[0])
    others = f", and {wrong.sum() - 1} more labels are no better" if wrong.sum() > 1 else ""
    return (
        f"The network's answer cannot be a star's: {_said(first, value, error)}; up to"
        f" {plain(LARGEST[LABELS[first].unit], LABELS[first].unit)} would count as an answer{others}."
        " Look for unmasked pixels with absurd flux."
    )


def _said(label: int, value: NDArray[np.float64], error: NDArray[np.float64]) -> str:
    wrong = np.abs(value[label]) <= LARGEST[LABELS[label].unit]  # then it is the error
    number = float((error if wrong else value)[label])
    text = "not a number" if np.isnan(number) else fixed(number, 0, LABELS[label].unit)
    return f"{'the error of ' if wrong else ''}{LABELS[label].symbol} is {text}"
