"""Changes of a spectrum's flux, error and bits, each of which returns a new spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.science.bitmask import ASTRONN_BITS, any_bit
from inspector.science.line_profile import SPEED_OF_LIGHT
from inspector.science.masking import masked_pixels, measured_pixels
from inspector.science.number_format import plain, significant
from inspector.science.resample import BAD_BITS, BAD_ERROR, BADPIX, resample
from inspector.science.spectrum import CHIP_PIXELS, Spectrum

T = TypeVar("T", bound=np.generic)

_LIFTED = sum(1 << bit for bit in ASTRONN_BITS)

PERIOD = 1.0
"""Of the sinc that shifts, in pixels: the grid's own, so that no noise is smoothed away that it can carry."""


def masked(spectrum: Spectrum, pixels: NDArray[np.bool_] | NDArray[np.intp]) -> Spectrum:
    """With BADPIX on some pixels of the apStar grid; a flux set there by hand goes."""
    bitmask = spectrum.bitmask.copy()
    bitmask[pixels] |= BADPIX
    fit, hit = spectrum.continuum, set(np.arange(len(bitmask))[pixels].tolist())
    fixed = tuple(one for one in fit.fixed if int(CHIP_PIXELS[one[0]]) not in hit)
    return replace(spectrum, bitmask=_locked(bitmask), continuum=replace(fit, fixed=fixed))


def unmasked(spectrum: Spectrum, pixels: NDArray[np.bool_]) -> Spectrum:
    """Without the bits astroNN masks, on some pixels of the apStar grid (8575,)."""
    return replace(spectrum, bitmask=_locked(np.where(pixels, spectrum.bitmask & ~_LIFTED, spectrum.bitmask)))


def shifted(spectrum: Spectrum, velocity: float) -> Spectrum:
    """Lines moved to the red by `velocity` km/s, with their bits and errors; nothing moves for 0."""
    if velocity == 0:
        return spectrum
    seen = spectrum.wavelength * (1 + velocity / SPEED_OF_LIGHT)
    flux, error, bitmask = resample(seen, spectrum.flux, spectrum.error, spectrum.bitmask, PERIOD)
    return replace(spectrum, flux=_locked(flux), error=_locked(error), bitmask=_locked(bitmask))


def degraded(spectrum: Spectrum, snr: float, seed: int) -> Spectrum:
    """With Gaussian noise added, so that all errors grow by one factor and the S/N is `snr`."""
    now = spectrum.snr if np.isfinite(spectrum.snr) else median_snr(spectrum)
    if not now >= snr:
        raise SettingsError(
            f"The S/N of '{spectrum.name}' is {significant(now)}: it cannot be degraded to {plain(snr)}. Give less."
        )
    factor, known = now / snr, measured_pixels(spectrum) & (spectrum.error < BAD_ERROR)
    added = np.sqrt(factor**2 - 1) * np.where(known, spectrum.error, 0.0)
    noise = np.random.default_rng(seed).standard_normal(len(added))
    error = np.where(known, spectrum.error * factor, spectrum.error)
    return replace(spectrum, flux=_locked(spectrum.flux + added * noise), error=_locked(error), snr=snr)


def median_snr(spectrum: Spectrum) -> float:
    """Median flux over error of the pixels that are used; NaN if there are none."""
    good = ~masked_pixels(spectrum)[CHIP_PIXELS]
    ratio = (spectrum.flux[CHIP_PIXELS] / np.where(good, spectrum.error[CHIP_PIXELS], 1.0))[good]
    return float(np.median(ratio)) if ratio.size else np.nan


def stepped(spectrum: Spectrum, chip: slice, size: float, start: float | None) -> Spectrum:
    """With `size` times the chip's median flux added from `start` (Å) to its red end, or all over it."""
    inside = np.zeros(len(spectrum.flux), dtype=bool)
    inside[chip] = True
    good = inside & ~masked_pixels(spectrum)
    there = inside if start is None else inside & (spectrum.wavelength >= start)
    if not good.any() or not there.any():
        what = "has no pixel to take a median of" if not good.any() else f"ends before {plain(start or 0)} Å"
        raise SettingsError(f"The chip of '{spectrum.name}' {what}; choose another.")
    step = size * float(np.median(spectrum.flux[good]))
    return replace(spectrum, flux=_locked(np.where(there, spectrum.flux + step, spectrum.flux)))


def recombined(spectrum: Spectrum, visits: Sequence[Spectrum], dropped: Sequence[int]) -> Spectrum:
    """The coadd without some visits, counted from 1: the others' mean by inverse variance, as DR17's is.

    A visit has no say in a pixel that the pipeline calls bad; a bit is set where all visits have it.
    """
    kept = _kept(spectrum, visits, dropped)
    usable = np.array([measured_pixels(v) & ~any_bit(v.bitmask, BAD_BITS) for v in kept])
    error = np.array([v.error for v in kept])
    weight = np.where(usable, 1 / np.where(usable, error, 1.0) ** 2, 0.0)  # (visits, 8575)
    flux = (weight * np.where(usable, [v.flux for v in kept], 0.0)).sum(axis=0)
    total, seen = weight.sum(axis=0), usable.any(axis=0)
    bitmask = np.bitwise_and.reduce([v.bitmask for v in kept])
    made = replace(
        spectrum,
        flux=_locked(np.divide(flux, total, out=np.zeros_like(flux), where=seen)),
        error=_locked(np.where(seen, 1 / np.sqrt(np.where(seen, total, 1.0)), BAD_ERROR)),
        bitmask=_locked(np.where(seen, bitmask, bitmask | BADPIX)),
    )
    return replace(made, snr=median_snr(made))


def _kept(spectrum: Spectrum, visits: Sequence[Spectrum], dropped: Sequence[int]) -> list[Spectrum]:
    own = [visit for visit in visits if visit.name != spectrum.name]
    if len(own) < max(2, len(visits)) or spectrum.star.product == "mwmStar":  # which holds a coadd a telescope
        raise SettingsError(
            f"'{spectrum.name}' cannot be combined anew: its file holds no visits of it. Choose a coadd with visits."
        )
    if strange := [number for number in dropped if number > len(own)]:
        raise SettingsError(f"There is no visit {strange[0]} to drop; '{spectrum.name}' has {len(own)}.")
    kept = [visit for number, visit in enumerate(own, 1) if number not in dropped]
    if not kept:
        raise SettingsError(f"No visit is left of '{spectrum.name}'; drop fewer than its {len(own)}.")
    return kept


def _locked(array: NDArray[T]) -> NDArray[T]:
    array.setflags(write=False)
    return array
