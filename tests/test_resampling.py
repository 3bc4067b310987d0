"""Visits on their own grids come out as the pipeline's own do: resampled, at rest, combined."""

from __future__ import annotations

import makers
import numpy as np
import pytest
from star_checks import check

from inspector.files.spectra.spectrum_arrays import BAD_ERROR, combine
from inspector.files.spectra.star_file import read_star
from inspector.science import resample
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH


def normalized(spectrum):
    """By astroNN itself. (7514,)"""
    apogee = pytest.importorskip("astroNN.apogee")
    arrays = np.nan_to_num(spectrum.flux), spectrum.error.copy()
    return apogee.apogee_continuum(*arrays, bitmask=spectrum.bitmask.copy(), dr=17)[0].ravel()


def good(*spectra):
    bits = np.bitwise_or.reduce([s.bitmask[CHIP_PIXELS] for s in spectra])
    return (bits & 0b1000011111111) == 0  # astroNN's


@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated")  # astroNN 1.1.0 imports it
@pytest.mark.parametrize(("i", "name"), list(enumerate(["55874-088", "56643-088", "56651-082"])))
def test_apvisit_equals_the_apstar_row(real_spectra, i, name):
    ours = read_star(real_spectra / f"apVisit-r6-5094-{name}.fits").coadd
    theirs = read_star(real_spectra / "apStar-r6-2M00005143+5615568.fits").visits[i]
    both = good(ours, theirs)
    assert both.sum() > 7000
    difference = np.abs(normalized(ours) - normalized(theirs))[both]
    assert np.median(difference) < 0.0015 and np.percentile(difference, 99) < 0.01
    assert np.median((ours.error / theirs.error)[CHIP_PIXELS][both]) == pytest.approx(1, abs=0.03)
    unlike = (ours.bitmask ^ theirs.bitmask)[CHIP_PIXELS] != 0
    assert unlike.mean() < 0.006


@pytest.mark.parametrize("v_rad", [-350.0, 0.0, 120.0])
@pytest.mark.parametrize("n_pixels", [2048, 4096])
def test_apvisit_comes_to_rest(tmp_path, v_rad, n_pixels):
    star = read_star(makers.write_apvisit(tmp_path / "v.fits", v_rad=v_rad, n_pixels=n_pixels, snr=1e6))
    check(star)
    seen = star.coadd.error < BAD_ERROR
    inner = np.convolve(seen, np.ones(41), "same") > 40.5  # away from the detectors' ends
    ratio = star.coadd.flux[inner] / makers.true_flux(WAVELENGTH[inner])
    assert inner.sum() > 7000 and np.abs(ratio - 1).max() < 0.02 and np.median(np.abs(ratio - 1)) < 0.002
    outside = ~seen
    assert np.isnan(star.coadd.flux[outside]).all() and (star.coadd.bitmask[outside] & 1).all()
    assert star.visits[0].observation.v_rad == v_rad and star.visits[0].flux is star.coadd.flux


def test_apvisit_errors_are_the_scatter(tmp_path):
    noisy = read_star(makers.write_apvisit(tmp_path / "n.fits", snr=50)).coadd
    quiet = read_star(makers.write_apvisit(tmp_path / "q.fits", snr=1e6)).coadd
    seen = noisy.error < BAD_ERROR
    pull = ((noisy.flux - quiet.flux) / noisy.error)[seen]
    assert np.std(pull) == pytest.approx(1, abs=0.05)


def test_a_bad_input_pixel_taints_its_neighbourhood_alone(tmp_path):
    arrays = makers.apvisit_arrays(0.0, 4096, 100.0)
    arrays[0][1, 2000], arrays[1][1, 3000], arrays[2][0, 1000] = np.nan, 0.0, 2
    spoilt = read_star(makers.write_apvisit(tmp_path / "s.fits", v_rad=0.0, arrays=arrays)).coadd
    whole = read_star(makers.write_apvisit(tmp_path / "w.fits", v_rad=0.0)).coadd
    tainted = (spoilt.bitmask != 0) & (whole.bitmask == 0)
    assert 3 <= tainted.sum() <= 12 and (spoilt.error[tainted] == BAD_ERROR).all()
    assert set(spoilt.bitmask[tainted].tolist()) == {1, 2}
    seen = (whole.error < BAD_ERROR) & ~tainted
    assert np.isfinite(spoilt.flux[seen]).all()
    assert (np.abs(spoilt.flux - whole.flux)[seen] / whole.error[seen]).max() < 1


def test_a_dead_detector_is_not_invented():
    n = 4096
    out = resample.resample(np.linspace(15900, 16400, n), np.ones(n), np.ones(n), np.ones(n, dtype=np.int64), 2.0)
    assert np.isnan(out[0]).all() and (out[1] == BAD_ERROR).all() and (out[2] == 1).all()


@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated")  # astroNN 1.1.0 imports it
def test_our_coadd_equals_the_pipelines(real_spectra):
    """Combining the visits of a DR17 apStar gives its row 0."""
    star = read_star(real_spectra / "apStar-dr17-2M17335483-2753043.fits")
    ours = combine(star.visits, "test")
    both = good(ours, star.coadd)
    assert np.median(np.abs(normalized(ours) - normalized(star.coadd))[both]) < 1e-4
    assert np.median((ours.error / star.coadd.error)[CHIP_PIXELS][both]) == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(ours.bitmask[CHIP_PIXELS], star.coadd.bitmask[CHIP_PIXELS])
