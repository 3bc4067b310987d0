"""Live values of rows: what a run says of them, and what is done while nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_services import in_loop, services_for, until
from made_table import MadeTable
from makers import write_apstar
from random_network import random_network

from inspector import analyze, read_star
from inspector.exceptions import FileError, SpectrumError
from inspector.science.noise_model import NoiseModel
from inspector.science.settings import Settings
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star import Star
from inspector.science.visits import velocity_scatter
from inspector.service.library import make_entries
from inspector.service.queue.columns import Columns
from inspector.service.queue.filter_text import read_filters
from inspector.service.queue.live_filling import Asking, LiveFilling
from inspector.service.queue.live_values import LiveValues
from inspector.service.queue.opened_files import OpenedFiles
from inspector.service.queue.queue import Arrangement, arrange
from inspector.service.queue.row_spectra import SpectraOfFiles, SpectraOfTable
from inspector.service.services import Services

NETWORK = random_network()
ASKING = Asking(Settings(12, 3), NETWORK, NoiseModel.identity())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("rows")
    many = write_apstar(folder / "many.fits", n_visits=4)
    broken = folder / "broken.fits"
    broken.write_bytes(b"SIMPLE  =                    T")
    return [write_apstar(folder / "few.fits", n_visits=2), broken, many]


@pytest.fixture
def services(files: list[Path]) -> Iterator[Services]:
    made = services_for(files, network=NETWORK)
    yield made
    made.close()


def filling(services: Services) -> LiveFilling:
    return LiveFilling(services.library, services.readers, services.inference)


@in_loop
async def test_rows_in_view_are_asked_about_as_the_page_would(services: Services, files: list[Path]) -> None:
    live, told = LiveValues(), []

    async def tell(row: int) -> None:
        told.append(row)

    await filling(services).fill(SpectraOfFiles(services.library.entries), [2, 0], ASKING, live, tell)
    assert told == [2, 2, 0]  # of four visits one may be odd: the row is told once more when they have answered
    for row in (2, 0):
        star = read_star(files[row])
        expected = analyze(star.coadd, NETWORK, NoiseModel.identity(), mc_num=12, seed=3)
        values = live.rows[row].values
        assert values["teff"] == pytest.approx(expected.value[0], rel=1e-6)
        assert values["result_flags"] == expected.flags.result_flags
        assert values["v_scatter"] == pytest.approx(velocity_scatter(star)[0], nan_ok=True)
        assert values["masked_share"] == 0
    columns = Columns(OpenedFiles(services.library.entries), live.columns())
    column = columns.column("live_teff")
    assert np.isnan(column[1]) and np.isfinite(column[[0, 2]]).all()
    assert arrange(columns, Arrangement(read_filters("live_teff:.."))).rows.tolist() == [0, 2]


@in_loop
async def test_a_row_that_fails_says_why_and_the_next_is_asked(services: Services) -> None:
    live = LiveValues()
    await filling(services).fill(SpectraOfFiles(services.library.entries), [1, 0], ASKING, live, _nothing)
    assert "broken.fits" in live.rows[1].values["reason"]
    assert "teff" not in live.rows[1].values and "teff" in live.rows[0].values


@in_loop
async def test_what_was_answered_with_other_settings_is_forgotten(services: Services) -> None:
    live = LiveValues()
    spectra = SpectraOfFiles(services.library.entries)
    await filling(services).fill(spectra, [0, 2], ASKING, live, _nothing)
    first = live.rows[0].values["e_teff"]
    await filling(services).fill(spectra, [0], Asking(Settings(12, 4), NETWORK, None), live, _nothing)
    assert set(live.rows) == {0} and live.rows[0].values["e_teff"] != first


@in_loop
async def test_when_the_view_moves_the_rest_is_not_asked_about(services: Services) -> None:
    live, reached = LiveValues(), asyncio.Event()

    async def stay(row: int) -> None:
        reached.set()
        await asyncio.Event().wait()

    spectra = SpectraOfFiles(services.library.entries)
    task = asyncio.ensure_future(filling(services).fill(spectra, [0, 2], ASKING, live, stay))
    await reached.wait()
    task.cancel()
    await until(task.done)
    assert set(live.rows) == {0} and task.cancelled()


@in_loop
async def test_a_table_names_the_file_and_the_spectrum(services: Services, files: list[Path]) -> None:
    table = MadeTable(star_id=["right", "other", "missing"], path=[str(files[0]), str(files[0]), ""])

    async def find(key: SpectrumKey, progress: object = None) -> tuple[Path, str]:
        if not key.path:
            raise FileError("No folder has it.")
        return Path(key.path), "folder"

    def choose(star: Star, key: SpectrumKey) -> str:
        if key.apogee_id != "right":
            raise SpectrumError("That is another star.")
        return star.visits[1].name

    live, spectra = LiveValues(), SpectraOfTable(table, find, choose)
    await filling(services).fill(spectra, [0, 1, 2], ASKING, live, _nothing)
    assert live.rows[0].result is not None and live.rows[0].result.spectrum_name == read_star(files[0]).visits[1].name
    assert [live.rows[row].values["reason"] for row in (1, 2)] == ["That is another star.", "No folder has it."]
    assert (await spectra.locate(0)).origin == "folder"
    with pytest.raises(FileError, match="no row 10"):
        await spectra.locate(9)


def test_opened_files_are_rows(files: list[Path]) -> None:
    table = OpenedFiles(make_entries(files))
    assert table.column("file").tolist() == ["few.fits", "broken.fits", "many.fits"]
    assert table.key(1) == SpectrumKey(path=str(files[1]), file="broken.fits")


async def _nothing(row: int) -> None:
    """Nobody is told."""
