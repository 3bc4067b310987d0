"""The default seed: the same wherever the same spectrum is looked at."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

_DIGITS = 4  # of the flux that count: machines round a continuum differently, near the sixteenth digit


def flux_seed(flux: NDArray[np.float64]) -> int:
    """The seed of a normalised spectrum (7514,): 32 bits, from what the network sees of it and nothing else.

    Whose spectrum it is and what its file is called do not enter: the library, the page and a batch draw alike,
    and so do two files of one spectrum.
    """
    with np.errstate(over="ignore"):  # absurd flux has a seed too
        rounded = np.round(flux, _DIGITS) + 0.0  # no -0.0
    return int.from_bytes(sha256(rounded.astype("<f8").tobytes()).digest()[:4], "big")
