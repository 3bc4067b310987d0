"""Every kind of file comes out as one kind of star, and as the file says."""

from __future__ import annotations

import gzip
import warnings
from concurrent.futures import ThreadPoolExecutor

import makers
import numpy as np
import pytest
from astropy.io import fits
from star_checks import check

from inspector.exceptions import FileError, NotRecognised
from inspector.files.fits_header import MAX_LISTED, listed
from inspector.files.spectra.fits_file import open_fits
from inspector.files.spectra.product_detection import READERS
from inspector.files.spectra.spectrum_arrays import BAD_ERROR, median_snr
from inspector.files.spectra.star_file import read_star, read_star_bytes
from inspector.science.labels import LABEL_NAMES
from inspector.science.spectrum import N_PIXELS

REAL = {  # file: (id, visits, S/N)
    "apStar-dr17-2M17335483-2753043": ("2M17335483-2753043", 3, 154.155),
    "apStar-dr17-2M19485057+5005279": ("2M19485057+5005279", 1, 137.489),
    "apStar-r6-2M00005143+5615568": ("2M00005143+5615568", 3, 103.588),
    "apStar-r6-2M03290406+3117075": ("2M03290406+3117075", 1, 33.127),
    "apStar-r6-2M03442721+3220288": ("2M03442721+3220288", 4, 113.051),
    "apStar-r6-2M12241699+2453335": ("2M12241699+2453335", 3, 9.526),
    "apStar-r6-2M17334253-1654573": ("2M17334253-1654573", 2, 186.493),
    "apStar-r8-2M19390532+4027346": ("2M19390532+4027346", 3, 361.886),
    "apVisit-r13-5095-55844-128": ("2M01183798+8403419", 1, 44.967),
    "apVisit-r13-9518-57729-104": ("2M00242666+5341178", 1, 89.595),
    "apVisit-r6-5094-55874-088": ("2M00005143+5615568", 1, 76.441),
    "apVisit-r6-5094-56643-088": ("2M00005143+5615568", 1, 83.441),
    "apVisit-r6-5094-56651-082": ("2M00005143+5615568", 1, 85.084),
    "aspcapStar-r6-l30e.2-2M08501918+1056436": ("2M08501918+1056436", 0, 435.837),
    "aspcapStar-r6-l30e.2-2M17334253-1654573": ("2M17334253-1654573", 0, 186.493),
    "mwmStar-0.6.0-54392901": ("2M00005143+5615568", 0, 103.588),
    "mwmVisit-0.6.0-54392901": ("2M00005143+5615568", 3, 152.5),
}


def test_every_header_is_listed_and_no_more_cards_than_fit(tmp_path):
    path = makers.write_apstar(tmp_path / "many.fits")
    with fits.open(path, mode="update") as hdus:
        hdus[0].header["HISTORY"] = "by hand"
        hdus[1].header["EXTNAME"] = "FLUX"
        hdus[1].header["BUNIT"] = ("<b>unit</b>", "<script>")
        for i in range(6000):
            hdus[2].header[f"K{i}"] = i
    parts = listed(read_star(path).info.file.headers)
    assert [title for title, _ in parts[:2]] == ["HDU 0 · primary", "HDU 1 · FLUX · image 8575 × 5"]
    assert ("HISTORY", "by hand", "") in parts[0][1]
    assert ("BUNIT", "<b>unit</b>", "<script>") in parts[1][1]
    assert 4000 < sum(len(cards) for _, cards in parts) <= MAX_LISTED


@pytest.mark.parametrize("name", REAL)
def test_a_real_file(real_spectra, name):
    star = read_star(real_spectra / f"{name}.fits")
    check(star)
    ident, visits, snr = REAL[name]
    assert (star.id, len(star.visits), star.info.product) == (ident, visits, name.split("-")[0])
    assert star.coadd.snr == pytest.approx(snr, abs=0.05)
    assert star.info.ra >= 0 and star.info.h is not None
    good = median_snr(star.coadd.flux, star.coadd.error, star.coadd.bitmask)
    assert 0.6 < star.coadd.snr / good < (3 if "aspcap" in name else 1.2)  # ASPCAP floors its errors


@pytest.mark.parametrize("name", REAL)
def test_astropy_reads_the_same_numbers(real_spectra, name):
    """Astropy is the oracle for the FITS layer: every image, numeric column and card."""
    hdus = open_fits(real_spectra / f"{name}.fits")
    with fits.open(real_spectra / f"{name}.fits") as oracle:
        assert len(hdus) == len(oracle)
        for ours, theirs in zip(hdus, oracle, strict=True):
            _same_data(ours, theirs)
            _same_cards(ours.header, theirs.header)


def _same_data(ours, theirs):
    if not ours.is_table:
        assert ours.shape == (() if theirs.data is None else theirs.data.shape)
        if ours.shape:
            np.testing.assert_array_equal(ours.image(), theirs.data)
        return
    assert list(ours.columns) == [n.lower() for n in theirs.columns.names]
    for name in ours.columns if ours.rows else ():
        if ours.is_text(name) and not theirs.columns[name].dim:
            assert ours.texts(name) == [t.strip()[:200] for t in theirs.data[name]]
        elif not ours.is_text(name):
            np.testing.assert_array_equal(ours.column(name), np.reshape(theirs.data[name], (ours.rows, -1)))


def _same_cards(ours, theirs):
    for card in theirs.cards:
        if card.keyword in ("COMMENT", "HISTORY", "", "AKTARG"):  # astropy cannot parse AKTARG = NAN
            continue
        expected = card.value.strip() if isinstance(card.value, str) else card.value
        assert ours.get(card.keyword) == expected


@pytest.mark.parametrize("value", ["NAN", "'no end", "1.2.3", "(1,", ""])
def test_a_card_that_is_no_fits_spoils_no_other(tmp_path, value):
    data = makers.write_apstar(tmp_path / "a.fits", AKTARG=12345).read_bytes()
    broken = data.replace(f"AKTARG  = {12345:>20}".encode(), f"AKTARG  = {value:>20}".encode())
    assert broken != data
    star = read_star_bytes(broken, "a.fits")
    assert star.id == "2M00000000+0000000" and ("AKTARG", "", "") in listed(star.info.file.headers)[0][1]


def test_astropys_warnings_reach_nobody_and_filters_stay(tmp_path):
    """Neither as warnings nor, where the user made these errors, as failures; from many threads at once."""
    data = makers.write_apstar(tmp_path / "a.fits", OBJID="2M#00000000").read_bytes()
    odd = data.replace(b"2M#", b"2M\xff").replace(b"EXTEND  =", b"extend  =")
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        stars = list(pool.map(lambda _: read_star_bytes(odd, "a.fits"), range(24)))
    assert {star.id for star in stars} == {"2M?00000000"}
    assert warnings.filters == before


@pytest.mark.parametrize("kind", makers.WRITERS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_every_kind_by_content_alone(tmp_path, kind, packed):
    content = makers.WRITERS[kind](tmp_path / "made.fits").read_bytes()
    path = tmp_path / "no telling name.txt"
    path.write_bytes(gzip.compress(content) if packed else content)
    star = read_star(str(path))
    check(star)
    assert star.info.product == kind and star.info.file.name == "no telling name.txt"
    uploaded = read_star_bytes(path.read_bytes(), "C:\\temp\\upload.fits")
    assert uploaded.info.file.name == "upload.fits"
    for one, other in zip(star.spectra, uploaded.spectra, strict=True):
        np.testing.assert_array_equal(one.flux, other.flux)


@pytest.mark.parametrize("kind", makers.WRITERS)
def test_readers_exclude_each_other(tmp_path, kind):
    hdus = open_fits(makers.WRITERS[kind](tmp_path / "made.fits"))
    assert [reader.refuse(hdus) for reader in READERS].count(None) == 1


def test_apstar_rows(tmp_path):
    path = makers.write_apstar(tmp_path / "a.fits", n_visits=3)
    star = read_star(path)
    stored = fits.getdata(path, 1)
    np.testing.assert_array_equal(star.coadd.flux, stored[0])
    assert [v.name for v in star.visits] == [
        "visit 1 · MJD 55874",
        "visit 2 · MJD 55875",
        "visit 3 · MJD 55876",
    ]
    np.testing.assert_array_equal(star.visits[2].flux, stored[4])
    assert star.visits[1].observation.v_rad == -20 and star.visits[1].observation.plate == "5094"
    assert star.visits[1].snr == 52


@pytest.mark.parametrize("one_d", [False, True])
def test_a_single_visit_is_coadd_and_visit(tmp_path, one_d):
    star = read_star(makers.write_apstar(tmp_path / "a.fits", n_visits=1, one_d=one_d, SNRVIS1=0.0))
    (visit,) = star.visits
    assert visit.flux is star.coadd.flux and visit.error is star.coadd.error
    assert visit.observation.mjd == 55874 and visit.snr == star.coadd.snr == 100  # SNRVIS1 = 0 is no S/N


def test_missing_keywords_are_absent(tmp_path):
    star = read_star(makers.write_apstar(tmp_path / "a.fits", SNR=None, H=-9999.99, J=99.99, OBJID=None, NVISITS=None))
    check(star)
    info = star.info
    assert (info.h, info.j, info.telescope, info.n_visits, info.apogee_id) == (None,) * 5
    assert star.id == "a" and star.coadd.snr == pytest.approx(100, rel=0.02)


def test_pixels_without_an_error_are_bad_and_flux_stays_raw(tmp_path):
    path = makers.write_apstar(tmp_path / "a.fits")
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[0, 1000] = np.nan
        hdus[2].data[0, 2000:2004] = [0, -1, np.nan, np.inf]
        hdus[3].data[0, 2001] = 512
        hdus[3].data[0, 2500] = -32768  # the sign bit of an int16 is a bit of the mask
    coadd = read_star(path).coadd
    assert np.isnan(coadd.flux[1000]) and coadd.error[1000] < 100 and coadd.bitmask[1000] == 0
    assert (coadd.error[2000:2004] == BAD_ERROR).all()
    assert coadd.bitmask[2000:2004].tolist() == [1, 513, 1, 1] and coadd.bitmask[2500] == 32768


@pytest.mark.parametrize(("cards", "expected"), [({"VRAD": None}, 30.0), ({"VRAD": None, "VREL": 31.0}, 31.0)])
def test_apvisit_velocity_from_what_there_is(tmp_path, cards, expected):
    star = read_star(makers.write_apvisit(tmp_path / "v.fits", **cards))
    assert star.visits[0].observation.v_rad == expected


@pytest.mark.parametrize("cards", [{"VRAD": None, "BC": None}, {"VRAD": -9999.0, "VHELIO": None}, {"VRAD": 9000.0}])
def test_apvisit_without_a_velocity_is_refused(tmp_path, cards):
    with pytest.raises(FileError, match="VRAD"):
        read_star(makers.write_apvisit(tmp_path / "v.fits", **cards))


def test_aspcapstar_says_what_it_is(tmp_path):
    star = read_star(makers.write_aspcap(tmp_path / "a.fits"))
    assert star.coadd.processing.normalized_by == "ASPCAP" and star.coadd.model.shape == (N_PIXELS,)
    assert star.visits == () and star.info.starflag == 512
    labels = star.info.catalogue
    assert labels["teff"] == (4500, 90) and labels["logg"] == pytest.approx((2.5, 0.1))
    assert set(LABEL_NAMES) - set(labels) == {"mg_h"}  # the fill value
    assert labels["ni_h"] == pytest.approx((0.19, 0.05)) and labels["fe_h"][0] == pytest.approx(0.17)


def test_older_aspcap_element_orders_are_not_guessed(tmp_path):
    labels = read_star(makers.write_aspcap(tmp_path / "a.fits", n_elements=15)).info.catalogue
    assert set(labels) == {"teff", "logg"}


def test_the_real_catalogue(real_spectra):
    labels = read_star(real_spectra / "aspcapStar-r6-l30e.2-2M17334253-1654573.fits").info.catalogue
    assert set(labels) == set(LABEL_NAMES)
    assert labels["teff"][0] == pytest.approx(3788.4, abs=0.1) and labels["fe_h"][0] == pytest.approx(0.0119, abs=1e-4)
    dwarf = read_star(real_spectra / "aspcapStar-r6-l30e.2-2M08501918+1056436.fits").info.catalogue
    assert "logg" not in dwarf and "teff" in dwarf  # uncalibrated for M dwarfs, so withheld


def test_mwm_ids_survive(tmp_path):
    info = read_star(makers.write_mwm_star(tmp_path / "m.fits")).info
    assert (info.gaia_id, info.catalogid) == ("2096876543210987654", "63050396092955182")
    assert (info.sdss_id, info.telescope, info.version) == ("54392901", "apo25m", "0.6.0")


def test_mwmstar_takes_the_better_observatory(tmp_path):
    star = read_star(makers.write_mwm_star(tmp_path / "m.fits", apo=50, lco=80))
    assert star.coadd.snr == 80 and star.info.telescope == "lco25m"
    assert [(v.name, v.snr) for v in star.visits] == [("coadd 2 · apo25m", 50)]
    assert read_star(makers.write_mwm_star(tmp_path / "l.fits", apo=None, lco=80)).visits == ()


def test_mwmvisit_coadd_is_ours_and_says_so(tmp_path):
    star = read_star(makers.write_mwm_visit(tmp_path / "m.fits", n_visits=3, n_lco=1, in_stack=(True, False, True)))
    check(star)
    assert [v.observation.in_stack for v in star.visits] == [True, False, True, True]
    assert "2 of 4 visits" in star.coadd.processing.how and "combined here" in star.coadd.processing.how
    assert star.coadd.snr == pytest.approx(60 * 2**0.5, rel=0.03)
    assert star.visits[3].observation.telescope == "lco25m" and star.visits[0].observation.v_helio == 12.5


@pytest.mark.parametrize("stack", [(True, False), (False, False)])
def test_mwmvisit_with_one_or_no_stacked_visit(tmp_path, stack):
    star = read_star(makers.write_mwm_visit(tmp_path / "m.fits", n_visits=2, in_stack=stack))
    if stack[0]:
        np.testing.assert_array_equal(star.coadd.flux, star.visits[0].flux)
    else:
        assert "none is marked in_stack" in star.coadd.processing.how


def test_boss_alone_is_refused_with_a_reason(tmp_path):
    with pytest.raises(FileError, match="only BOSS optical spectra"):
        read_star(makers.write_mwm_star(tmp_path / "m.fits", apo=None, boss=True))
    with pytest.raises(FileError, match="every table is empty"):
        read_star(makers.write_mwm_star(tmp_path / "m.fits", apo=None))


def test_an_unknown_fits_file_hears_every_reader(tmp_path):
    path = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((10, 10))).writeto(path)
    with pytest.raises(NotRecognised) as caught:
        read_star(path)
    assert set(caught.value.reasons) == {reader.KIND for reader in READERS}


def test_many_threads_read_alike(tmp_path):
    paths = [write(tmp_path / f"{kind}.fits") for kind, write in makers.WRITERS.items()] * 4
    with ThreadPoolExecutor(8) as pool:
        stars = list(pool.map(read_star, paths))
    for path, star in zip(paths, stars, strict=True):
        np.testing.assert_array_equal(star.coadd.flux, read_star(path).coadd.flux)
