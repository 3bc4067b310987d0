"""Lay a model over an observed spectrum: velocity, broadening and a smooth continuum per chip that suit it best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inspector.science.line_profile import (
    MAX_SPEED,
    MIN_VARIANCE,
    MovableSpectrum,
    broadening_of,
    chip_slices,
)
from inspector.science.spectrum import N_CHIP_PIXELS

Array = NDArray[np.float64]

CONTINUUM_TERMS = 10
"""Chebyshev terms of the continuum left in each chip: what is smoother than 250 pixels is no line."""

STARTS = (0.0, 15.0, 40.0, 90.0)
"""Rotation from which the fit is begun, km/s."""

MAX_STEPS = 12

MAX_HALVINGS = 6

CONVERGED = 1e-3
"""Change of velocity (km/s) and broadening ((km/s)²) below which they are found."""

_LEAST, _MOST = MIN_VARIANCE, broadening_of(MAX_SPEED)


@dataclass(frozen=True, eq=False)
class Alignment:
    """A model laid over an observed spectrum.

    Attributes
    ----------
    velocity, e_velocity : float
        Of the observed spectrum in the model's frame, and the error that the weights allow; km/s.
    broadening, e_broadening : float
        Variance that the observed lines have beyond the model's, (km/s)².
    continuum : ndarray, shape (3, CONTINUUM_TERMS)
        Chebyshev coefficients by which the observed continuum of each chip differs from 1.
    flux : ndarray, shape (7514,)
        The model, moved, broadened and with that continuum.
    lines : ndarray, shape (7514,)
        The same without that continuum.
    chi2 : float
    """

    velocity: float
    e_velocity: float
    broadening: float
    e_broadening: float
    continuum: Array
    flux: Array
    lines: Array
    chi2: float


@cache
def continuum_basis() -> Array:
    """Chebyshev terms of each chip side by side. Shape (7514, 3 · CONTINUUM_TERMS), read-only."""
    basis = np.zeros((N_CHIP_PIXELS, len(chip_slices()), CONTINUUM_TERMS))
    for chip, pixels in enumerate(chip_slices()):
        x = np.linspace(-1, 1, pixels.stop - pixels.start)
        basis[pixels, chip] = np.polynomial.chebyshev.chebvander(x, CONTINUUM_TERMS - 1)
    flat: Array = basis.reshape(N_CHIP_PIXELS, -1)
    flat.setflags(write=False)
    return flat


def align(observed: Array, weight: Array, model: Array, velocity: float) -> Alignment:
    """Fit velocity, broadening and continuum by Gauss-Newton, from a velocity nearby.

    Parameters
    ----------
    observed, model : ndarray, shape (7514,)
        Normalised flux.
    weight : ndarray, shape (7514,)
        1/σ², 0 where the pixel does not count.
    velocity : float
        km/s, within a line's width of the best.
    """
    movable = MovableSpectrum(model)
    tried = [(_chi2(observed, weight, movable.at(velocity, broadening_of(speed))), speed) for speed in STARTS]
    at = np.array([velocity, broadening_of(min(tried)[1])])
    for _ in range(MAX_STEPS):
        moved = _step(observed, weight, movable, at)
        settled = bool(np.abs(moved - at).max() < CONVERGED)
        at = moved
        if settled:
            break
    return _result(observed, weight, movable, at)


def without_continuum(columns: Array, weight: Array, flux: Array) -> tuple[Array, Array]:
    """What is left of some columns (7514, m) after the smooth continuum times `flux` that suits each best.

    Also its coefficients, (3, CONTINUUM_TERMS, m).
    """
    left, coefficients = columns.copy(), np.zeros((len(chip_slices()), CONTINUUM_TERMS, columns.shape[1]))
    for chip, pixels in enumerate(chip_slices()):
        own = slice(chip * CONTINUUM_TERMS, (chip + 1) * CONTINUUM_TERMS)
        basis = flux[pixels, None] * continuum_basis()[pixels, own]
        weighted = basis * weight[pixels, None]
        normal = weighted.T @ basis
        normal[np.diag_indices_from(normal)] += 1e-10 * np.trace(normal) + 1e-300
        coefficients[chip] = np.linalg.solve(normal, weighted.T @ columns[pixels])
        left[pixels] -= basis @ coefficients[chip]
    return left, coefficients


def _step(observed: Array, weight: Array, movable: MovableSpectrum, at: Array) -> Array:
    """Velocity and broadening after one Gauss-Newton step, halved until χ² falls; as they were where it does not."""
    normal, slope, chi2 = _normal_equations(observed, weight, movable, at)
    step = np.linalg.lstsq(normal, slope, rcond=None)[0]
    for _ in range(MAX_HALVINGS):
        moved = np.array([at[0] + step[0], np.clip(at[1] + step[1], _LEAST, _MOST)])
        if _chi2(observed, weight, movable.at(*moved)) <= chi2:
            return moved
        step = step / 2
    return at


def _normal_equations(
    observed: Array, weight: Array, movable: MovableSpectrum, at: Array
) -> tuple[Array, Array, float]:
    """Of velocity and broadening, (2, 2) and (2,), the continuum being free; and χ²."""
    flux = movable.at(*at)
    left, _ = without_continuum(np.column_stack([observed - flux, *movable.slopes(*at)]), weight, flux)
    products = (left * weight[:, None]).T @ left
    return products[1:, 1:], products[1:, 0], float(products[0, 0])


def _chi2(observed: Array, weight: Array, flux: Array) -> float:
    left, _ = without_continuum((observed - flux)[:, None], weight, flux)
    return float(weight @ left[:, 0] ** 2)


def _result(observed: Array, weight: Array, movable: MovableSpectrum, at: Array) -> Alignment:
    flux = movable.at(*at)
    normal, _, chi2 = _normal_equations(observed, weight, movable, at)
    error = np.sqrt(np.diag(np.linalg.pinv(normal)))
    left, continuum = without_continuum((observed - flux)[:, None], weight, flux)
    laid = observed - left[:, 0]
    return Alignment(float(at[0]), float(error[0]), float(at[1]), float(error[1]), continuum[:, :, 0], laid, flux, chi2)
