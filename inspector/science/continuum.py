"""From raw flux to what the network sees: astroNN's DR17 continuum, with a look at what it is given.

Source: ``astroNN.apogee.apogee_continuum(dr=17)``. It fits, chip by chip, a Chebyshev polynomial of
degree 2 through the continuum pixels and sets bad pixels to 1.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SpectrumError
from inspector.science.astronn import apogee_continuum, datapath
from inspector.science.masking import masked_pixels, measured_pixels
from inspector.science.number_format import percent, plain, significant
from inspector.science.spectrum import CHIP_PIXELS, CHIPS, N_PIXELS, NormalizedSpectrum, Spectrum, refuse_flat

MASK_VALUE = 1.0
"""What astroNN writes into a bad pixel."""

IGNORED = 1e20
"""Error that takes a pixel out of the fit: its weight is 1/error²."""

MIN_GOOD_SHARE = 0.1
"""Share of a chip's pixels, and of its continuum pixels, that must be good for a fit to mean anything."""

MIN_SNR = 1.0
"""Median continuum-to-error ratio of a chip below which there is no star in it."""


@cache
def continuum_pixels() -> NDArray[np.bool_]:
    """The 532 pixels astroNN's DR17 continuum is fitted through. Shape (7514,), read-only."""
    pixels: NDArray[np.bool_] = np.load(Path(datapath()) / "dr17_contmask.npy").astype(bool)
    pixels.setflags(write=False)
    return pixels


@cache
def _chips() -> dict[str, slice]:
    """Where each chip lies on the 7514 pixels."""
    edges = np.cumsum([0, *(s.stop - s.start for s in CHIPS.values())])
    return {name: slice(int(a), int(b)) for name, a, b in zip(CHIPS, edges, edges[1:])}


def normalize(spectrum: Spectrum) -> NormalizedSpectrum:
    """Divide a spectrum by its continuum, as AstroNN's network expects.

    Equal to ``astroNN.apogee.apogee_continuum(flux, error, bitmask=bitmask, dr=17)`` wherever that
    call works on usable numbers. A pixel that is not finite, or whose error is not above zero, is no
    measurement: it counts as bad and takes no part in the fit (astroNN alone would raise, or let it
    draw the continuum through zero). What `spectrum.continuum` asks for is done on top.

    Parameters
    ----------
    spectrum : Spectrum
        Raw flux on the apStar grid, shape (8575,).

    Returns
    -------
    NormalizedSpectrum
        On the 7514 pixels of the three chips.

    Raises
    ------
    SpectrumError
        If a chip has nothing to fit (all zero, masked, no signal), or the spectrum is a flat line.
    """
    flux, error = spectrum.flux[CHIP_PIXELS], spectrum.error[CHIP_PIXELS]
    measured, good = measured_pixels(spectrum)[CHIP_PIXELS], ~masked_pixels(spectrum)[CHIP_PIXELS]
    fitted = measured & ~_left_out(spectrum)
    _refuse_dead_chips(spectrum.name, flux, fitted, good)

    error = np.where(measured, np.minimum(error, IGNORED), IGNORED)
    weighing = np.where(fitted, error, IGNORED)
    normalized, normalized_error = _divide(np.where(measured, flux, 0.0), weighing, spectrum.continuum.degree)
    continuum = weighing / normalized_error
    _refuse_no_signal(spectrum.name, continuum, error, good)

    normalized_error[~fitted] = (error / continuum)[~fitted]
    normalized[~good] = normalized_error[~good] = MASK_VALUE
    for pixel, value in spectrum.continuum.fixed:
        normalized[pixel], good[pixel] = value, True
    refuse_flat(f"'{spectrum.name}'", normalized[good])
    return NormalizedSpectrum(spectrum.wavelength[CHIP_PIXELS], normalized, normalized_error, continuum, good)


def _left_out(spectrum: Spectrum) -> NDArray[np.bool_]:
    """Pixels that are to have no say in the fit. Shape (7514,)."""
    wavelength, out = spectrum.wavelength[CHIP_PIXELS], np.zeros(len(CHIP_PIXELS), dtype=bool)
    for start, end in spectrum.continuum.left_out:
        out |= (wavelength >= start) & (wavelength <= end)
    return out


def _divide(
    flux: NDArray[np.float64], error: NDArray[np.float64], degree: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Flux and error over the fitted continuum, each (7514,); a fit through zero is judged later."""
    with np.errstate(all="ignore"):
        normalized, normalized_error = apogee_continuum(flux, error, deg=degree, dr=17)
    return normalized[0], normalized_error[0]


def _refuse_dead_chips(
    name: str, flux: NDArray[np.float64], measured: NDArray[np.bool_], good: NDArray[np.bool_]
) -> None:
    for chip, pixels in _chips().items():
        anchors = measured[pixels][continuum_pixels()[pixels]]
        if min(good[pixels].mean(), anchors.mean()) < MIN_GOOD_SHARE:
            raise SpectrumError(
                f"The {chip} chip of '{name}' is dead: {percent(good[pixels].mean())} of its pixels are good and"
                f" {percent(anchors.mean())} of its continuum pixels hold a measurement; at least"
                f" {percent(MIN_GOOD_SHARE)} of each are needed to fit a continuum. Look at its mask."
            )
        if not flux[pixels][good[pixels]].any():
            raise SpectrumError(
                f"The {chip} chip of '{name}' holds only zeros: there is nothing to fit. Look at its raw flux."
            )


def _refuse_no_signal(
    name: str, continuum: NDArray[np.float64], error: NDArray[np.float64], good: NDArray[np.bool_]
) -> None:
    for chip, pixels in _chips().items():
        level = continuum[pixels]
        snr = np.median((level / error[pixels])[good[pixels]])
        if not (np.isfinite(level).all() and level.min() > 0 and snr >= MIN_SNR):
            raise SpectrumError(
                f"The {chip} chip of '{name}' has no signal: the fitted continuum runs from"
                f" {significant(level.min())} to {significant(level.max())} at a median signal-to-noise of"
                f" {significant(snr, 2)}; it must stay above zero, and the signal-to-noise above {plain(MIN_SNR)}."
                " Look at its raw flux and its errors."
            )


def on_apstar_grid(values: NDArray[np.float64], fill: float = np.nan) -> NDArray[np.float64]:
    """Put 7514 normalised pixels back on the 8575 of the apStar grid, `fill` in the chip gaps."""
    out = np.full(N_PIXELS, fill)
    out[CHIP_PIXELS] = values
    return out
