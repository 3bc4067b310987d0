"""Does an answer explain a spectrum: against brute force, on made spectra of known truth, and on every real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

import inspector
from inspector import NormalizedSpectrum, SpectrumModel
from inspector.exceptions import SettingsError
from inspector.science.alignment import align, continuum_basis
from inspector.science.cross_correlation import REACH, cross_correlate
from inspector.science.goodness_of_fit import GoodnessOfFit, fit_weight, goodness_of_fit
from inspector.science.labels import ELEMENTS
from inspector.science.line_profile import PIXEL_SPEED, MovableSpectrum, broadening_of, chip_slices, rotation_speed
from inspector.science.spectrum import CHIP_WAVELENGTH
from inspector.science.windows import element_windows

GIANT = np.array([4800.0, 2.5] + [-0.2] * 20)
POOR = np.array([4800.0, 2.5] + [-1.1] * 20)
DWARF = np.array([5777.0, 4.44] + [0.0] * 20)


@pytest.fixture(scope="module")
def model() -> SpectrumModel:
    return inspector.load_spectrum_model()


def spectrum(flux: np.ndarray, snr: float, seed: int = 0) -> NormalizedSpectrum:
    """An observation at an even S/N, one pixel in fifty lost."""
    rng = np.random.default_rng(seed)
    good = rng.random(flux.size) > 0.02
    error = np.where(good, 1 / snr, 1.0)
    seen = np.where(good, flux + rng.normal(size=flux.size) / snr, 1.0)
    return NormalizedSpectrum(CHIP_WAVELENGTH, seen, error, np.ones(flux.size), good)


def rotated(flux: np.ndarray, speed: float) -> np.ndarray:
    """The rotation profile (Gray 2005), summed pixel by pixel over a fine grid: the slow oracle."""
    out = np.ones_like(flux)
    x = np.linspace(-1, 1, 401)
    profile = 0.8 * np.sqrt(1 - x**2) + 0.3 * np.pi * (1 - x**2)
    for chip in chip_slices():
        at = np.arange(chip.stop - chip.start, dtype=float)
        spline = CubicSpline(at, flux[chip])
        moved = [w * spline(np.clip(at - v * speed / PIXEL_SPEED, 0, at[-1])) for v, w in zip(x, profile)]
        out[chip] = np.sum(moved, axis=0) / profile.sum()
    return out


def inside(margin: int = 40) -> np.ndarray:
    """Pixels away from the edges of the chips."""
    away = np.zeros(sum(c.stop - c.start for c in chip_slices()), dtype=bool)
    for chip in chip_slices():
        away[chip.start + margin : chip.stop - margin] = True
    return away


@pytest.mark.parametrize("speed", [10.0, 30.0, 80.0])
def test_broadening_is_that_of_a_rotating_star(model: SpectrumModel, speed: float) -> None:
    flux = model.flux(DWARF)
    broad = MovableSpectrum(flux).at(0.0, broadening_of(speed))
    np.testing.assert_allclose(broad[inside()], rotated(flux, speed)[inside()], rtol=0, atol=2.5e-3)


def test_a_shift_of_whole_pixels_moves_the_lines(model: SpectrumModel) -> None:
    flux = model.flux(GIANT)
    moved = MovableSpectrum(flux).at(3 * PIXEL_SPEED, 0.0)
    for chip in chip_slices():
        np.testing.assert_allclose(moved[chip][20:-20], flux[chip][17:-23], rtol=0, atol=1e-3)


@pytest.mark.parametrize("broadening", [-10.0, 0.0, 5.0, 200.0])
def test_slopes_are_those_of_finite_differences(model: SpectrumModel, broadening: float) -> None:
    movable = MovableSpectrum(model.flux(GIANT))
    by_velocity, by_broadening = movable.slopes(2.0, broadening)
    velocity = (movable.at(2.01, broadening) - movable.at(1.99, broadening)) / 0.02
    wide = (movable.at(2.0, broadening + 0.5) - movable.at(2.0, broadening - 0.5)) / 1.0
    np.testing.assert_allclose(by_velocity, velocity, rtol=0, atol=1e-5)
    np.testing.assert_allclose(by_broadening, wide, rtol=0, atol=0.02 * np.abs(wide).max())


def test_the_signed_speed_comes_back() -> None:
    for speed in (-8.0, 0.0, 25.0):
        assert rotation_speed(broadening_of(speed)) == pytest.approx(speed)


def test_alignment_finds_the_least_chi_square_of_a_scan(model: SpectrumModel) -> None:
    """Brute force over velocity and broadening, the continuum solved with one dense least squares."""
    flux = model.flux(GIANT)
    seen = spectrum(MovableSpectrum(flux).at(3.3, broadening_of(20.0)) * (1 + 0.02 * continuum_basis()[:, 1]), 80)
    weight = fit_weight(seen, model.error(flux))
    found = align(seen.flux, weight, flux, 0.0)

    def chi2(velocity: float, broadening: float) -> float:
        lines = MovableSpectrum(flux).at(velocity, broadening)
        root = np.sqrt(weight)
        design = lines[:, None] * continuum_basis() * root[:, None]
        solved = np.linalg.lstsq(design, (seen.flux - lines) * root, rcond=None)
        return float(solved[1][0]) if solved[1].size else float(np.sum(((seen.flux - lines) * root) ** 2))

    assert found.chi2 == pytest.approx(chi2(found.velocity, found.broadening), rel=1e-4)
    around = [
        chi2(found.velocity + v, found.broadening + b)
        for v in (-0.3, 0.0, 0.3) for b in (-10.0, 0.0, 10.0) if v or b
    ]  # fmt: skip
    assert min(around) > found.chi2
    assert found.velocity == pytest.approx(3.3, abs=0.3)
    one_sigma = chi2(found.velocity + found.e_velocity, found.broadening) - found.chi2
    assert one_sigma == pytest.approx(1, abs=0.3)


def test_cross_correlation_is_that_of_a_loop(model: SpectrumModel) -> None:
    seen = spectrum(MovableSpectrum(model.flux(GIANT)).at(60.0, 0.0), 50)
    weight = fit_weight(seen, model.error(model.flux(GIANT)))
    crossed = cross_correlate(seen.flux, weight, model.flux(GIANT))
    for lag in (-7, 0, 14, 15):
        match = power = 0.0
        for chip in chip_slices():
            w = weight[chip]
            lines, template = (f[chip] - w @ f[chip] / w.sum() for f in (seen.flux, model.flux(GIANT)))
            moved = np.array([template[i - lag] if 0 <= i - lag < len(template) else 0.0 for i in range(len(template))])
            match, power = match + float(np.sum(w * lines * moved)), power + float(np.sum(w * moved**2))
        assert crossed.height[lag + REACH] == pytest.approx(match / power**0.5, rel=1e-9)
    assert crossed.first == pytest.approx(60.0, abs=1.0)


@settings(max_examples=8, deadline=None)
@given(st.floats(-8, 8), st.integers(0, 2**16))
def test_a_shift_is_found_to_half_a_kilometre(velocity: float, seed: int) -> None:
    model = inspector.load_spectrum_model()
    seen = spectrum(MovableSpectrum(model.flux(GIANT)).at(velocity, 0.0), 50, seed)
    judged = goodness_of_fit(seen, GIANT, model)
    assert judged.velocity == pytest.approx(velocity, abs=0.5)
    assert judged.fits


@pytest.mark.parametrize("speed", [15.0, 22.0, 30.0])
def test_a_rotation_is_found_to_five(model: SpectrumModel, speed: float) -> None:
    judged = goodness_of_fit(spectrum(rotated(model.flux(DWARF), speed), 80), DWARF, model)
    assert judged.broadening == pytest.approx(speed, abs=5)
    assert judged.fits
    assert "lines broadened by " in judged.sentence


@pytest.mark.parametrize("labels", [GIANT, DWARF], ids=["giant", "dwarf"])
@pytest.mark.parametrize("snr", [20, 60, 300])
def test_a_sound_observation_fits_at_its_own_labels(model: SpectrumModel, labels: np.ndarray, snr: float) -> None:
    judged = goodness_of_fit(spectrum(model.flux(labels), snr), labels, model)
    assert judged.fits
    assert judged.sentence.startswith("fits: χ² ") and judged.sentence.endswith("no extra broadening")
    assert abs(judged.velocity) < 3 * judged.e_velocity
    assert judged.correlation == pytest.approx(judged.possible_correlation, abs=0.1)


def two_stars(model: SpectrumModel) -> np.ndarray:
    one, other = MovableSpectrum(model.flux(DWARF)).at(0.0, 0.0), MovableSpectrum(model.flux(DWARF)).at(120.0, 0.0)
    return 0.55 * one + 0.45 * other


@pytest.mark.parametrize(
    ("flux_of", "labels", "words"),
    [
        (lambda m: m.flux(GIANT), POOR, "does not fit: χ²"),
        (lambda m: np.ones(7514), GIANT, "nothing of these labels explains this spectrum"),
        (lambda m: 1 - np.roll(1 - m.flux(GIANT)[::-1], 7), GIANT, "nothing of these labels explains this spectrum"),
        (two_stars, DWARF, "does not fit: a second set of lines at "),
        (lambda m: MovableSpectrum(m.flux(GIANT)).at(40.0, 0.0), GIANT, "the lines are shifted by 39.9 km/s"),
        (lambda m: rotated(m.flux(DWARF), 90.0), DWARF, "does not fit: the lines are broadened by 8"),
    ],
    ids=["a giant as a metal-poor one", "no lines", "other lines", "two stars", "shifted", "rotating"],
)
def test_what_the_labels_do_not_explain_does_not_fit(
    model: SpectrumModel, flux_of: object, labels: np.ndarray, words: str
) -> None:
    assert callable(flux_of)
    judged = goodness_of_fit(spectrum(flux_of(model), 150), labels, model)
    assert not judged.fits
    assert words in judged.sentence


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("labels", [GIANT, DWARF], ids=["giant", "dwarf"])
def test_noise_alone_never_fits(model: SpectrumModel, labels: np.ndarray, seed: int) -> None:
    for snr in (2, 10, 40):
        assert not goodness_of_fit(spectrum(np.ones(7514), snr, seed), labels, model).fits


def test_labels_without_a_model_do_not_fit(model: SpectrumModel) -> None:
    hot = DWARF.copy()
    hot[0] = 9000
    judged = goodness_of_fit(spectrum(model.flux(model.nearest(hot)), 80), hot, model)
    assert judged.sentence == "does not fit: Teff is 9000 K; the model holds from 3600 to 6800 K"
    with pytest.raises(SettingsError, match="22 finite labels"):
        goodness_of_fit(spectrum(np.ones(7514), 80), np.full(22, np.nan), model)


def test_chi_square_by_chip_and_window_is_the_mean_square_of_the_residual(model: SpectrumModel) -> None:
    flux = model.flux(GIANT)
    flux[:3028] += 0.03 * np.sin(np.arange(3028) / 3)  # the blue chip is spoiled
    seen = spectrum(flux, 100)
    judged = goodness_of_fit(seen, GIANT, model)
    residual, good = judged.residual(seen), seen.good
    assert judged.chi2_by_chip["blue"] > 2 > judged.chi2_by_chip["red"]
    assert judged.chi2_by_chip["red"] == pytest.approx(np.mean(residual[5523:][good[5523:]] ** 2))
    window = element_windows()[ELEMENTS.index("Mg")] & good
    assert judged.chi2_by_window["Mg"] == pytest.approx(np.mean(residual[window] ** 2))
    assert judged.chi2 == pytest.approx(np.sum(residual**2) / (good.sum() - 32))


def test_a_continuum_left_between_chips_is_told(model: SpectrumModel) -> None:
    flux = model.flux(GIANT)
    flux[3028:5523] *= 1.05
    flux[5523:] *= 1 + 0.03 * np.linspace(-1, 1, 1991)
    judged = goodness_of_fit(spectrum(flux, 100), GIANT, model)
    assert judged.fits
    assert judged.continuum_levels["green"] == pytest.approx(1.05, abs=0.003)
    assert judged.continuum_tilts["red"] == pytest.approx(0.06, abs=0.004)
    assert judged.continuum_tilts["blue"] == pytest.approx(0, abs=0.004)


SOUND = ("apStar-r6-2M00005143", "apStar-dr17-2M19485057", "apVisit-r13-9518", "apVisit-r13-5095", "apVisit-r6-5094")
"""FGK stars whose answer is sound, of the real spectra at hand."""

OTHER = ("2M03290406", "2M03442721", "2M12241699", "2M08501918", "2M17334253")
"""M dwarfs, one of no signal, and a cool giant whose answer is 200 K and 0.5 dex off."""


@pytest.fixture(scope="module")
def verdicts(real_spectra: Path, model: SpectrumModel) -> dict[str, GoodnessOfFit]:
    """Every real coadd at the answer of the shipped weights."""
    return dict(_judged(real_spectra, model))


def _judged(folder: Path, model: SpectrumModel) -> Iterator[tuple[str, GoodnessOfFit]]:
    for path in sorted(folder.glob("ap*.fits")) + sorted(folder.glob("aspcap*.fits")):
        coadd = inspector.read_star(path).coadd
        answer = inspector.analyze(coadd, mc_num=20, seed=0)
        yield path.stem, goodness_of_fit(inspector.normalize(coadd), answer.value, model)


@pytest.mark.parametrize("name", SOUND)
def test_sound_real_stars_fit(verdicts: dict[str, GoodnessOfFit], name: str) -> None:
    judged = [fit for stem, fit in verdicts.items() if stem.startswith(name)]
    assert judged and all(fit.fits and abs(fit.velocity) < 1 for fit in judged)


@pytest.mark.parametrize("name", OTHER)
def test_other_real_stars_do_not_fit(verdicts: dict[str, GoodnessOfFit], name: str) -> None:
    judged = [fit for stem, fit in verdicts.items() if name in stem]
    assert judged and not any(fit.fits for fit in judged)


def test_visits_of_a_binary_do_not_fit_and_show_the_second_star(real_spectra: Path, model: SpectrumModel) -> None:
    """In the first visit the two lie so close that they make one broad line."""
    star = inspector.read_star(next(real_spectra.glob("apStar-r8-2M19390532*.fits")))
    seconds = []
    for visit in star.visits:
        answer = inspector.analyze(visit, mc_num=20, seed=0)
        judged = goodness_of_fit(inspector.normalize(visit), answer.value, model)
        assert not judged.fits
        seconds.append(judged.second_velocity)
    assert seconds[0] is None
    assert seconds[1:] == pytest.approx([188, -112], abs=3)
