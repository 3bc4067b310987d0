"""The censor windows: the pixels each element's sub-network may see (ASPCAP, as in astroNN)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inspector.science.astronn import aspcap_mask
from inspector.science.labels import ELEMENTS
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH


@cache
def element_windows() -> NDArray[np.bool_]:
    """Which normalised pixels each element of `ELEMENTS` sees. Shape (19, 7514), read-only.

    From ``astroNN.apogee.aspcap_mask(element, dr=17)``.
    """
    windows = np.stack([aspcap_mask(element, dr=17) for element in ELEMENTS])
    windows.setflags(write=False)
    return windows


def window_spans(window: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Runs of neighbouring pixels in a window, cut at chip gaps.

    Parameters
    ----------
    window : ndarray of bool, shape (7514,)

    Returns
    -------
    ndarray of int, shape (n, 2)
        First and last pixel of each run on the apStar grid, both inside the window.
    """
    pixels = CHIP_PIXELS[window]
    if not pixels.size:
        return np.empty((0, 2), dtype=np.intp)
    ends = np.flatnonzero(np.diff(pixels) > 1)
    return np.column_stack([pixels[np.r_[0, ends + 1]], pixels[np.r_[ends, -1]]])


def window_ranges(elements: Iterable[str]) -> NDArray[np.float64]:
    """First and last wavelength of every window of some elements, vacuum Å, ascending. Shape (n, 2)."""
    rows = [element_windows()[ELEMENTS.index(element)] for element in elements]
    if not rows:
        return np.empty((0, 2))
    return np.asarray(WAVELENGTH[window_spans(np.any(rows, axis=0))])
