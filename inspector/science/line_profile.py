"""Shift a normalised model spectrum and broaden its lines.

The broadening is signed, so that a fit can find none without standing at an edge: it is the variance that the line
profile gains. Above zero it is that of a rotating star (Gray 2005, limb darkening 0.6); below, the lines are sharper
than the model's.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inspector.science.spectrum import CHIPS, N_CHIP_PIXELS

Array = NDArray[np.float64]

SPEED_OF_LIGHT = 299792.458
"""km/s."""

PIXEL_SPEED = float(SPEED_OF_LIGHT * np.log(10) * 6e-6)
"""km/s a pixel of the apStar grid."""

ROTATION_VARIANCE = 0.225
"""Variance of the rotation profile, in units of (v sin i)²."""

MAX_SPEED = 150.0
"""Of rotation, km/s: beyond, lines are broader than the continuum's freedom."""

MIN_VARIANCE = -25.0
"""(km/s)²; sharper lines than that the model does not have to give."""

_LENGTH = 8192
_GAP = (_LENGTH - N_CHIP_PIXELS) // len(CHIPS)
"""Pixels without a line between the chips: what is shifted out of one does not come into the next."""

_FREQUENCY = np.arange(_LENGTH // 2 + 1) * (2 * np.pi / _LENGTH)
"""Radian a pixel. Shape (4097,)."""


@cache
def chip_slices() -> tuple[slice, ...]:
    """Where each chip lies on the 7514 pixels."""
    edges = np.cumsum([0, *(s.stop - s.start for s in CHIPS.values())])
    return tuple(slice(int(a), int(b)) for a, b in pairwise(edges))


class MovableSpectrum:
    """A normalised spectrum whose lines can be moved and broadened.

    Parameters
    ----------
    flux : ndarray, shape (7514,)
        About 1 in the continuum.
    """

    def __init__(self, flux: Array) -> None:
        depth = np.zeros(_LENGTH)
        depth[_padded()] = 1 - flux
        self._transform = np.fft.rfft(depth)

    def at(self, velocity: float, broadening: float) -> Array:
        """The flux at a velocity (km/s, away from us) with a broadening ((km/s)²). Shape (7514,)."""
        return 1 - _back(self._transform * _response(velocity, broadening))

    def slopes(self, velocity: float, broadening: float) -> tuple[Array, Array]:
        """Derivatives of `at` by velocity and by broadening. Each (7514,)."""
        moved = self._transform * _response(velocity, 0.0)
        step = 0.05 + 0.01 * abs(broadening)
        up, down = _profile(broadening + step), _profile(broadening - step)
        by_velocity = -_back(moved * _profile(broadening) * (-1j * _FREQUENCY / PIXEL_SPEED))
        return by_velocity, -_back(moved * (up - down)) / (2 * step)


def moved_columns(columns: Array, velocity: float, broadening: float) -> Array:
    """Changes of a flux (7514, m), moved and broadened as the flux would be. Same shape."""
    padded = np.zeros((columns.shape[1], _LENGTH))
    padded[:, _padded()] = columns.T
    moved = np.fft.irfft(np.fft.rfft(padded) * _response(velocity, broadening), n=_LENGTH)
    return np.asarray(moved[:, _padded()].T)


def rotation_speed(broadening: float) -> float:
    """The v sin i whose profile has this variance; negative where lines are sharper than the model's. km/s."""
    return float(np.sign(broadening) * np.sqrt(abs(broadening) / ROTATION_VARIANCE))


def broadening_of(speed: float) -> float:
    """The variance of a rotation, (km/s)²."""
    return ROTATION_VARIANCE * speed * abs(speed)


@cache
def _padded() -> NDArray[np.intp]:
    return np.concatenate([np.arange(s.start, s.stop) + i * _GAP for i, s in enumerate(chip_slices())])


def _back(transform: NDArray[np.complex128]) -> Array:
    return np.asarray(np.fft.irfft(transform, n=_LENGTH)[_padded()])


def _response(velocity: float, broadening: float) -> NDArray[np.complex128]:
    return np.asarray(np.exp(-1j * _FREQUENCY * velocity / PIXEL_SPEED) * _profile(broadening))


def _profile(broadening: float) -> Array:
    """Transform of the line profile that is added. Shape (4097,)."""
    if broadening < 0:
        return np.asarray(np.exp(-0.5 * max(broadening, 2 * MIN_VARIANCE) * (_FREQUENCY / PIXEL_SPEED) ** 2))
    at, value = _rotation_table()
    return np.asarray(np.interp(_FREQUENCY * rotation_speed(broadening) / PIXEL_SPEED, at, value))


@cache
def _rotation_table() -> tuple[Array, Array]:
    """Transform of the rotation profile of unit width, by an integral over cos t."""
    at = np.linspace(0, np.pi * (MAX_SPEED + 10) / PIXEL_SPEED, 8001)
    t = (np.arange(256) + 0.5) * np.pi / 256
    weight = (0.8 * np.sin(t) + 0.3 * np.pi * np.sin(t) ** 2) * np.sin(t)
    return at, np.cos(np.outer(at, np.cos(t))) @ (weight / weight.sum())
