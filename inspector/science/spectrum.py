"""What the chain passes along: a spectrum, and the same once normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SpectrumError
from inspector.science.continuum_fit import ContinuumFit
from inspector.science.edit import Edit
from inspector.science.number_format import plain
from inspector.science.star_info import Observation, Processing, StarInfo

N_PIXELS = 8575
"""Pixels of the apStar grid."""

WAVELENGTH: NDArray[np.float64] = 10.0 ** (4.179 + 6e-6 * np.arange(N_PIXELS, dtype=np.float64))
"""Vacuum wavelength of the apStar grid, in Å. Shape (8575,)."""
WAVELENGTH.setflags(write=False)

CHIPS: Mapping[str, slice] = {
    "blue": slice(246, 3274),
    "green": slice(3585, 6080),
    "red": slice(6344, 8335),
}
"""The pixels astroNN keeps of each chip, on the apStar grid."""

CHIP_PIXELS: NDArray[np.intp] = np.concatenate([np.arange(N_PIXELS)[s] for s in CHIPS.values()])
"""Index on the apStar grid of each normalised pixel. Shape (7514,)."""
CHIP_PIXELS.setflags(write=False)

FLAT = 1e-6
"""Spread of normalised flux below which a spectrum is a drawn line, not a measurement."""

CHIP_WAVELENGTH: NDArray[np.float64] = WAVELENGTH[CHIP_PIXELS]
"""Vacuum wavelength of the normalised pixels, in Å. Shape (7514,)."""
CHIP_WAVELENGTH.setflags(write=False)

N_CHIP_PIXELS = len(CHIP_PIXELS)
"""Pixels left once the chip gaps are cut: 7514."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """One spectrum in the star's rest frame on the apStar grid.

    Attributes
    ----------
    wavelength : ndarray, shape (8575,)
        Vacuum wavelength in Å.
    flux, error : ndarray, shape (8575,)
        Flux and its 1σ error, 1e-17 erg/s/cm²/Å (dimensionless for an aspcapStar).
    bitmask : ndarray of int, shape (8575,)
        APOGEE_PIXMASK bits.
    snr : float
        Median signal-to-noise per pixel; NaN where the file has none.
    name : str
        ``coadd`` or the visit, as a person would tell them apart (``visit 2 · MJD 56433``; ``visit · MJD 56433``
        where the file is that one visit).
    star : StarInfo
        Whose spectrum it is, and out of which file: a spectrum may leave its star behind.
    observation : Observation
    processing : Processing
    model : ndarray, shape (8575,), or None
        The best-fitting model of the file, in units of the flux.
    continuum : ContinuumFit
        How it is to be normalised.
    edits : tuple of Edit
        What was changed in it on purpose, in order; see `inspector.apply_edits`.
    unedited : Spectrum or None
        What it was before that; None where nothing was changed.
    """

    wavelength: NDArray[np.float64]
    flux: NDArray[np.float64]
    error: NDArray[np.float64]
    bitmask: NDArray[np.int64]
    snr: float
    name: str
    star: StarInfo = field(default_factory=StarInfo)
    observation: Observation = field(default_factory=Observation)
    processing: Processing = field(default_factory=Processing)
    model: NDArray[np.float64] | None = None
    continuum: ContinuumFit = field(default_factory=ContinuumFit)
    edits: tuple[Edit, ...] = ()
    unedited: Spectrum | None = field(default=None, repr=False)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(_as_before(state, WAVELENGTH))

    def __post_init__(self) -> None:
        for what in ("wavelength", "flux", "error", "bitmask"):
            shape = np.shape(getattr(self, what))
            if shape != (N_PIXELS,):
                raise SpectrumError(
                    f"The {what} of '{self.name}' has shape {shape}; a spectrum on the apStar grid"
                    f" has shape ({N_PIXELS},). Resample it before handing it over."
                )


@dataclass(frozen=True, eq=False)
class NormalizedSpectrum:
    """A spectrum divided by its continuum, on the 7514 pixels the network sees.

    Attributes
    ----------
    wavelength : ndarray, shape (7514,)
        Vacuum wavelength in Å.
    flux, error : ndarray, shape (7514,)
        Continuum-normalised; bad pixels are 1 in both, as astroNN sets them.
    continuum : ndarray, shape (7514,)
        The fitted continuum in the units of the raw flux.
    good : ndarray of bool, shape (7514,)
        False where the pixel was replaced by 1.
    """

    wavelength: NDArray[np.float64]
    flux: NDArray[np.float64]
    error: NDArray[np.float64]
    continuum: NDArray[np.float64]
    good: NDArray[np.bool_]

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(_as_before(state, CHIP_WAVELENGTH))


def _as_before(state: dict[str, Any], wavelength: NDArray[np.float64]) -> dict[str, Any]:
    """What came from another process: its arrays read-only again, and the grid shared by all spectra."""
    for value in state.values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return {**state, "wavelength": wavelength} if np.array_equal(state["wavelength"], wavelength) else state


def refuse_flat(name: str, flux: NDArray[np.float64]) -> None:
    """Raise `SpectrumError` if normalised flux, of any shape, is a flat line."""
    if np.ptp(flux) < FLAT:
        raise SpectrumError(
            f"{name} is a flat line: it varies by less than {plain(FLAT)} over {flux.size} normalised pixels."
            " No star looks like that; check the program that wrote it."
        )
