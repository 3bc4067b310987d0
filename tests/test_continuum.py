"""Normalising: astroNN's numbers where astroNN has numbers, and a sentence where there is nothing to fit."""

from dataclasses import replace

import makers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inspector
from inspector.exceptions import SpectrumError
from inspector.science.astronn import apogee_continuum
from inspector.science.bitmask import ASTRONN_BITS
from inspector.science.continuum import continuum_pixels, normalize, on_apstar_grid
from inspector.science.spectrum import CHIP_PIXELS, CHIPS, WAVELENGTH, Spectrum

OUTSIDE_CONTINUUM = CHIP_PIXELS[~continuum_pixels()]
INSIDE_CONTINUUM = CHIP_PIXELS[continuum_pixels()]


def make_spectrum(seed=0, snr=100.0):
    flux, error, bitmask = makers.on_grid(seed=seed, snr=snr)
    return Spectrum(WAVELENGTH, np.array(flux), np.array(error), np.array(bitmask, dtype=np.int64), snr, "coadd")


def directly(spectrum):
    flux, error = apogee_continuum(spectrum.flux, spectrum.error, bitmask=spectrum.bitmask, dr=17)
    return flux[0], error[0]


def changed(spectrum, **arrays):
    """A copy with some pixels of some arrays set: ``flux=(pixels, value)``."""
    new = {}
    for name, (pixels, value) in arrays.items():
        new[name] = getattr(spectrum, name).copy()
        new[name][pixels] = value
    return replace(spectrum, **new)


def test_continuum_mask_is_dr17s():
    assert continuum_pixels().sum() == 532


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_a_direct_call(seed):
    spectrum = make_spectrum(seed)
    rng = np.random.default_rng(seed)
    spectrum = changed(spectrum, bitmask=(rng.integers(0, 8575, 700), 1 << rng.integers(0, 15)))
    normalized = normalize(spectrum)
    flux, error = directly(spectrum)
    np.testing.assert_allclose(normalized.flux, flux, atol=1e-6)
    np.testing.assert_allclose(normalized.error, error, atol=1e-6)


def test_equal_to_a_direct_call_on_real_stars(real_spectra):
    for path in sorted(real_spectra.glob("apStar-*.fits")):
        for spectrum in inspector.read_star(path).spectra:
            flux, error = directly(spectrum)
            normalized = normalize(spectrum)
            finite = np.isfinite(spectrum.flux[CHIP_PIXELS])
            np.testing.assert_allclose(normalized.flux, flux, atol=1e-6)
            np.testing.assert_allclose(normalized.error[finite], error[finite], atol=1e-6)


def test_continuum_times_normalised_is_the_raw_flux():
    spectrum = make_spectrum()
    normalized = normalize(spectrum)
    raw = spectrum.flux[CHIP_PIXELS]
    good = normalized.good & (raw > 0)
    np.testing.assert_allclose((normalized.flux * normalized.continuum)[good], raw[good], rtol=1e-10)
    assert normalized.wavelength.tolist() == WAVELENGTH[CHIP_PIXELS].tolist()


@pytest.mark.parametrize("bit", range(17))
def test_the_bits_astronn_masks_become_one(bit):
    pixels = OUTSIDE_CONTINUUM[100:140]
    normalized = normalize(changed(make_spectrum(), bitmask=(pixels, 1 << bit)))
    at = np.searchsorted(CHIP_PIXELS, pixels)
    masked = bit in ASTRONN_BITS
    assert (~normalized.good[at]).all() == masked
    assert ((normalized.flux[at] == 1) & (normalized.error[at] == 1)).all() == masked


@pytest.mark.parametrize("where", [INSIDE_CONTINUUM[::7], OUTSIDE_CONTINUUM[::50]], ids=["continuum", "elsewhere"])
@pytest.mark.parametrize("name", ["flux", "error"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_not_finite_count_as_bad(where, name, value):
    spectrum = make_spectrum()
    normalized = normalize(changed(spectrum, **{name: (where, value)}))
    at = np.searchsorted(CHIP_PIXELS, where)
    assert not normalized.good[at].any()
    assert (normalized.flux[at] == 1).all() and (normalized.error[at] == 1).all()
    assert np.isfinite(normalized.flux).all() and np.isfinite(normalized.error).all()
    others = np.delete(np.arange(7514), at)
    np.testing.assert_allclose(normalized.flux[others], normalize(spectrum).flux[others], atol=0.02)


@given(st.floats(1e-2, 1e4))
@settings(max_examples=25, deadline=None)
def test_scaling_a_spectrum_leaves_it_normalised_the_same(k):
    spectrum = make_spectrum(snr=50)
    scaled = replace(spectrum, flux=spectrum.flux * k, error=spectrum.error * k)
    np.testing.assert_allclose(normalize(scaled).flux, normalize(spectrum).flux, atol=1e-5)


@given(
    st.lists(st.sampled_from(OUTSIDE_CONTINUUM.tolist()), min_size=1, max_size=60),
    st.sampled_from(ASTRONN_BITS),
    st.one_of(st.floats(-1e30, 1e30), st.sampled_from([np.nan, np.inf])),
)
@settings(max_examples=40, deadline=None)
def test_the_value_of_a_masked_pixel_outside_the_continuum_does_not_matter(pixels, bit, value):
    masked = changed(make_spectrum(), bitmask=(pixels, 1 << bit))
    other = normalize(changed(masked, flux=(pixels, value)))
    one = normalize(masked)
    assert np.array_equal(one.flux, other.flux)
    assert np.array_equal(one.good, other.good)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_spectrum_of_nothing_is_refused(value):
    spectrum = make_spectrum()
    with pytest.raises(SpectrumError, match="blue chip"):
        normalize(replace(spectrum, flux=np.full(8575, value)))


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize(
    "death",
    [
        {"flux": 0.0},
        {"flux": np.nan},
        {"error": np.inf},
        {"error": 0.0},
        {"flux": 0.0, "error": 0.0},
        {"flux": 0.0, "error": 1e10, "bitmask": 1},
        {"bitmask": 1 << 12},
        {"flux": -50.0},
    ],
    ids=str,
)
def test_a_dead_chip_is_named(chip, death):
    spectrum = changed(make_spectrum(), **{name: (CHIPS[chip], value) for name, value in death.items()})
    with pytest.raises(SpectrumError, match=f"{chip} chip"):
        normalize(spectrum)


def test_noise_without_a_star_is_refused():
    rng = np.random.default_rng(0)
    noise = replace(make_spectrum(), flux=rng.normal(0, 1, 8575), error=np.ones(8575))
    with pytest.raises(SpectrumError, match="no signal"):
        normalize(noise)


@pytest.mark.parametrize("level", [1.0, 700.0])
def test_a_flat_line_is_no_star(level):
    line = replace(make_spectrum(), flux=np.full(8575, level), error=np.full(8575, level / 100))
    with pytest.raises(SpectrumError, match="flat line"):
        normalize(line)


def test_a_smooth_curve_is_no_star_either():
    curve = 500 + 1e-5 * (np.arange(8575) - 4000.0) ** 2  # of second degree on each chip: the fit takes it whole
    with pytest.raises(SpectrumError, match="flat line"):
        normalize(replace(make_spectrum(), flux=curve, error=curve / 100))


def test_noisy_but_real_is_normalised():
    assert normalize(make_spectrum(snr=5)).good.mean() > 0.9


def test_the_spectrum_handed_in_is_left_alone():
    spectrum = make_spectrum()
    copies = spectrum.flux.copy(), spectrum.error.copy()
    for array in (spectrum.flux, spectrum.error, spectrum.bitmask):
        array.setflags(write=False)
    normalize(spectrum)
    assert np.array_equal(spectrum.flux, copies[0]) and np.array_equal(spectrum.error, copies[1])


def test_arrays_of_another_length_are_refused():
    with pytest.raises(SpectrumError, match="8575"):
        Spectrum(WAVELENGTH, np.ones(7514), np.ones(8575), np.zeros(8575, dtype=int), 1.0, "cut")


def test_back_on_the_apstar_grid():
    grid = on_apstar_grid(np.arange(7514.0))
    assert np.isnan(grid).sum() == 8575 - 7514
    assert grid[CHIP_PIXELS].tolist() == list(range(7514))
