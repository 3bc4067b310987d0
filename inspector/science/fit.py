"""A second opinion: the labels whose model spectrum fits best, found without any network.

Levenberg-Marquardt over Teff, log g, [X/Fe], velocity and broadening; the smooth continuum of each chip is linear and
solved for at every step, so that it is no parameter of the search. Labels stay where the model holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.exceptions import SettingsError, SpectrumError
from inspector.science.alignment import without_continuum
from inspector.science.cross_correlation import cross_correlate
from inspector.science.goodness_of_fit import PARAMETERS, GoodnessOfFit, fit_weight, goodness_of_fit
from inspector.science.labels import FE_H, LABEL_NAMES
from inspector.science.line_profile import MAX_SPEED, MIN_VARIANCE, MovableSpectrum, broadening_of, moved_columns
from inspector.science.model_spectrum import SpectrumModel, absolute_labels, relative_labels
from inspector.science.spectrum import NormalizedSpectrum

Array = NDArray[np.float64]

N_LABELS = len(LABEL_NAMES)

MAX_ITERATIONS = 30

SETTLED = 0.05
"""Decrease of χ² in a step below which the fit has come to its end."""

LEAST_DAMPING, MOST_DAMPING = 1e-6, 1e6

_SCALE = np.array([100.0, *[0.1] * (N_LABELS - 1), 1.0, 10.0])
"""Of Teff, log g and abundances, velocity, broadening: a step of one is small but seen."""


@dataclass(frozen=True, eq=False)
class Fit:
    """The labels whose model fits a spectrum best.

    Attributes
    ----------
    labels, errors : ndarray, shape (22,)
        In label units and order. The errors are formal: photon noise and the model's error, scaled up by the square
        root of a reduced χ² above 1; infinite for a label that stands at a bound.
    velocity, e_velocity : float
        km/s.
    at_bound : tuple of str
        Labels that the range of the model stopped.
    iterations : int
    settled : bool
        Whether χ² had come to its end; if not, the iterations had.
    goodness : GoodnessOfFit
        Of these labels: χ², broadening, residual, and whether they explain the spectrum at all.
    """

    labels: Array
    errors: Array
    velocity: float
    e_velocity: float
    at_bound: tuple[str, ...]
    iterations: int
    settled: bool
    goodness: GoodnessOfFit

    @property
    def chi2(self) -> float:
        """Reduced."""
        return self.goodness.chi2

    def pulls(self, value: ArrayLike, error: ArrayLike) -> Array:
        """Another answer minus this one, in σ of both. Shape (22,)."""
        return np.asarray((np.asarray(value) - self.labels) / np.hypot(np.asarray(error), self.errors))


@dataclass(frozen=True, eq=False)
class _Problem:
    """What is fitted, and how wrong a trial is. A trial is [Teff, log g, [X/Fe] …, velocity, broadening] (24,)."""

    spectrum: NormalizedSpectrum
    model: SpectrumModel
    low: Array
    high: Array

    def flux(self, trial: Array) -> tuple[Array, Array]:
        """The model at rest, and moved and broadened. Each (7514,)."""
        rest = self.model.flux(absolute_labels(trial[:N_LABELS]))
        return rest, MovableSpectrum(rest).at(*trial[N_LABELS:])

    def chi2(self, trial: Array, weight: Array) -> float:
        """The continuum free."""
        _, flux = self.flux(trial)
        left, _ = without_continuum((self.spectrum.flux - flux)[:, None], weight, flux)
        return float(weight @ left[:, 0] ** 2)

    def normal_equations(self, trial: Array, weight: Array) -> tuple[Array, Array, float]:
        """Of the parameters over `_SCALE`: (24, 24), (24,); and χ²."""
        rest, flux = self.flux(trial)
        labels = absolute_labels(trial[:N_LABELS])
        by_label = moved_columns(self.model.gradient(labels) @ absolute_labels(np.eye(N_LABELS)).T, *trial[N_LABELS:])
        slopes = np.column_stack([by_label, *MovableSpectrum(rest).slopes(*trial[N_LABELS:])]) * _SCALE
        left, _ = without_continuum(np.column_stack([self.spectrum.flux - flux, slopes]), weight, flux)
        products = (left * weight[:, None]).T @ left
        return products[1:, 1:], products[1:, 0], float(products[0, 0])

    def weight(self, trial: Array) -> Array:
        """1/σ² with the model's error at a trial. Shape (7514,)."""
        return fit_weight(self.spectrum, self.model.error(self.flux(trial)[1]))


def fit(spectrum: NormalizedSpectrum, start: ArrayLike, model: SpectrumModel) -> Fit:
    """Find the labels whose model fits best.

    Parameters
    ----------
    spectrum : NormalizedSpectrum
    start : array_like, shape (22,)
        Labels to begin from, in label units and order; a network's answer serves.
    model : SpectrumModel

    Raises
    ------
    SettingsError
        If the start is not 22 finite numbers.
    SpectrumError
        If fewer pixels are measured than parameters are fitted.
    """
    begin = np.asarray(start, dtype=np.float64)
    if begin.shape != (N_LABELS,) or not np.isfinite(begin).all():
        raise SettingsError(f"A fit begins from {N_LABELS} finite labels, in the order {', '.join(LABEL_NAMES)}.")
    if np.count_nonzero(spectrum.good) < PARAMETERS + N_LABELS:
        raise SpectrumError(f"Only {np.count_nonzero(spectrum.good)} pixels are measured: there is nothing to fit.")
    problem = _Problem(
        spectrum,
        model,
        np.append(model.low, [-np.inf, MIN_VARIANCE]),
        np.append(model.high, [np.inf, broadening_of(MAX_SPEED)]),
    )
    trial = _first_trial(problem, model.nearest(begin))
    iterations, settled, damping = 0, False, 1e-3
    while iterations < MAX_ITERATIONS and not settled:
        trial, damping, gain = _step(problem, trial, damping)
        iterations, settled = iterations + 1, gain < SETTLED
    return _result(problem, trial, iterations, settled)


def _first_trial(problem: _Problem, labels: Array) -> Array:
    flux = problem.model.flux(labels)
    weight = fit_weight(problem.spectrum, problem.model.error(flux))
    crossed = cross_correlate(problem.spectrum.flux, weight, flux)
    return np.append(relative_labels(labels), [crossed.first, 0.0])


def _step(problem: _Problem, trial: Array, damping: float) -> tuple[Array, float, float]:
    """The next trial, the damping for the one after it, and by how much χ² fell."""
    weight = problem.weight(trial)
    normal, slope, chi2 = problem.normal_equations(trial, weight)
    while damping < MOST_DAMPING:
        step = _bounded_step(problem, trial, normal, slope, damping)
        moved = np.clip(trial + step, problem.low, problem.high)
        moved_chi2 = problem.chi2(moved, weight)
        if moved_chi2 <= chi2:
            return moved, max(damping / 10, LEAST_DAMPING), chi2 - moved_chi2
        damping *= 10
    return trial, damping, 0.0


def _bounded_step(problem: _Problem, trial: Array, normal: Array, slope: Array, damping: float) -> Array:
    """A damped step of those parameters that no bound stops: what is stopped is left out and the rest solved anew."""
    free = np.ones(len(trial), dtype=bool)
    step = np.zeros(len(trial))
    damped = normal + damping * np.diag(np.diag(normal)) + 1e-9 * np.trace(normal) * np.eye(len(trial))
    for _ in range(len(trial)):
        step[:] = 0
        step[free] = np.linalg.solve(damped[np.ix_(free, free)], slope[free]) * _SCALE[free]
        outward = free & (_at(trial, problem.low) & (step < 0) | _at(trial, problem.high) & (step > 0))
        if not outward.any():
            break
        free &= ~outward
    return step


def _at(trial: Array, bound: Array) -> NDArray[np.bool_]:
    return np.isfinite(bound) & (np.abs(trial - bound) < 1e-9 * (1 + np.abs(trial)))


def _result(problem: _Problem, trial: Array, iterations: int, settled: bool) -> Fit:
    normal, _, _ = problem.normal_equations(trial, problem.weight(trial))
    free = ~(_at(trial, problem.low) | _at(trial, problem.high))
    covariance = np.zeros((len(trial), len(trial)))
    covariance[np.ix_(free, free)] = np.linalg.pinv(normal[np.ix_(free, free)]) * np.outer(_SCALE[free], _SCALE[free])
    labels = absolute_labels(trial[:N_LABELS])
    goodness = goodness_of_fit(problem.spectrum, labels, problem.model)
    grown = max(goodness.chi2, 1.0) ** 0.5
    turned = absolute_labels(np.eye(N_LABELS)).T  # from [X/Fe] to [X/H]
    errors = np.sqrt(np.diag(turned @ covariance[:N_LABELS, :N_LABELS] @ turned.T)) * grown
    stopped = ~free[:N_LABELS]
    errors[stopped] = np.inf
    if stopped[FE_H]:
        errors[2:] = np.inf  # every [X/H] is measured from it
    return Fit(
        labels=labels,
        errors=errors,
        velocity=float(trial[N_LABELS]),
        e_velocity=float(np.sqrt(covariance[N_LABELS, N_LABELS]) * grown),
        at_bound=tuple(name for name, stop in zip(LABEL_NAMES, stopped) if stop),
        iterations=iterations,
        settled=settled,
        goodness=goodness,
    )
