"""What the page calls a star, its file and its spectrum; no browser, no server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_services import services_for
from makers import write_apstar, write_apvisit, write_aspcap, write_mwm_star, write_mwm_visit
from random_network import random_network

from inspector.files.spectra.star_file import read_star
from inspector.pipeline.analyze import analyze
from inspector.science.noise_model import NoiseModel
from inspector.service.library import make_entries
from inspector.web.exported_files import FORMATS, file_stem, spectrum_file
from inspector.web.link import HASH_DIGITS, to_query
from inspector.web.page_tasks import at_once
from inspector.web.session import Session
from inspector.web.tables.star_header import star_line

NAME = "apStar-dr17-2M00000000+0000000.fits"
NOISE = NoiseModel.identity()


@pytest.fixture
def namesakes(tmp_path: Path) -> list[Path]:
    files = []
    for number, field in enumerate(("000+02", "001-03"), start=1):
        (tmp_path / field).mkdir()
        files.append(write_apstar(tmp_path / field / NAME, n_visits=2, snr=50.0 * number))
    return files


def session_of(files: list[Path], query: str = "", show_paths: bool = True) -> Session:
    return Session(services_for(files, local=show_paths), at_once, query)


class TestNamesakes:
    def test_keys_tell_them_apart_in_any_order(self, namesakes: list[Path]) -> None:
        keys = {entry.path: entry.key for entry in make_entries(namesakes)}
        assert list(keys.values()) == [f"000+02/{NAME}", f"001-03/{NAME}"]
        assert {entry.path: entry.key for entry in make_entries(namesakes[::-1])} == keys
        assert [entry.key for entry in make_entries(namesakes[1:], [NAME])] == [f"001-03/{NAME}"]

    def test_as_many_folders_as_it_takes(self, tmp_path: Path) -> None:
        paths = [tmp_path / a / "field" / "star.fits" for a in ("apo25m", "lco25m")]
        assert [entry.key for entry in make_entries(paths)] == ["apo25m/field/star.fits", "lco25m/field/star.fits"]

    def test_the_header_names_the_file(self, namesakes: list[Path]) -> None:
        state = session_of(namesakes).state
        assert f"000+02/{NAME}" in star_line(state.star, state.inspected, state.key)

    def test_a_link_finds_its_file_whatever_else_is_open(self, namesakes: list[Path]) -> None:
        session = session_of(namesakes)
        session.press("n")
        link = to_query(session.state)
        assert f"file={session.state.star.info.file.sha256[:HASH_DIGITS]}" in link
        for files in (namesakes[::-1], namesakes[1:]):
            again = session_of(files, link)
            assert again.state.star.coadd.snr == session.state.star.coadd.snr
            assert again.state.messages == []

    def test_a_link_to_another_file_of_the_name_says_so(self, namesakes: list[Path]) -> None:
        link = to_query(session_of(namesakes[1:]).state)
        session = session_of(namesakes[:1], link)
        assert "another file called" in session.state.message.text

    @pytest.mark.parametrize("name", [NAME, f"{NAME} (2)"])
    def test_a_name_that_several_have_is_said(self, namesakes: list[Path], name: str) -> None:
        session = session_of(namesakes, f"?star={name.replace('+', '%2B')}")
        assert session.state.key == f"000+02/{NAME}"
        assert "2 files are called" in session.state.message.text

    def test_a_shared_server_tells_nobody_where_files_lie(self, namesakes: list[Path]) -> None:
        for show, path in ((True, str(namesakes[0])), (False, f"000+02/{NAME}")):
            session = session_of(namesakes, show_paths=show)
            assert analyze(session.state.star.coadd, random_network(), NOISE, 2).row()["path"] == path


class TestSpectrumNames:
    def test_an_apvisit_is_called_a_visit_everywhere(self, tmp_path: Path) -> None:
        star = read_star(write_apvisit(tmp_path / "v.fits"))
        name = "visit · MJD 55874"
        assert (star.coadd.name, [v.name for v in star.visits]) == (name, [name])
        assert star.coadd.observation.mjd == 55874
        assert analyze(star.coadd, random_network(), NOISE, 2).row()["spectrum"] == name
        assert f"S/N of {name}" in star_line(star)

    def test_an_old_link_to_its_coadd_degrades_with_a_sentence(self, tmp_path: Path) -> None:
        session = session_of([write_apvisit(tmp_path / "v.fits")], "?star=v.fits&spectrum=coadd&show=coadd")
        assert session.state.inspected == "visit · MJD 55874"
        assert session.state.shown == ["visit · MJD 55874"]
        told = " ".join(message.text for message in session.state.messages)
        assert "no spectrum 'coadd'; visit · MJD 55874 is shown" in told

    def test_two_visits_of_one_star_save_to_two_files(self, tmp_path: Path) -> None:
        names = set()
        for mjd, fiber in ((55874, 88), (55874, 104), (56643, 88)):
            file = write_apvisit(tmp_path / f"apVisit-r13-5094-{mjd}-{fiber:03d}.fits", MJD5=mjd)
            star = read_star(file)
            result = analyze(star.coadd, random_network(), NOISE, 2)
            names |= {FORMATS[what](result).name for what in ("Result · CSV", "Draws · npz")}
            names.add(spectrum_file(star.coadd, None, "csv").name)
        assert len(names) == 3 * 3

    def test_a_name_says_star_file_and_spectrum_once(self) -> None:
        assert file_stem("2M0", "apStar-dr17-2M0.fits.gz", "coadd") == "apStar-dr17-2M0-coadd"
        assert file_stem("2M0", "apVisit-1-2.fits", "visit · MJD 5") == "2M0-apVisit-1-2-visit-MJD-5"
        assert file_stem("", "../..", "") == "star"

    @pytest.mark.parametrize("write", [write_apstar, write_apvisit, write_aspcap, write_mwm_star, write_mwm_visit])
    def test_what_was_made_here_is_said_on_the_page_and_in_the_row(
        self, tmp_path: Path, write: Callable[[Path], Path]
    ) -> None:
        star = read_star(write(tmp_path / "star.fits"))
        made_here = write in (write_apvisit, write_mwm_visit)
        assert (star.coadd.processing.how in star_line(star)) is made_here
        assert (star.coadd.processing.how in analyze(star.coadd, random_network(), NOISE, 2).remark) is made_here

    def test_an_mwmvisit_of_one_visit_has_no_mean(self, tmp_path: Path) -> None:
        star = read_star(write_mwm_visit(tmp_path / "star.fits", n_visits=1))
        assert star.coadd.processing.how.startswith("visit 1 · MJD 59001 alone, of 1 visits")

    def test_the_header_tells_the_inspected_spectrums_signal(self, tmp_path: Path) -> None:
        star = read_star(write_apstar(tmp_path / "star.fits", n_visits=2, snr=150.0))
        assert "<i>S/N of the coadd</i>150" in star_line(star, "coadd")
        assert "<i>S/N of visit 2 · MJD 55875</i>52" in star_line(star, star.visits[1].name)
