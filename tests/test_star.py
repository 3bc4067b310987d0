"""What a star says of itself stands once."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from makers import write_apstar

from inspector.exceptions import SpectrumError
from inspector.files.spectra.star_file import read_star
from inspector.science.star import Star
from inspector.science.star_info import SourceFile, StarInfo


@pytest.fixture
def star(tmp_path: Path) -> Star:
    return read_star(write_apstar(tmp_path / "star.fits", n_visits=2))


def test_every_spectrum_holds_the_same_information_also_in_another_process(star: Star) -> None:
    again = pickle.loads(pickle.dumps(star))
    assert all(spectrum.star is again.info for spectrum in again.spectra)
    assert again.info == star.info


def test_other_information_reaches_every_spectrum(tmp_path: Path) -> None:
    single = read_star(write_apstar(tmp_path / "one.fits", n_visits=1))
    for star in (single, Star(single.coadd, (single.coadd,))):
        other = star.with_info(StarInfo(apogee_id="another"))
        assert {spectrum.star.id for spectrum in other.spectra} == {other.id} == {"another"}
        assert len(other.spectra) == len(star.spectra)


def test_a_spectrum_of_another_star_is_no_visit_of_this_one(star: Star) -> None:
    strange = replace(star.visits[0], star=StarInfo(apogee_id="another"))
    with pytest.raises(SpectrumError, match="'visit 1 · MJD 55874' is a spectrum of 'another', the coadd of '2M"):
        Star(star.coadd, (strange,))


@pytest.mark.parametrize(
    ("info", "name"),
    [
        (StarInfo(apogee_id="2M1", sdss_id="7", file=SourceFile("a.fits")), "2M1"),
        (StarInfo(sdss_id="7", file=SourceFile("a.fits")), "SDSS 7"),
        (StarInfo(file=SourceFile("a.b.fits.gz")), "a.b"),
        (StarInfo(file=SourceFile("a.fits.fz")), "a"),
        (StarInfo(file=SourceFile(".fits")), "unnamed"),
        (StarInfo(), ""),
    ],
)
def test_a_star_is_called_by_the_best_name_its_file_has(info: StarInfo, name: str) -> None:
    assert info.id == name


def test_what_is_known_is_not_overwritten_by_what_completes_it() -> None:
    whole = StarInfo(starflag=0, h=8.0).completed_by(StarInfo(starflag=4, h=9.0, k=7.0))
    assert (whole.starflag, whole.h, whole.k, whole.j) == (0, 8.0, 7.0, None)
