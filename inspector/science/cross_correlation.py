"""At which velocity a model's lines lie in an observed spectrum, and whether there is a second set of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.line_profile import PIXEL_SPEED, chip_slices

Array = NDArray[np.float64]

REACH = 120
"""Pixels to either side that are searched: 500 km/s."""

APART = 8
"""Pixels that a second peak must lie from the first: 33 km/s, about two line widths."""

_LENGTH = 8192


@dataclass(frozen=True, eq=False)
class CrossCorrelation:
    """How well a model's lines match at each velocity.

    Attributes
    ----------
    velocity : ndarray, shape (241,)
        km/s.
    height : ndarray, shape (241,)
        Square root of the decrease of χ² by lines of the best strength, negative where they would be in emission.
    first : float
        Velocity of the highest peak, km/s.
    second : float
        Velocity of the highest peak of what is left without the first, km/s.
    second_height : float
        Its height over that of the first.
    second_significance : float
        Its height over the scatter of the others.
    """

    velocity: Array
    height: Array
    first: float
    second: float
    second_height: float
    second_significance: float


def cross_correlate(observed: Array, weight: Array, model: Array, apart: int = APART) -> CrossCorrelation:
    """Cross-correlate the lines of a model with those of an observed spectrum.

    Parameters
    ----------
    observed, model : ndarray, shape (7514,)
        Normalised flux.
    weight : ndarray, shape (7514,)
        1/σ², 0 where the pixel does not count.
    apart : int
        Pixels that a second peak must lie from the first.
    """
    lines, template = _without_mean(observed, weight), _without_mean(model, weight)
    height, strength = _heights(lines, weight, template)
    lag = int(np.argmax(height))
    left = lines - max(strength[lag], 0.0) * _rolled(template, lag - REACH)
    rest, _ = _heights(left, weight, template)
    allowed = np.abs(np.arange(len(rest)) - lag) >= apart
    other = int(np.argmax(np.where(allowed, rest, -np.inf)))
    scatter = 1.4826 * float(np.median(np.abs(rest[allowed] - np.median(rest[allowed]))))
    return CrossCorrelation(
        velocity=np.asarray((np.arange(len(height)) - REACH) * PIXEL_SPEED, dtype=np.float64),
        height=height,
        first=_peak(height, lag),
        second=_peak(rest, other),
        second_height=float(rest[other] / height[lag]) if height[lag] > 0 else 0.0,
        second_significance=float(rest[other] / scatter) if scatter > 0 else 0.0,
    )


def _without_mean(flux: Array, weight: Array) -> Array:
    out = np.empty_like(flux)
    for chip in chip_slices():
        total = weight[chip].sum()
        out[chip] = flux[chip] - (weight[chip] @ flux[chip] / total if total > 0 else 1.0)
    return out


def _heights(lines: Array, weight: Array, template: Array) -> tuple[Array, Array]:
    """Height and best strength of the template's lines at every lag. Each (241,)."""
    match, power = np.zeros(2 * REACH + 1), np.zeros(2 * REACH + 1)
    for chip in chip_slices():
        match += _correlation(lines[chip] * weight[chip], template[chip])
        power += _correlation(weight[chip], template[chip] ** 2)
    power = np.maximum(power, 1e-300)
    return match / np.sqrt(power), match / power


def _correlation(values: Array, template: Array) -> Array:
    """Σ values[i] · template[i − lag] for each lag. Shape (241,)."""
    product = np.fft.rfft(values, _LENGTH) * np.conj(np.fft.rfft(template, _LENGTH))
    whole = np.fft.irfft(product, _LENGTH)
    return np.concatenate([whole[-REACH:], whole[: REACH + 1]])


def _rolled(template: Array, lag: int) -> Array:
    """The template moved by whole pixels, nothing coming in. Same shape."""
    out = np.zeros_like(template)
    for chip in chip_slices():
        part = template[chip]
        out[chip] = np.concatenate([np.zeros(max(lag, 0)), part, np.zeros(max(-lag, 0))])[
            max(-lag, 0) : max(-lag, 0) + len(part)
        ]
    return out


def _peak(height: Array, lag: int) -> float:
    """Velocity of a peak, by the parabola through three points. km/s."""
    if not 0 < lag < len(height) - 1:
        return float((lag - REACH) * PIXEL_SPEED)
    before, here, after = height[lag - 1 : lag + 2]
    bend = before - 2 * here + after
    return float((lag - REACH + (0.5 * (before - after) / bend if bend < 0 else 0.0)) * PIXEL_SPEED)
