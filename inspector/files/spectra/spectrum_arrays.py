"""From a file's arrays to spectra: native, read-only, with one meaning for "no usable error"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.science.bitmask import any_bit
from inspector.science.resample import BAD_BITS, BAD_ERROR, BADPIX
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH, Spectrum
from inspector.science.star_info import Processing

MAX_ROWS = 502
"""Spectra one file may hold, in all its parts: two coadds and 500 visits, several times what any star has.

They take 140 MB in memory; zeros packed by gzip would otherwise make gigabytes of spectra out of some 100 kB.
"""


def make_spectrum(
    flux: NDArray[Any],
    error: NDArray[Any],
    bitmask: NDArray[Any],
    name: str,
    snr: float | None,
) -> Spectrum:
    """A Spectrum from the arrays of a file.

    Parameters
    ----------
    flux, error, bitmask : ndarray, shape (8575,)
        Of any byte order. Flux is kept as it is, NaN included. Where the error is not a positive finite number
        it becomes `BAD_ERROR` and the pixel gets BADPIX: files write "no data" as error 0, NaN or infinity.
    snr : float or None
        The file's word; where it has none (absent, zero), the median of flux/error over the good chip pixels.
    """
    none = ~(np.isfinite(error) & (error > 0))
    spectrum_error = np.where(none, BAD_ERROR, error).astype(np.float64)
    spectrum_mask = np.where(none, bitmask | BADPIX, bitmask).astype(np.int64)
    spectrum_flux = np.array(flux, dtype=np.float64)
    if snr is None or not snr > 0:
        snr = median_snr(spectrum_flux, spectrum_error, spectrum_mask)
    for array in (spectrum_flux, spectrum_error, spectrum_mask):
        array.setflags(write=False)
    return Spectrum(WAVELENGTH, spectrum_flux, spectrum_error, spectrum_mask, float(snr), name)


def error_from_ivar(ivar: NDArray[np.float64]) -> NDArray[np.float64]:
    """1/√ivar; 0, which `make_spectrum` knows as "none", where ivar is not positive. Same shape."""
    usable = np.isfinite(ivar) & (ivar > 0)
    return np.where(usable, 1 / np.sqrt(np.where(usable, ivar, 1.0)), 0.0)


def good_pixels(flux: NDArray[Any], error: NDArray[Any], bitmask: NDArray[Any]) -> NDArray[np.bool_]:
    """Finite pixels with a usable error that the pipeline does not call bad. Same shape."""
    return np.asarray(np.isfinite(flux) & (error > 0) & (error < BAD_ERROR) & ~any_bit(bitmask, BAD_BITS))


def median_snr(flux: NDArray[Any], error: NDArray[Any], bitmask: NDArray[Any]) -> float:
    """Median flux/error over the good chip pixels; NaN where there is none."""
    good = good_pixels(flux, error, bitmask)[CHIP_PIXELS]
    ratio = flux[CHIP_PIXELS][good] / error[CHIP_PIXELS][good]
    snr = float(np.median(ratio)) if good.any() else float("nan")
    return snr if np.isfinite(snr) else float("nan")


def visit_name(number: int | None, mjd: int | None) -> str:
    """``visit 2 · MJD 56433``; numbers count from 1 and make names unique, None is for the only visit of its file."""
    return ("visit" if number is None else f"visit {number}") + ("" if mjd is None else f" · MJD {mjd}")


def combine(visits: Sequence[Spectrum], how: str) -> Spectrum:
    """An inverse-variance coadd of visits, made here because the file has none.

    Each visit is first scaled to the mean of the visits' median fluxes, so that one with a poor seeing weighs less
    but does not bend the continuum where another has a bad pixel. Good pixels alone are averaged; the mask is the
    AND over visits, as in an apStar's row 0 since DR17 (r6 and r8 wrote the OR); where no visit is good all are
    averaged and the mask is their OR.

    Parameters
    ----------
    visits : sequence of Spectrum
        At least one; a single one is returned under the name ``coadd``.
    how : str
        For ``processing.how``; ``processing.made_here`` says that no pipeline made it.
    """
    processing = Processing(how, made_here=True)
    if len(visits) == 1:
        return replace(visits[0], name="coadd", processing=processing)
    flux, error, bitmask = (np.array([getattr(v, a) for v in visits]) for a in ("flux", "error", "bitmask"))
    good = good_pixels(flux, error, bitmask)  # (visits, 8575)
    scale = _levels(flux, good)[:, None]
    usable = np.isfinite(flux)
    chosen = np.where(good.any(axis=0), good, usable)
    weight = np.where(chosen, (error * scale) ** -2.0, 0.0)
    total = weight.sum(axis=0)
    known = total > 0
    divisor = np.where(known, total, 1.0)
    coadd = np.where(known, (weight * np.where(usable, flux, 0.0) * scale).sum(axis=0) / divisor, np.nan)
    every, some = np.bitwise_and.reduce(bitmask), np.bitwise_or.reduce(bitmask)
    both = np.asarray(np.where(good.any(axis=0), every, some))
    spectrum = make_spectrum(coadd, np.where(known, divisor**-0.5, 0.0), both, "coadd", None)
    return replace(spectrum, star=visits[0].star, processing=processing)


def _levels(flux: NDArray[np.float64], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What to multiply each visit by to bring it to the mean level. Shape (visits,)."""
    chips = np.zeros(flux.shape[1], dtype=bool)
    chips[CHIP_PIXELS] = True
    medians = np.array([np.median(f[g & chips]) if (g & chips).any() else 0.0 for f, g in zip(flux, good, strict=True)])
    if not (medians > 0).all():
        return np.ones(len(flux))
    return np.asarray(medians.mean() / medians)
