"""What of a spectrum is lost: pixel by pixel, bit by bit, window by window."""

from __future__ import annotations

import makers
import numpy as np
import pytest

import inspector
from inspector.science.continuum import normalize
from inspector.science.labels import ELEMENTS
from inspector.science.masking import (
    bit_counts,
    flagged_pixels,
    known_error,
    masked_pixels,
    measured_flux,
    measured_pixels,
    trusted_pixels,
    window_losses,
)
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH, Spectrum
from inspector.science.windows import element_windows

GAP = 3400  # between the blue and the green chip
SKYLINE, PERSISTENCE, PSF = 300, 301, 302
NO_FLUX, NO_ERROR, NEGATIVE_ERROR, ZERO, FILLED = 310, 311, 312, 313, 314


def made(flux: np.ndarray, error: np.ndarray, bitmask: np.ndarray) -> Spectrum:
    return Spectrum(WAVELENGTH, flux, error, bitmask, 100.0, "coadd")


def clean_arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    flux = makers.true_flux(WAVELENGTH)
    return flux, flux / 100, np.zeros(len(flux), dtype=np.int64)


@pytest.fixture
def spectrum() -> Spectrum:
    """A clean spectrum but for one pixel of every kind."""
    flux, error, bitmask = clean_arrays()
    bitmask[[SKYLINE, GAP]], bitmask[PERSISTENCE], bitmask[PSF] = 1 << 12, 1 << 9, 1 << 14
    flux[NO_FLUX], flux[ZERO] = np.nan, 0.0
    error[NO_ERROR], error[NEGATIVE_ERROR], error[FILLED] = np.nan, -1.0, 1e10
    return made(flux, error, bitmask)


def where(pixels: np.ndarray) -> set[int]:
    return set(np.flatnonzero(pixels).tolist())


def test_masked_is_what_has_no_measurement_or_a_bit_of_astronns_inside_the_chips(spectrum: Spectrum) -> None:
    assert where(~measured_pixels(spectrum)) == {NO_FLUX, NO_ERROR, NEGATIVE_ERROR}
    assert where(masked_pixels(spectrum)) == {SKYLINE, NO_FLUX, NO_ERROR, NEGATIVE_ERROR}
    assert where(flagged_pixels(spectrum)) == {PERSISTENCE, PSF}


def test_trusted_is_what_neither_the_pipeline_nor_astronn_calls_bad(spectrum: Spectrum) -> None:
    assert where(~trusted_pixels(spectrum)) == {SKYLINE, GAP, PSF, NO_FLUX, ZERO}


def test_fill_values_are_no_numbers(spectrum: Spectrum) -> None:
    assert where(np.isnan(measured_flux(spectrum))) == {NO_FLUX, ZERO}
    assert where(np.isnan(known_error(spectrum))) == {NO_ERROR, FILLED}


def test_masked_is_what_normalising_replaces(real_spectra) -> None:
    for path in sorted(real_spectra.glob("apStar-*.fits")):
        for one in inspector.read_star(path).spectra:
            np.testing.assert_array_equal(masked_pixels(one)[CHIP_PIXELS], ~normalize(one).good)


def test_masked_is_what_normalising_replaces_without_real_files(spectrum: Spectrum) -> None:
    np.testing.assert_array_equal(masked_pixels(spectrum)[CHIP_PIXELS], ~normalize(spectrum).good)


def test_bits_are_counted_inside_the_chips(spectrum: Spectrum) -> None:
    counts = {bit.name: (count, masked) for bit, count, masked in bit_counts(spectrum)}
    assert counts == {"SIG_SKYLINE": (1, True), "PERSIST_HIGH": (1, False), "NOT_ENOUGH_PSF": (1, False)}


def test_the_share_of_a_window_that_is_masked_counts_unmeasured_pixels_too() -> None:
    flux, error, bitmask = clean_arrays()
    window = CHIP_PIXELS[element_windows()[ELEMENTS.index("Mg")]]
    bitmask[window] = 1 << 9  # persistence: astroNN does not mask it
    bitmask[window[:50]] = 1 << 12
    flux[window[50:53]] = np.nan
    losses = window_losses(made(flux, error, bitmask))
    mg = losses["Mg"]
    assert (mg.pixels, mg.masked, mg.share) == (106, 53, 0.5)
    assert tuple(losses) == ELEMENTS
    shared = {e: np.isin(CHIP_PIXELS[element_windows()[i]], window[:53]).sum() for i, e in enumerate(ELEMENTS)}
    assert {element: loss.masked for element, loss in losses.items()} == shared


def test_a_clean_spectrum_loses_nothing() -> None:
    clean = made(*clean_arrays())
    assert not masked_pixels(clean).any() and not bit_counts(clean)
    assert {loss.masked for loss in window_losses(clean).values()} == {0}
