"""Where a row's spectrum lies: in the archive, in folders by name and content, and never another star's."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import makers
import pytest

from inspector.exceptions import FileError, SpectrumError
from inspector.files.archive import archive_file, completed
from inspector.files.fetch_cache import FetchCache
from inspector.files.file_content import file_sha256
from inspector.files.spectra.file_identity import identify
from inspector.files.spectra.star_file import read_star
from inspector.files.spectrum_folder import SpectrumFolders
from inspector.science.spectrum_choice import check_star, matching_spectrum, separation
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.spectrum_sources import Found, SpectrumSources

IN_DR17 = SpectrumKey(apogee_id="2M17335483-2753043", telescope="apo25m", field="000+02", release="dr17")


@pytest.mark.parametrize(
    ("key", "location"),
    [
        (IN_DR17, "dr17/apogee/spectro/redux/dr17/stars/apo25m/000+02/apStar-dr17-2M17335483-2753043.fits"),
        (
            replace(IN_DR17, telescope="lco25m"),
            "dr17/apogee/spectro/redux/dr17/stars/lco25m/000+02/asStar-dr17-2M17335483-2753043.fits",
        ),
        (
            replace(IN_DR17, filetype="aspcapStar"),
            "dr17/apogee/spectro/aspcap/dr17/synspec_rev1/apo25m/000+02/aspcapStar-dr17-2M17335483-2753043.fits",
        ),
        (
            SpectrumKey(plate="5815", mjd="56433", fiber="21", telescope="lco25m", field="000+02", apred="dr17"),
            "dr17/apogee/spectro/redux/dr17/visit/lco25m/000+02/5815/56433/asVisit-dr17-5815-56433-021.fits",
        ),
        (
            SpectrumKey(sdss_id="114892017", v_astra="0.6.0", release="sdss5", filetype="mwmStar"),
            "dr19/spectro/astra/0.6.0/spectra/star/20/17/mwmStar-0.6.0-114892017.fits",
        ),
        (
            SpectrumKey(sdss_id="114892017", release="dr19", mjd="59000"),
            "dr19/spectro/astra/0.6.0/spectra/visit/20/17/mwmVisit-0.6.0-114892017.fits",
        ),
        (
            SpectrumKey(apogee_id="2M17335483-2753043", telescope="apo25m", healpix="87654", release="dr19"),
            "dr19/spectro/apogee/redux/1.3/stars/apo25m/87/87654/apStar-1.3-apo25m-2M17335483-2753043.fits",
        ),
        (
            SpectrumKey(file="apStar-r6-2M00005143+5615568.fits", telescope="apo25m", field="4217"),
            "dr13/apogee/spectro/redux/r6/stars/apo25m/4217/apStar-r6-2M00005143+5615568.fits",
        ),
        (
            SpectrumKey(apogee_id="VESTA", telescope="apo1m", field="calibration", mjd="56000", release="dr17",
                        filetype="apVisit"),
            "dr17/apogee/spectro/redux/dr17/visit/apo1m/calibration/56000/apVisit-dr17-56000-VESTA.fits",
        ),
    ],
)  # fmt: skip
def test_a_row_leads_to_its_file_in_the_archive(key, location):
    file = archive_file(key)
    assert file.location == location
    assert file.url == f"https://data.sdss.org/sas/{location}"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (SpectrumKey(apogee_id="2M17335483-2753043"), "release is missing"),
        (SpectrumKey(apogee_id="2M17335483-2753043", release="DR17"), "the field and the telescope"),
        (replace(IN_DR17, field=None), "the field is missing. A column FIELD of the table would help; allStar has it"),
        (replace(IN_DR17, release="dr19"), "the healpix is missing"),
        (SpectrumKey(sdss_id="114892017", v_astra="9.9.9"), "release is missing"),
        (SpectrumKey(sdss_id="114892017", release="dr20"), "version of Astra (v_astra) is missing"),
        (SpectrumKey(sdss_id="114892017", release="dr17", filetype="mwmStar"), "dr17 has no mwmStar"),
        (SpectrumKey(), "which product"),
        (replace(IN_DR17, filetype="specFull"), "'specFull' is not an APOGEE spectrum"),
        (replace(IN_DR17, filetype="aspcapStar", release="dr13"), "aspcapStar files of dr13"),
        (replace(IN_DR17, release="dr13"), "LOCATION_ID"),
        (replace(IN_DR17, field="../../../etc"), "in its path"),
        (replace(IN_DR17, field="$HOME"), "in its path"),
        (replace(IN_DR17, field="@healpixgrp|"), "in its path"),
        (SpectrumKey(sdss_id="1.14e8", release="dr19"), "not a whole number"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_guessed(key, said):
    with pytest.raises(FileError) as caught:
        archive_file(key)
    assert said in str(caught.value)


def test_the_survey_s_package_leaves_no_trace(tmp_path):
    """It replaces hooks, fills the environment, makes ``~/sas`` and answers to a name that another package has."""
    code = (
        "import os, sys, warnings, astropy\n"  # which has hooks of its own
        "warnings.simplefilter('error')\n"
        "before, hooks = dict(os.environ), (sys.excepthook, warnings.showwarning)\n"
        "from inspector.files.archive import archive_file\n"
        "from inspector.science.spectrum_key import SpectrumKey\n"
        "print(archive_file(SpectrumKey(sdss_id='114892017', release='dr19')).name)\n"
        "assert dict(os.environ) == before and (sys.excepthook, warnings.showwarning) == hooks\n"
        "assert 'tree' not in sys.modules\n"
    )
    environment = {name: text for name, text in os.environ.items() if name != "SAS_BASE_DIR"} | {"HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "mwmStar-0.6.0-114892017.fits\n", "")
    assert not list(tmp_path.iterdir())


def test_the_name_of_a_file_tells_what_the_row_does_not():
    told = completed(SpectrumKey(file="apVisit-r6-5094-56651-082.fits.gz", fiber="82"))
    assert (told.apred, told.plate, told.mjd, told.fiber) == ("r6", "5094", "56651", "82")
    assert completed(SpectrumKey(file="mwmVisit-0.6.0-54392901.fits")).sdss_id == "54392901"
    assert completed(SpectrumKey(file="my star.fits")) == SpectrumKey(file="my star.fits")


STAR = "2M00005143+5615568"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (SpectrumKey(apogee_id=STAR), f"apStar-r6-{STAR}.fits"),
        (SpectrumKey(apogee_id="AP00005143+5615568"), f"apStar-r6-{STAR}.fits"),
        (SpectrumKey(sdss_id="54392901", v_astra="0.6.0"), "mwmStar-0.6.0-54392901.fits"),
        (SpectrumKey(sdss_id="54392901", v_astra="0.6.0", mjd="55874"), "mwmVisit-0.6.0-54392901.fits"),
        (SpectrumKey(gaia_id="2096876543210987654"), "mwmStar-0.6.0-54392901.fits"),
        (SpectrumKey(apogee_id=STAR, plate="5094", mjd="56643", fiber="88"), "apVisit-r6-5094-56643-088.fits"),
        (SpectrumKey(apogee_id=STAR, spectrum="visit · MJD 56651", file="apVisit-r6-5094-56651-082.fits"),
         "apVisit-r6-5094-56651-082.fits"),
        (SpectrumKey(apogee_id="2M17334253-1654573", filetype="aspcapStar"),
         "aspcapStar-r6-l30e.2-2M17334253-1654573.fits"),
        (SpectrumKey(apogee_id="2M17334253-1654573", field="M67"), None),
        (SpectrumKey(apogee_id="2M12241699+2453335", telescope="lco25m"), None),
        (SpectrumKey(apogee_id="2M17334253-1654573", v_astra="0.6.0"), None),
        (SpectrumKey(apogee_id=STAR, plate="5094", mjd="56644", fiber="88", filetype="apVisit"), None),
        (SpectrumKey(apogee_id="2M17334254-1654573"), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("renamed", [False, True], ids=["own names", "other names"])
def test_a_row_s_file_is_found_among_others(real_spectra, tmp_path_factory, key, name, renamed):
    folder = real_spectra
    if renamed:  # by content alone, packed, in folders of folders
        folder = tmp_path_factory.getbasetemp() / "renamed"
        for number, path in enumerate(sorted(real_spectra.iterdir()) if not folder.exists() else ()):
            (folder / f"{number % 3}").mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / f"{number % 3}" / f"x{number}.fits")
    found = SpectrumFolders([folder]).find(key)
    assert (found is None) == (name is None)
    if found is not None:
        assert file_sha256(found.path) == file_sha256(real_spectra / name)


def test_a_name_is_believed_only_where_the_content_agrees(real_spectra, tmp_path):
    shutil.copy(real_spectra / "apStar-r6-2M12241699+2453335.fits", tmp_path / f"apStar-r6-{STAR}.fits")
    folders = SpectrumFolders([tmp_path])
    assert folders.find(SpectrumKey(apogee_id=STAR)) is None
    shutil.copy(real_spectra / f"apStar-r6-{STAR}.fits", tmp_path / "b.fits")  # what comes later is met
    found = folders.find(SpectrumKey(apogee_id=STAR))
    assert found is not None and found.path.name == "b.fits"
    (tmp_path / "b.fits").unlink()
    assert folders.find(SpectrumKey(apogee_id=STAR)) is None


def test_a_place_on_the_sky_tells_where_no_id_can(real_spectra, tmp_path):
    shutil.copy(real_spectra / f"apStar-r6-{STAR}.fits", tmp_path / "x.fits")
    star = identify(tmp_path / "x.fits").star
    assert star.ra is not None and star.dec is not None
    folders = SpectrumFolders([tmp_path])
    near, far = (SpectrumKey(gaia_id="5", ra=star.ra, dec=star.dec + arcsec / 3600) for arcsec in (2, 4))
    assert folders.find(near) is not None and folders.find(far) is None


def test_a_file_that_is_replaced_is_read_again(real_spectra, tmp_path):
    place = tmp_path / "star.fits"
    shutil.copy(real_spectra / f"apStar-r6-{STAR}.fits", place)
    folders = SpectrumFolders([tmp_path])
    assert folders.find(SpectrumKey(apogee_id=STAR)) is not None
    shutil.copy(real_spectra / "apStar-r6-2M12241699+2453335.fits", place)
    assert folders.find(SpectrumKey(apogee_id=STAR)) is None


def test_of_several_files_of_a_star_the_one_with_the_row_s_hash_is_taken(real_spectra, tmp_path):
    for folder, visits in (("a", 2), ("b", 3)):
        (tmp_path / folder).mkdir()
        makers.write_apstar(tmp_path / folder / "star.fits", n_visits=visits)
    key = SpectrumKey(apogee_id="2M00000000+0000000")
    for folder in ("a", "b"):
        asked = replace(key, file_sha256=file_sha256(tmp_path / folder / "star.fits"))
        found = SpectrumFolders([tmp_path]).find(asked)
        assert found is not None and found.path.parent.name == folder and not found.remark
    found = SpectrumFolders([tmp_path]).find(replace(key, file_sha256="0" * 64))
    assert found is not None and "not the very file" in found.remark


def test_what_is_no_spectrum_is_passed_over(tmp_path):
    (tmp_path / "empty.fits").touch()
    (tmp_path / "cut.fits").write_bytes(makers.write_apstar(tmp_path / "whole.fits").read_bytes()[:5000])
    (tmp_path / "page.fits").write_text("<html>")
    os.mkfifo(tmp_path / "pipe.fits")
    (tmp_path / "loop.fits").symlink_to(tmp_path / "loop.fits")
    found = SpectrumFolders([tmp_path]).find(SpectrumKey(apogee_id="2M00000000+0000000"))
    assert found is not None and found.path.name == "whole.fits"


def test_headers_alone_tell_what_reading_tells(real_spectra):
    for path in real_spectra.iterdir():
        told, star = identify(path).star, read_star(path)
        assert (told.product, told.apogee_id, told.sdss_id) == (
            star.info.product,
            star.info.apogee_id,
            star.info.sdss_id,
        )


def test_a_row_means_one_spectrum_of_the_star(real_spectra):
    star = read_star(real_spectra / f"apStar-r6-{STAR}.fits")
    key = SpectrumKey(apogee_id=STAR)
    assert matching_spectrum(star, key) == "coadd"
    assert matching_spectrum(star, replace(key, spectrum="visit 2 · MJD 56643")) == "visit 2 · MJD 56643"
    assert matching_spectrum(star, replace(key, spectrum="visit · MJD 56651")) == "visit 3 · MJD 56651"
    assert matching_spectrum(star, replace(key, mjd="55874", plate="5094", fiber="88")) == "visit 1 · MJD 55874"
    for wrong in ({"mjd": "55875"}, {"mjd": "55874", "fiber": "89"}, {"spectrum": "visit 9"}, {"telescope": "lco25m"}):
        with pytest.raises(SpectrumError):
            matching_spectrum(star, replace(key, **wrong))
    visit = read_star(real_spectra / "apVisit-r6-5094-56651-082.fits")
    with pytest.raises(SpectrumError, match="no coadd"):
        matching_spectrum(visit, key)
    assert matching_spectrum(visit, replace(key, mjd="56651")) == "visit · MJD 56651"


def test_the_coadd_of_the_row_s_telescope_is_meant(tmp_path):
    star = read_star(makers.write_mwm_star(tmp_path / "m.fits", apo=50.0, lco=90.0))
    key = SpectrumKey(sdss_id="54392901")
    assert matching_spectrum(star, replace(key, telescope="lco25m")) == "coadd"
    assert matching_spectrum(star, replace(key, telescope="apo25m")).startswith("coadd 2")
    with pytest.raises(SpectrumError, match="more than one coadd"):
        matching_spectrum(star, key)


def test_another_star_is_refused(real_spectra):
    info = identify(real_spectra / "mwmStar-0.6.0-54392901.fits").star
    check_star(info, SpectrumKey(apogee_id=STAR, sdss_id="54392901"))
    check_star(info, SpectrumKey(file="anything.fits"))
    check_star(info, SpectrumKey(gaia_id=info.gaia_id, catalogid="5"))
    assert info.ra is not None and info.dec is not None
    check_star(info, SpectrumKey(ra=info.ra + 1 / 3600, dec=info.dec))
    for key in (
        SpectrumKey(apogee_id="2M00005143+5615569"),
        SpectrumKey(apogee_id=STAR, sdss_id="54392902"),
        SpectrumKey(gaia_id="5"),
        SpectrumKey(ra=info.ra, dec=info.dec + 4 / 3600),
    ):
        with pytest.raises(FileError, match="another star"):
            check_star(info, key)
    with pytest.raises(FileError, match="shares no id"):
        check_star(replace(info, ra=None), SpectrumKey(ra=1.0, dec=1.0))


def test_separations_are_those_of_astropy():
    from astropy.coordinates import SkyCoord

    pairs = [((10.0, 20.0), (10.001, 20.0)), ((359.9999, -89.99), (0.0001, -89.99)), ((0.0, 0.0), (180.0, 0.0))]
    for one, other in pairs:
        oracle = SkyCoord(*one, unit="deg").separation(SkyCoord(*other, unit="deg")).arcsec
        assert separation(one, other) == pytest.approx(oracle, rel=1e-9)


def find(sources: SpectrumSources, key: SpectrumKey) -> Found:
    async def run() -> Found:
        try:
            return await sources.find(key)
        finally:
            sources.close()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def no_tree(monkeypatch):
    """No copy of the archive that this machine may have."""
    monkeypatch.delenv("SAS_BASE_DIR", raising=False)


@pytest.fixture
def cache(tmp_path):
    return FetchCache(tmp_path / "cache")


def test_the_row_s_own_path_comes_first_where_it_may_be_read(real_spectra, tmp_path, cache):
    path = tmp_path / "mine.fits"
    shutil.copy(real_spectra / f"apStar-r6-{STAR}.fits", path)
    key = SpectrumKey(path=str(path), apogee_id=STAR, file_sha256=file_sha256(path))
    assert find(SpectrumSources([real_spectra], cache=cache), key) == Found(path, "the row's own path")
    served = find(SpectrumSources([real_spectra], cache=cache, local=False), key)
    assert served.path.parent == real_spectra and served.origin.startswith("folder ")
    shutil.copy(real_spectra / "apStar-r6-2M12241699+2453335.fits", path)
    assert find(SpectrumSources([real_spectra], cache=cache), key).path.parent == real_spectra


def test_a_local_copy_of_the_archive_is_looked_into(real_spectra, tmp_path, cache, monkeypatch):
    place = tmp_path / "sas" / archive_file(IN_DR17).location
    place.parent.mkdir(parents=True)
    shutil.copy(real_spectra / f"apStar-dr17-{IN_DR17.apogee_id}.fits", place)
    monkeypatch.setenv("SAS_BASE_DIR", str(tmp_path / "sas"))
    sources = SpectrumSources(cache=cache)
    assert sources.where(IN_DR17) == "SAS tree"
    assert find(sources, IN_DR17) == Found(place, "SAS tree")
    shutil.copy(real_spectra / f"apStar-r6-{STAR}.fits", place)
    with pytest.raises(FileError, match=r"holds 2M00005143\+5615568, which is another star"):
        find(SpectrumSources(cache=cache), IN_DR17)


def test_what_is_missing_is_said_and_nothing_is_fetched_unasked(real_spectra, cache):
    with pytest.raises(FileError) as caught:
        find(SpectrumSources([real_spectra], cache=cache), replace(IN_DR17, apogee_id="2M17335483-2753044"))
    assert "no file of 2M17335483-2753044 in the folder given or the cache" in str(caught.value)
    assert "data.sdss.org should have it (apStar-dr17-2M17335483-2753044.fits)" in str(caught.value)
    with pytest.raises(FileError, match="release is missing"):
        find(SpectrumSources([real_spectra], cache=cache), SpectrumKey(apogee_id="2M17335483-2753044"))
    assert not cache.folder.exists()


def test_a_hostile_row_reads_nothing_else(tmp_path, cache):
    for path in ("/etc/passwd", "/dev/zero", "a\0b", "x" * 5000, str(tmp_path)):
        with pytest.raises(FileError):
            find(SpectrumSources(cache=cache), SpectrumKey(path=path, apogee_id=STAR))


def test_paths_are_not_believed_beyond_a_local_server(tmp_path, cache):
    makers.write_apstar(tmp_path / "secret.fits")
    (tmp_path / "given").mkdir()
    key = SpectrumKey(path=str(tmp_path / "given" / ".." / "secret.fits"), apogee_id="2M00000000+0000000")
    with pytest.raises(FileError):
        find(SpectrumSources([tmp_path / "given"], cache=cache, local=False), key)
    assert find(SpectrumSources([], cache=cache), key).path == Path(str(key.path))
