"""Masked pixels as bars: one lane for what astroNN replaces by 1, one for what is merely flagged, or a lane per bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.science.bitmask import ASTRONN_BITS, PIXEL_BITS, set_bits
from inspector.science.masking import flagged_pixels, masked_pixels
from inspector.science.spectrum import WAVELENGTH, Spectrum
from inspector.web.figures.spectrum_data import Columns

REPLACED = "replaced by 1"
FLAGGED = "flagged only"

_HALF_PIXEL = 10 ** (6e-6 / 2)


def mask_columns(spectrum: Spectrum) -> Columns:
    """Runs of masked pixels inside the chips.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``left``, ``right`` (Å), ``lane`` (`REPLACED` or `FLAGGED`), ``names`` (the bits, spelled out) and ``pixels``.
    """
    lanes = [
        _runs(rows, spectrum.bitmask, lane)
        for rows, lane in ((masked_pixels(spectrum), REPLACED), (flagged_pixels(spectrum), FLAGGED))
    ]
    return {name: np.concatenate([lane[name] for lane in lanes]) for name in lanes[0]}


def bit_names(value: int) -> str:
    """The bits of one pixel's mask by name, and which of them astroNN masks."""
    verdict = " (astroNN masks it)"
    return ", ".join(bit.name + verdict * (bit.bit in ASTRONN_BITS) for bit in set_bits(value, PIXEL_BITS))


def _runs(rows: NDArray[np.bool_], bitmask: NDArray[np.int64], lane: str) -> Columns:
    """Neighbouring pixels of one lane with the same bits, as one bar."""
    pixels = np.flatnonzero(rows)
    breaks = np.flatnonzero((np.diff(pixels) > 1) | (np.diff(bitmask[pixels]) != 0))
    first, last = pixels[np.r_[0, breaks + 1][: len(pixels)]], pixels[np.r_[breaks, -1][: len(pixels)]]
    return {
        "left": WAVELENGTH[first] / _HALF_PIXEL,
        "right": WAVELENGTH[last] * _HALF_PIXEL,
        "lane": np.full(len(first), lane),
        "names": np.array([bit_names(int(b)) or "no usable number" for b in bitmask[first]], dtype=str),
        "pixels": last - first + 1,
    }
