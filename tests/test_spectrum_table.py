"""A spectrum as a table: every number is the one the network's input was made from."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.units import Unit

from inspector.files.spectra.star_file import read_star
from inspector.files.tables.spectrum_table import WRITERS, spectrum_table, write_spectrum
from inspector.science.continuum import normalize
from inspector.science.labels import ELEMENTS
from inspector.science.spectrum import CHIP_PIXELS
from inspector.science.star import Star
from inspector.science.star_info import Processing
from inspector.science.windows import element_windows

STARS = Path(__file__).resolve().parents[1] / "assets" / "stars"
ORIGIN = {"STAR": "2M17335483-2753043", "FILE": "apStar é\n.fits", "SPECTRUM": "coadd"}
FORMS = {"fits": "fits", "ecsv": "ascii.ecsv", "csv": "ascii.csv"}


@pytest.fixture(scope="module")
def star() -> Star:
    return read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")


def read_back(table: Table, kind: str) -> Table:
    return Table.read(io.BytesIO(write_spectrum(table, kind)), format=FORMS[kind])


@pytest.mark.parametrize("kind", WRITERS)
def test_every_column_comes_back_as_it_was(star: Star, kind: str) -> None:
    normalized = normalize(star.coadd)
    back = read_back(spectrum_table(star.coadd, normalized, ORIGIN), kind)
    assert np.array_equal(back["wavelength"], star.coadd.wavelength)
    assert np.array_equal(back["flux"], star.coadd.flux, equal_nan=True)
    assert np.array_equal(back["bitmask"], star.coadd.bitmask)
    inside = back[CHIP_PIXELS]
    assert np.array_equal(inside["continuum"], normalized.continuum)
    assert np.array_equal(inside["normalized_flux"], normalized.flux)
    assert np.array_equal(inside["normalized_error"], normalized.error)
    replaced = np.asarray(inside["replaced"]).astype(str) == "True"
    assert np.array_equal(replaced, ~normalized.good)
    for element, window in zip(ELEMENTS, element_windows(), strict=True):
        assert np.array_equal(np.asarray(inside[f"window_{element}"]).astype(str) == "True", window)


def test_units_and_origin_travel_with_fits_and_ecsv(star: Star) -> None:
    table = spectrum_table(star.coadd, normalize(star.coadd), ORIGIN)
    for kind in ("fits", "ecsv"):
        back = read_back(table, kind)
        assert back["wavelength"].unit == Unit("Angstrom")
        for name in ("flux", "error", "continuum"):
            assert back[name].unit == Unit("1e-17 erg / (s cm2 Angstrom)"), name
    with fits.open(io.BytesIO(write_spectrum(table, "fits"))) as hdus:
        hdus.verify("exception")
        assert hdus[0].header["STAR"] == ORIGIN["STAR"] and hdus[0].header["FILE"] == "apStar ??.fits"
        assert "rest frame" in hdus[1].header["TCOMM1"]
    assert read_back(table, "ecsv").meta == ORIGIN


def test_what_cannot_be_normalised_has_its_flux_and_no_invented_numbers(star: Star) -> None:
    dead = replace(star.coadd, bitmask=np.ones_like(star.coadd.bitmask))
    back = read_back(spectrum_table(dead, None, ORIGIN), "fits")
    assert np.isfinite(back["flux"]).any() and not np.isfinite(back["normalized_flux"]).any()
    assert not back["replaced"].any()


def test_a_spectrum_aspcap_normalised_has_no_flux_unit_and_brings_its_model(star: Star) -> None:
    model = np.full(8575, 0.9)
    normal = replace(star.coadd, processing=Processing(normalized_by="ASPCAP"), model=model)
    table = spectrum_table(normal, normalize(normal), ORIGIN)
    assert table["flux"].unit == Unit("")
    assert np.array_equal(table["model"], model)
    inside = table[CHIP_PIXELS]
    assert np.allclose(inside["normalized_model"], 0.9 / normalize(normal).continuum)
