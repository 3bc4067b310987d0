"""Labels that no star can have give no result, with the reason, and no warning escapes (here warnings are errors)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from makers import write_apstar
from random_network import random_network
from test_correction import by_analyze, by_batch, by_page

from inspector.science.continuum import continuum_pixels
from inspector.science.labels import LABELS
from inspector.science.plausibility import LARGEST, why_impossible
from inspector.science.posterior import Posterior
from inspector.science.spectrum import CHIP_PIXELS, N_PIXELS

SHARE = {"K": 0.01, "dex": 0.001}


def posterior(label: int, draw: float = 0.0, log_variance: float = -4.0) -> Posterior:
    """Ten draws about zero, but for one of one label."""
    draws = np.array([SHARE[label.unit] for label in LABELS]) * np.random.default_rng(0).normal(size=(10, len(LABELS)))
    variances = np.full(draws.shape, -4.0)
    draws[3, label], variances[:, label] = draw, log_variance
    return Posterior(draws, variances, np.ones(len(LABELS)), 0, 0.3)


@pytest.mark.parametrize("draw", [np.nan, np.inf, -np.inf, 1e31, -1e31, 1e300])
@pytest.mark.parametrize("label", [0, 7])
def test_draws_that_are_not_finite_or_absurd_are_no_answer(label, draw):
    said = why_impossible(posterior(label, draw))
    assert f"{LABELS[label].symbol} is " in said and len(said) < 300
    posterior(label, draw).interval()


@pytest.mark.parametrize("log_variance", [np.nan, np.inf, 100.0, 1e30])
def test_an_error_beyond_all_sense_is_no_answer(log_variance):
    assert "the error of log g is" in why_impossible(posterior(1, log_variance=log_variance))


@pytest.mark.parametrize("label", [0, 1])
def test_what_is_only_unusual_is_an_answer(label):
    largest = LARGEST[LABELS[label].unit]
    made = posterior(label)
    made.draws[:, label] = 0.999 * largest
    assert why_impossible(made) == ""
    made.draws[:, label] = -1.001 * largest
    assert why_impossible(made) != ""


def write_absurd(path: Path, value: float) -> Path:
    """A star with one pixel of absurd flux that no mask covers and no continuum is fitted to."""
    with fits.open(write_apstar(path, n_visits=1)) as hdus:
        inside = np.arange(N_PIXELS)[CHIP_PIXELS]
        pixel = inside[np.flatnonzero(~continuum_pixels())[3000]]
        flux = hdus[1].data.astype(">f8")
        flux[0, pixel], hdus[3].data[0, pixel] = value, 0
        hdus[1].data = flux
        hdus.writeto(path.with_name("absurd.fits"))
    return path.with_name("absurd.fits")


@pytest.mark.parametrize("value", [2e30, 1e38, 1e300])
def test_absurd_flux_gives_no_result_wherever_it_is_asked_about(tmp_path, value):
    path, network = write_absurd(tmp_path / "star.fits", value), random_network()
    rows = [door(path, network, None) for door in (by_analyze, by_batch, by_page)]
    for row in rows:
        assert row["flag_no_result"] and np.isnan([row["teff"], row["e_teff"], row["raw_e_fe_h"]]).all()
        assert row["reason"].startswith("The network's answer cannot be a star's")
    assert len({row["reason"] for row in rows}) == 1
