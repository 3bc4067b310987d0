"""Which visit is the odd one: how far each stands from all the others, and how well the draws know it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inspector.science.monte_carlo_error import CLEAR, FEWEST, Influence
from inspector.science.number_format import ABSURD
from inspector.science.star import Star

ODD = 3.0
"""Errors from the other visits' mean from which a visit is called odd."""

FEWEST_VISITS = 3


@dataclass(frozen=True, eq=False)
class Measured:
    """One label of one visit.

    Attributes
    ----------
    value, error : float
        Label units.
    influence : Influence
        How each draw moves them.
    run : hashable
        Equal for two visits whose draws share their random numbers (seed, dropout rate): what chance does to one of
        them it then does to the other.
    """

    value: float
    error: float
    influence: Influence
    run: Hashable

    @property
    def usable(self) -> bool:
        """Whether it can be compared with others."""
        return 0 < self.error < ABSURD and abs(self.value) < ABSURD


@dataclass(frozen=True)
class Pull:
    """Distance of a visit from the others' error-weighted mean, in errors, with its Monte Carlo error."""

    pull: float
    mc_error: float

    @property
    def verdict(self) -> Literal["odd", "open", "agrees"]:
        """``odd`` or ``agrees`` where the pull stands clear of `ODD`; ``open`` where other draws might turn it."""
        distance = abs(self.pull) - ODD
        if not abs(distance) >= CLEAR * self.mc_error:
            return "open"
        return "odd" if distance > 0 else "agrees"


def visit_pulls(visits: Mapping[str, Measured]) -> dict[str, Pull]:
    """How far each visit stands from the mean of all the others; none for fewer than three usable visits.

    The pull of visit k is ``(v_k - m) / hypot(e_k, 1/sqrt(S))``, with the others' mean ``m`` weighted by ``1/e**2`` and
    the sum of their weights ``S``.
    """
    usable = {name: visit for name, visit in visits.items() if visit.usable}
    if len(usable) < FEWEST_VISITS:
        return {}
    value = np.array([visit.value for visit in usable.values()])
    error = np.array([visit.error for visit in usable.values()])
    covariance = _covariance(list(usable.values()))
    known = all(len(visit.influence.value) >= FEWEST for visit in usable.values())
    pulls = {}
    for k, name in enumerate(usable):
        pull, slopes = _pull(value, error, k)
        mc_error = math.sqrt(max(float(slopes @ covariance @ slopes), 0.0)) if known else math.inf
        pulls[name] = Pull(pull, mc_error)
    return pulls


def velocity_scatter(star: Star) -> tuple[float, int]:
    """Scatter of the velocity, km/s, and over how many visits; NaN for a single one, whose file may state another's."""
    told = [visit.observation.v_helio for visit in star.visits]
    measured = np.array([v for v in told if v is not None])
    visits = max(len(measured), star.info.n_visits or 0)
    if visits < 2:
        return math.nan, visits
    if star.info.v_scatter is not None:
        return star.info.v_scatter, visits
    return (float(measured.std(ddof=1)) if len(measured) > 1 else math.nan), visits


def velocity_error(star: Star) -> float:
    """Error of one visit's velocity, km/s, the median over the visits; NaN where the file states none.

    What APOGEE states is too small: Price-Whelan et al. (2020, ApJ 895, 2) find ``(3.5 e**1.2)**2 + 0.072**2`` for its
    square from stars that were visited twice.
    """
    told = [visit.observation.v_error for visit in star.visits]
    stated = np.array([e for e in told if e is not None and 0 < e < ABSURD])
    return float(np.median(np.hypot(3.5 * stated**1.2, 0.072))) if len(stated) else math.nan


def farthest(pulls: Mapping[str, Pull]) -> str:
    """Name of the visit that stands farthest from the others."""
    return max(pulls, key=lambda name: abs(pulls[name].pull))


def _pull(value: NDArray[np.float64], error: NDArray[np.float64], k: int) -> tuple[float, NDArray[np.float64]]:
    """The pull of visit k, and its slopes: along every value, then along every error. Shape (2 n,)."""
    weight = error**-2
    weight[k] = 0.0
    total = weight.sum()
    mean = (weight * value).sum() / total
    spread = np.hypot(error[k], total**-0.5)
    pull = (value[k] - mean) / spread
    by_value = -weight / total / spread
    by_value[k] = 1 / spread
    by_weight = -(value - mean) / (total * spread) + pull / (2 * spread**2 * total**2)
    by_error = by_weight * -2 * weight / error
    by_error[k] = -pull * error[k] / spread**2
    return float(pull), np.concatenate([by_value, by_error])


def _covariance(visits: list[Measured]) -> NDArray[np.float64]:
    """Monte Carlo covariance of all values, then all errors. Shape (2 n, 2 n)."""
    n = len(visits)
    covariance = np.zeros((2 * n, 2 * n))
    runs: dict[tuple[Hashable, int], list[int]] = {}
    for i, visit in enumerate(visits):
        runs.setdefault((visit.run, len(visit.influence.value)), []).append(i)
    for (_, mc_num), members in runs.items():
        rows = [*members, *(n + i for i in members)]
        moved = np.array([visits[i].influence.value for i in members] + [visits[i].influence.error for i in members])
        covariance[np.ix_(rows, rows)] = moved @ moved.T / (mc_num * (mc_num - 1))
    return covariance
