"""Each row can be traced to the file it is of."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path

import pytest
from makers import write_apstar
from random_network import random_network

from inspector.files.spectra.star_file import read_star, read_star_bytes
from inspector.files.tables.result_table import read_table
from inspector.pipeline.batch import BatchSettings, run_batch
from inspector.science.noise_model import NoiseModel

NAME = "apStar-dr17-2M00000000+0000000.fits"


@pytest.fixture
def namesakes(tmp_path: Path) -> list[Path]:
    """One star seen in two fields: two files of one name, as the SAS keeps them."""
    files = []
    for number, field in enumerate(("000+02", "001-03"), start=1):
        (tmp_path / field).mkdir()
        files.append(write_apstar(tmp_path / field / NAME, n_visits=1, snr=50.0 * number))
    return files


def test_two_files_of_one_name_give_rows_that_differ(tmp_path: Path, namesakes: list[Path]) -> None:
    broken = tmp_path / "broken.fits"
    broken.write_bytes(b"SIMPLE  = no star")
    network, noise = random_network(), NoiseModel.identity()
    run_batch([*namesakes, broken], tmp_path / "out.fits", network, noise, BatchSettings(mc_num=2))
    rows = read_table(tmp_path / "out.fits")
    assert [row["path"] for row in rows] == [str(path) for path in (*namesakes, broken)]
    hashes = [sha256(path.read_bytes()).hexdigest() for path in (*namesakes, broken)]
    assert [row["file_sha256"] for row in rows] == hashes
    assert len({(row["star_id"], row["file"], row["spectrum"]) for row in rows[:2]}) == 1  # what rows had before


def test_the_hash_is_of_the_bytes_as_they_lie(tmp_path: Path, namesakes: list[Path]) -> None:
    packed = tmp_path / "packed.fits.gz"
    packed.write_bytes(gzip.compress(namesakes[0].read_bytes()))
    stars = [read_star(packed), read_star_bytes(packed.read_bytes(), "C:\\stars\\packed.fits.gz")]
    wanted = sha256(packed.read_bytes()).hexdigest()
    assert {spectrum.star.file.sha256 for star in stars for spectrum in star.spectra} == {wanted}
    assert [star.info.file.path for star in stars] == [str(packed), "packed.fits.gz"]


def test_a_path_no_table_can_hold_is_escaped(tmp_path: Path, namesakes: list[Path]) -> None:
    odd = tmp_path / "two  blanks\nand \udcff.fits"
    namesakes[0].rename(odd)
    network, noise = random_network(), NoiseModel.identity()
    for suffix in (".fits", ".csv", ".ecsv"):
        table = tmp_path / f"out{suffix}"
        run_batch([odd], table, network, noise, BatchSettings(mc_num=2))
        assert read_table(table)[0]["path"] == str(tmp_path / "two  blanks") + "\\nand \\udcff.fits"
