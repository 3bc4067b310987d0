"""Files the page exports: what is in them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits
from makers import write_apstar
from random_network import random_network

from inspector.files.spectra.star_file import read_star
from inspector.pipeline.analyze import analyze
from inspector.pipeline.result import Result
from inspector.science.labels import LABELS
from inspector.web.exported_files import FORMATS


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    path = write_apstar(tmp_path_factory.mktemp("export") / "star.fits", n_visits=1)
    return analyze(read_star(path).coadd, random_network(), mc_num=7)


def test_draws_in_fits_keep_their_numbers_their_units_and_where_they_came_from(result: Result) -> None:
    with fits.open(io.BytesIO(FORMATS["Draws · FITS"](result).data)) as hdus:
        table, header = hdus[1].data, hdus[1].header
        for i, label in enumerate(LABELS):
            np.testing.assert_array_equal(table[label.name], result.posterior.draws[:, i])
            np.testing.assert_array_equal(table[f"logvar_{label.name}"], result.posterior.log_variance[:, i])
        assert [hdus[1].columns[label.name].unit for label in LABELS[:2]] == ["K", None]
        assert header["TCOMM2"] == "Surface gravity, log10 of cm/s^2 (dex)"  # in words: no unit of FITS
        assert (header["SEED"], header["WEIGHTS"]) == (result.seed, result.weights.sha256)
        assert header["STAR"] == result.star_id


def test_draws_in_npz_keep_their_numbers_and_their_units(result: Result) -> None:
    with np.load(io.BytesIO(FORMATS["Draws · npz"](result).data)) as arrays:
        np.testing.assert_array_equal(arrays["draws"], result.posterior.draws)
        np.testing.assert_array_equal(arrays["log_variance"], result.posterior.log_variance)
        assert list(arrays["units"]) == [label.unit for label in LABELS]
