"""A spectrum as columns for the browser: one row per pixel of the apStar grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.science.continuum import on_apstar_grid
from inspector.science.masking import known_error, measured_flux, trusted_pixels
from inspector.science.spectrum import CHIP_PIXELS, N_PIXELS, WAVELENGTH, NormalizedSpectrum, Spectrum

Columns = dict[str, NDArray[Any]]
"""Numbers or words by name, one a row."""

COARSE = 12
"""Pixels to a step of the overview."""

MODEL = "ASPCAP's best-fitting model"
"""What a star's model is called, wherever it is drawn."""

_NETWORK_PIXEL = np.full(N_PIXELS, -1, dtype=np.int32)
_NETWORK_PIXEL[CHIP_PIXELS] = np.arange(len(CHIP_PIXELS))


def curve_columns(spectrum: Spectrum, normalized: NormalizedSpectrum | None) -> Columns:
    """What it takes to draw a spectrum among others.

    Returns
    -------
    dict of str to ndarray, shape (8575,)
        ``wavelength`` (vacuum Å); ``flux``, as in the file, NaN where there is none; ``normalized``, NaN outside the
        chips; ``good`` 1 where both the pipeline and astroNN trust the pixel, else 0: what sets the y range.
    """
    flat = np.full(N_PIXELS, np.nan) if normalized is None else on_apstar_grid(normalized.flux)
    return {
        "wavelength": WAVELENGTH,
        "flux": measured_flux(spectrum).astype(np.float32),
        "normalized": flat.astype(np.float32),
        "good": trusted_pixels(spectrum).astype(np.uint8),
    }


def detail_columns(
    spectrum: Spectrum, normalized: NormalizedSpectrum | None, model: NDArray[np.float64] | None = None
) -> Columns:
    """All that is shown of the inspected spectrum.

    Parameters
    ----------
    spectrum : Spectrum
    normalized : NormalizedSpectrum or None
    model : ndarray, shape (8575,), optional
        Of another file of this star, normalised; what the spectrum's own file has goes first.

    Returns
    -------
    dict of str to ndarray, shape (8575,)
        Those of `curve_columns`, and ``pixel`` (0 to 8574), ``network_pixel`` (0 to 7513, −1 in the chip gaps),
        ``error``, ``low``, ``high``, ``continuum``, ``normalized_error``, ``normalized_low``,
        ``normalized_high``, ``model`` (in the unit of flux), ``normalized_model``, ``bits`` (the mask) and
        ``replaced`` (1 where astroNN wrote 1).
    """
    curve = curve_columns(spectrum, normalized)
    error = known_error(spectrum)
    continuum, flat_error, good = _on_grid(normalized)
    flat_error = np.where(good, flat_error, np.nan)
    flux, flat = curve["flux"], curve["normalized"]
    own_model, flat_model = _models(spectrum, continuum, model)
    numbers = {
        "model": own_model,
        "normalized_model": flat_model,
        "error": error,
        "low": flux - error,
        "high": flux + error,
        "continuum": continuum,
        "normalized_error": flat_error,
        "normalized_low": flat - flat_error,
        "normalized_high": flat + flat_error,
    }
    return {
        **curve,
        **{name: column.astype(np.float32) for name, column in numbers.items()},
        "pixel": np.arange(N_PIXELS, dtype=np.int32),
        "network_pixel": _NETWORK_PIXEL,
        "bits": spectrum.bitmask.astype(np.int32),
        "replaced": ((_NETWORK_PIXEL >= 0) & ~good).astype(np.uint8),
    }


def replaced_columns(detail: Columns) -> Columns:
    """The rows of `detail_columns` that astroNN replaced by 1, for their markers."""
    rows = detail["replaced"] == 1
    return {name: detail[name][rows] for name in ("wavelength", "flux", "normalized", "pixel", "bits")}


def overview_columns(detail: Columns) -> Columns:
    """The normalised flux in few points: the lowest and the highest of every `COARSE` pixels, in turn."""
    n = N_PIXELS // COARSE
    blocks = np.nan_to_num(detail["normalized"][: n * COARSE].reshape(n, COARSE), nan=np.inf)
    low = blocks.min(axis=1)
    high = np.where(np.isinf(blocks), -np.inf, blocks).max(axis=1)
    envelope = np.column_stack([low, high]).ravel()
    return {
        "wavelength": np.repeat(WAVELENGTH[COARSE // 2 : n * COARSE : COARSE], 2),
        "normalized": np.where(np.isfinite(envelope), envelope, np.nan),
    }


def _models(
    spectrum: Spectrum, continuum: NDArray[np.float64], other: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The model over the flux and over the normalised flux; NaN where there is none (files write 0)."""
    nothing = np.full(N_PIXELS, np.nan)
    if spectrum.model is not None:
        model = np.where(spectrum.model > 0, spectrum.model, np.nan)
        return model, model / continuum
    return nothing, nothing if other is None else np.where(other > 0, other, np.nan)


def _on_grid(
    normalized: NormalizedSpectrum | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Continuum and normalised error on 8575 pixels, and which of them astroNN left alone."""
    if normalized is None:
        nothing = np.full(N_PIXELS, np.nan)
        return nothing, nothing, np.ones(N_PIXELS, dtype=bool)
    good = on_apstar_grid(normalized.good.astype(np.float64), fill=1.0) > 0
    return on_apstar_grid(normalized.continuum), on_apstar_grid(normalized.error), good
