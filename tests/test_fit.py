"""The fit by models: it finds the truth, its minimum is one, and its errors mean what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import least_squares

import inspector
from inspector import NormalizedSpectrum, SpectrumModel
from inspector.exceptions import SettingsError, SpectrumError
from inspector.science.alignment import continuum_basis
from inspector.science.fit import Fit, fit
from inspector.science.goodness_of_fit import fit_weight
from inspector.science.labels import FE_H, LABEL_NAMES, LOGG, TEFF
from inspector.science.line_profile import MovableSpectrum, broadening_of, moved_columns
from inspector.science.spectrum import CHIP_WAVELENGTH

GIANT = np.array([4800.0, 2.5] + [-0.2] * 20)
DWARF = np.array([5777.0, 4.44] + [0.0] * 20)
OFF = np.array([150.0, 0.3] + [0.15] * 20)


@pytest.fixture(scope="module")
def model() -> SpectrumModel:
    return inspector.load_spectrum_model()


def observed(flux: np.ndarray, snr: float, seed: int = 0) -> NormalizedSpectrum:
    rng = np.random.default_rng(seed)
    seen = flux + rng.normal(size=flux.size) / snr
    return NormalizedSpectrum(CHIP_WAVELENGTH, seen, np.full(flux.size, 1 / snr), np.ones(flux.size), seen < np.inf)


@pytest.mark.parametrize("truth", [GIANT, DWARF], ids=["giant", "dwarf"])
def test_it_finds_the_labels_of_a_model(model: SpectrumModel, truth: np.ndarray) -> None:
    flux = MovableSpectrum(model.flux(truth)).at(4.0, broadening_of(12.0)) * (1 + 0.03 * continuum_basis()[:, 1])
    found = fit(observed(flux, 1e5), truth + OFF, model)
    assert found.settled and found.at_bound == ()
    assert abs(found.labels[TEFF] - truth[TEFF]) < 5
    np.testing.assert_allclose(found.labels[1:], truth[1:], atol=0.03)
    assert found.velocity == pytest.approx(4.0, abs=0.02)
    assert found.goodness.broadening == pytest.approx(12.0, abs=0.5)
    assert found.goodness.fits


def test_it_ends_where_scipy_ends(model: SpectrumModel) -> None:
    """Over three labels of all, the others held by the truth: a general solver with numerical derivatives."""
    seen = observed(model.flux(GIANT), 80, 3)
    found = fit(seen, GIANT + OFF, model)
    weight = fit_weight(seen, model.error(found.goodness.aligned.flux))
    root, design = np.sqrt(weight), continuum_basis()

    def left(change: np.ndarray) -> np.ndarray:
        labels = found.labels.copy()
        labels[[TEFF, LOGG, FE_H]] += change * [100, 0.1, 0.1]
        labels[[i for i in range(2, 22) if i != FE_H]] += change[2] * 0.1  # [X/Fe] held
        flux = MovableSpectrum(model.flux(labels)).at(found.velocity, found.goodness.aligned.broadening)
        columns = (flux[:, None] * design) * root[:, None]
        residual = (seen.flux - flux) * root
        return residual - columns @ np.linalg.solve(columns.T @ columns, columns.T @ residual)

    better = least_squares(left, np.zeros(3), diff_step=1e-3)
    assert 2 * better.cost > np.sum(left(np.zeros(3)) ** 2) - 0.5
    assert np.all(np.abs(better.x) < 0.3)


def test_its_errors_hold_the_truth_as_often_as_they_say(model: SpectrumModel) -> None:
    """With the model's error put into the observations, pixel by pixel, as the errors take it to lie."""
    rng = np.random.default_rng(5)
    pulls = []
    for seed in range(7):
        flux = model.flux(GIANT)
        flux = flux + rng.normal(size=flux.size) * model.error(flux)
        found = fit(observed(flux, 100, seed), GIANT, model)
        free = np.isfinite(found.errors)
        pulls.append(np.where(free, (found.labels - GIANT) / found.errors, np.nan))
    inside = np.nanmean(np.abs(pulls) < 1)
    assert 0.55 < inside < 0.85


def test_columns_move_as_spectra_do(model: SpectrumModel) -> None:
    movable = MovableSpectrum(model.flux(GIANT))
    moved = moved_columns((model.flux(GIANT) - 1)[:, None], 3.0, 40.0)
    np.testing.assert_allclose(1 + moved[:, 0], movable.at(3.0, 40.0), atol=1e-12)


def test_labels_stay_where_the_model_holds(model: SpectrumModel) -> None:
    strange = GIANT.copy()
    strange[LABEL_NAMES.index("mg_h")] = 1.2
    found = fit(observed(model.flux(strange), 200), GIANT, model)
    assert "mg_h" in found.at_bound
    assert model.why_not(found.labels) == ""
    assert np.isinf(found.errors[LABEL_NAMES.index("mg_h")])


def test_a_start_or_a_spectrum_that_is_none_is_refused(model: SpectrumModel) -> None:
    seen = observed(model.flux(GIANT), 50)
    with pytest.raises(SettingsError, match="22 finite labels"):
        fit(seen, np.full(22, np.nan), model)
    dark = NormalizedSpectrum(seen.wavelength, seen.flux, seen.error, seen.continuum, np.zeros(7514, dtype=bool))
    with pytest.raises(SpectrumError, match="Only 0 pixels"):
        fit(dark, GIANT, model)


def of_real(folder: Path, name: str) -> Fit:
    return inspector.fit(inspector.read_star(next(folder.glob(f"{name}*.fits"))).coadd)


def test_real_giant_and_dwarf_are_fitted(real_spectra: Path) -> None:
    giant, dwarf = of_real(real_spectra, "apStar-r6-2M00005143"), of_real(real_spectra, "apStar-dr17-2M19485057")
    assert giant.goodness.fits and dwarf.goodness.fits
    assert giant.chi2 < 1.5 and dwarf.chi2 < 2
    assert giant.labels[LOGG] < 3.2 and dwarf.labels[LOGG] > 4.2
    assert dwarf.labels[TEFF] == pytest.approx(4734, abs=200)  # Gaia-Kepler


def test_pulls_are_in_sigma_of_both(model: SpectrumModel) -> None:
    found = fit(observed(model.flux(DWARF), 100), DWARF, model)
    pulls = found.pulls(found.labels + 3 * found.errors, np.zeros(22))
    np.testing.assert_allclose(pulls[np.isfinite(found.errors)], 3)
