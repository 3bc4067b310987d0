"""What the number of draws leaves open: the Monte Carlo error of the value and of the error of a label.

Value and error are functions of means over the draws. To first order each draw moves such a function by its
*influence* over the number of draws, and the scatter of the influences is the Monte Carlo error (the delta
method, or infinitesimal jackknife). Influences add up like derivatives, so that whatever is computed of
value and error together, a share or a distance to a threshold, knows that the same draws made both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.posterior import Posterior

FEWEST = 10
"""Draws from which the scatter of their influences can be known at all."""

CLEAR = 3.0
"""Monte Carlo errors between a number and its threshold from which more draws are not expected to turn it: of
two runs of equal length then fewer than 2 in 100 differ."""


@dataclass(frozen=True, eq=False)
class Influence:
    """How each draw moves the value and the error of a label.

    Attributes
    ----------
    value, error : ndarray, shape (mc_num,)
        Label units; each has mean 0.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]


def influence(posterior: Posterior, label: int, scale: float = 1.0) -> Influence:
    """The influences on one label.

    Parameters
    ----------
    posterior : Posterior
    label : int
    scale : float
        Of the noise model, which multiplies the raw error; its offset moves nothing.
    """
    draws, log_variance = posterior.draws[:, label], posterior.log_variance[:, label]
    with np.errstate(all="ignore"):  # draws without a finite variance have no influence that is a number
        value = draws - draws.mean()
        square = _square(value)
        predicted = np.exp(np.mean(log_variance)) * posterior.labels_std[label] ** 2
        raw_error = math.sqrt(np.var(draws, ddof=1) + predicted)
        moved = square + predicted * (log_variance - log_variance.mean())
        return Influence(value, scale * moved / (2 * raw_error))


def _square(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Influences on the variance, never narrower than those of normal draws: few draws rarely show the tails."""
    variance = np.mean(value**2)
    square: NDArray[np.float64] = value**2 - variance
    found, normal = np.mean(square**2), 2 * variance**2
    return square * math.sqrt(normal / found) if 0 < found < normal else square


def monte_carlo_error(influences: NDArray[np.float64]) -> float:
    """The standard error of what has these influences; infinite for too few draws to know it."""
    n = len(influences)
    if n < FEWEST:
        return math.inf
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.sum(influences**2) / (n * (n - 1))))
