"""Which of the main labels lie outside what the weights have learned; nothing in an error need show it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.science.labels import FE_H, LABELS, LOGG, TEFF, Label
from inspector.science.number_format import apart_places, decimals, fixed, range_text
from inspector.science.weights_card import WeightsCard

MAIN = (TEFF, LOGG, FE_H)
"""The labels of the full-spectrum branch: a star is placed by them, and every abundance leans on them."""


def outside_training(value: NDArray[np.float64], error: NDArray[np.float64], card: WeightsCard) -> str:
    """Which of the main labels lie outside the training range of the weights, as a sentence; empty where none does.

    Parameters
    ----------
    value, error : ndarray, shape (22,)
        Label units; the error decides how many digits are written.
    card : WeightsCard
    """
    outside = [
        _beyond(LABELS[i], float(value[i]), float(error[i]), low, high)
        for i in MAIN
        for low, high in [card.ranges.get(LABELS[i].name, (-np.inf, np.inf))]
        if not low <= value[i] <= high
    ]
    return f"Outside what the weights were trained on: {', '.join(outside)}." if outside else ""


def _beyond(label: Label, value: float, error: float, low: float, high: float) -> str:
    """``Teff 3643 K (3685 to 6587 K)``: the value as the page writes it, the range without false digits."""
    places = apart_places(decimals(error, label.unit), value, low if value < low else high)
    return f"{label.symbol} {fixed(value, places, label.unit)} ({range_text(low, high, places, label.unit)})"
