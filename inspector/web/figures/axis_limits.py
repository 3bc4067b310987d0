"""Axes that settle on the first chunk of draws and widen only when they must."""

from __future__ import annotations

import math

import numpy as np
from bokeh.models import Range1d
from numpy.typing import ArrayLike, NDArray

Limits = tuple[float, float]

PADDING = 0.08


def fixed_range(low: float, high: float) -> Range1d:
    """An axis with these ends."""
    return Range1d(start=low, end=high)


def settle(current: Limits | None, wanted: Limits) -> Limits:
    """The limits to show.

    Parameters
    ----------
    current : (float, float) or None
        Limits on screen; None for the first chunk.
    wanted : (float, float)
        What must be seen.

    Returns
    -------
    (float, float)
        `current` itself where it holds `wanted`; else both together, padded where they grew.
    """
    low, high = wanted
    pad = PADDING * (high - low) or abs(low) * 1e-3 or 1.0
    if current is None:
        return low - pad, high + pad
    if current[0] <= low and high <= current[1]:
        return current
    return (
        current[0] if current[0] <= low else low - pad,
        current[1] if high <= current[1] else high + pad,
    )


def bin_edges(draws: ArrayLike, per_sigma: float = 2.0) -> NDArray[np.float64]:
    """Edges of a histogram that stand still while draws arrive.

    The width is 1, 2 or 5 times a power of ten, near half of the draws' standard deviation, and edges are its whole
    multiples.
    """
    draws = np.asarray(draws, dtype=np.float64)
    sigma = float(draws.std()) if draws.size > 1 else 0.0
    middle = abs(float(draws.mean()))
    spread = sigma > 1e-12 * middle  # else the draws are one number, rounded
    width = round_width(sigma / per_sigma) if spread else max(middle * 1e-3, 1e-6)
    first, last = math.floor(draws.min() / width), math.ceil(draws.max() / width)
    return np.arange(first, max(last, first + 1) + 1) * width


def round_width(width: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that `width` reaches."""
    power = 10.0 ** math.floor(math.log10(width))
    return max(step * power for step in (1, 2, 5) if step * power <= width * (1 + 1e-9))


def hill(draws: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outline of a histogram scaled to a peak of 1, closed at 0; x and height, shape (2n + 2,)."""
    edges = bin_edges(draws)
    counts = np.histogram(draws, edges)[0] / max(np.histogram(draws, edges)[0].max(), 1)
    x = np.repeat(edges, 2)
    return x, np.r_[0, np.repeat(counts, 2), 0]
