"""Many stars at once: the same numbers however they are read, and nothing lost whatever dies."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest
from one_bad_reader import DyingReading
from random_network import random_network

from inspector.exceptions import FileError, SettingsError
from inspector.files.input_files import find_files
from inspector.files.tables.result_table import read_table
from inspector.pipeline import batch, workers
from inspector.pipeline.batch import BatchSettings, journal_path, run_batch
from inspector.pipeline.batch_summary import Summary
from inspector.pipeline.workers import WAITING_PER_WORKER, Reading, read_parallel, read_serial
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel

NOISE = NoiseModel.identity()
QUICK = BatchSettings(mc_num=5)


@pytest.fixture(scope="module")
def network() -> Network:
    return random_network(2)


@pytest.fixture(scope="module")
def stars(tmp_path_factory) -> list[Path]:
    """Five files that can be read, of several kinds, and one that cannot, in no order of their names."""
    folder = tmp_path_factory.mktemp("stars")
    files = [
        makers.write_apstar(folder / "z.fits", n_visits=2),
        makers.write_mwm_star(folder / "b.fits"),
        folder / "broken.fits",
        makers.write_apstar(folder / "a.fits", n_visits=1, snr=30),
        makers.write_apstar(folder / "m.fits", n_visits=1, snr=60),
        folder / "b.fits.gz",
    ]
    files[2].write_bytes(b"SIMPLE  =                    T" + b" " * 100)
    files[5].write_bytes(gzip.compress(files[1].read_bytes(), 1))
    return files


def run(stars: list[Path], output: Path, network: Network, settings: BatchSettings = QUICK, **options: Any) -> Summary:
    return run_batch(stars, output, network, NOISE, settings, **options)


def test_numbers_are_the_same_for_any_number_of_workers(tmp_path, stars, network):
    tables = []
    for count in (0, 1, 2):
        settings = replace(QUICK, workers=count, askers=max(1, count))
        summary = run(stars, tmp_path / f"{count}.fits", network, settings)
        assert (summary.stars, summary.failed) == (6, 1)
        tables.append(read_table(tmp_path / f"{count}.fits"))
        assert not journal_path(tmp_path / f"{count}.fits").exists()
    assert repr(tables[0]) == repr(tables[1]) == repr(tables[2])
    rows = tables[0]
    files = list(dict.fromkeys(row["file"] for row in rows))
    assert files == [path.name for path in stars]  # in the order of the input
    bad = [row for row in rows if row["flag_no_result"]]
    assert [row["file"] for row in bad] == ["broken.fits"]
    assert bad[0]["reason"] and bad[0]["result_flags"] == 1 << 11 and np.isnan(bad[0]["teff"])
    assert all(np.isfinite(row["teff"]) and not row["reason"] for row in rows if row not in bad)


def test_a_spectrum_that_cannot_be_normalised_keeps_its_star_and_reason(tmp_path, network):
    file = makers.write_apstar(tmp_path / "flat.fits", n_visits=1)
    with makers.fits.open(file, mode="update") as hdus:
        hdus[1].data[...] = 0
    summary = run([file], tmp_path / "out.csv", network)
    (row,) = read_table(tmp_path / "out.csv")
    assert summary.failed == 1
    assert row["flag_no_result"] and row["flag_warn"] and not row["flag_bad"]
    assert row["reason"] and row["file"] == "flat.fits"


def test_coadds_alone_and_one_seed_for_all(tmp_path, stars, network):
    run(stars, tmp_path / "all.csv", network)
    run(stars, tmp_path / "coadds.csv", network, replace(QUICK, coadd_only=True))
    run(stars, tmp_path / "seed.csv", network, replace(QUICK, coadd_only=True, seed=7))
    rows, coadds, seeded = (read_table(tmp_path / f"{name}.csv") for name in ("all", "coadds", "seed"))
    assert len(rows) == 8 and len(coadds) == 6
    assert rows[0] == coadds[0]
    assert {row["seed"] for row in seeded} == {7}
    assert len({row["seed"] for row in coadds if not row["flag_no_result"]}) > 1
    assert coadds[0]["teff"] != seeded[0]["teff"]


def test_the_seed_in_the_row_repeats_it(tmp_path, stars, network):
    run(stars[:1], tmp_path / "a.csv", network, replace(QUICK, coadd_only=True))
    (row,) = read_table(tmp_path / "a.csv")
    run(stars[:1], tmp_path / "b.csv", network, replace(QUICK, coadd_only=True, seed=row["seed"]))
    assert read_table(tmp_path / "b.csv") == [row]


@pytest.mark.parametrize("stop_after", [1, 4])
def test_a_run_that_is_stopped_is_gone_on_with(tmp_path, stars, network, stop_after):
    run(stars, tmp_path / "whole.fits", network)
    output = tmp_path / "out.fits"
    with pytest.raises(KeyboardInterrupt):
        run(stars, output, network, progress=stopping_at(stop_after))
    finished = read_table(output)
    assert list(dict.fromkeys(row["file"] for row in finished)) == [path.name for path in stars[:stop_after]]
    assert journal_path(output).exists()
    seen: list[int] = []
    summary = run(stars, output, network, resume=True, progress=lambda done, total: seen.append(done))
    assert seen == list(range(stop_after, len(stars) + 1))
    assert output.read_bytes() == (tmp_path / "whole.fits").read_bytes()
    assert (summary.stars, summary.spectra, summary.failed) == (6, 8, 1)
    assert not journal_path(output).exists()


def stopping_at(count: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return progress


@pytest.fixture
def stopped(tmp_path, stars, network) -> Path:
    """The output of a run stopped after three files, its journal beside it."""
    with pytest.raises(KeyboardInterrupt):
        run(stars, tmp_path / "out.csv", network, progress=stopping_at(3))
    return tmp_path / "out.csv"


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_torn_last_line_is_done_again(stopped, stars, network, cut):
    journal = journal_path(stopped)
    os.truncate(journal, journal.stat().st_size - cut)
    seen: list[int] = []
    run(stars, stopped, network, resume=True, progress=lambda done, total: seen.append(done))
    assert seen[0] == 2
    run(stars, stopped.with_name("whole.csv"), network)
    assert stopped.read_text() == stopped.with_name("whole.csv").read_text()


def test_a_line_of_zeros_as_a_crash_leaves_is_done_again(stopped, stars, network):
    with journal_path(stopped).open("ab") as stream:
        stream.write(bytes(4096))
    run(stars, stopped, network, resume=True)
    assert len(read_table(stopped)) == 8


@pytest.mark.parametrize("change", [{"mc_num": 6}, {"seed": 1}, {"coadd_only": True}])
def test_going_on_under_other_settings_is_refused(stopped, stars, network, change):
    before = journal_path(stopped).read_bytes()
    with pytest.raises(SettingsError, match=rf"{next(iter(change))} was .*, now"):
        run(stars, stopped, network, replace(QUICK, **change), resume=True)
    assert journal_path(stopped).read_bytes() == before


def test_going_on_with_other_weights_or_noise_is_refused(stopped, stars, network):
    with pytest.raises(SettingsError, match="weights_hash was"):
        run(stars, stopped, random_network(3), resume=True)
    other = NoiseModel(NOISE.scale * 2, NOISE.offset)
    with pytest.raises(SettingsError, match="noise_model_hash was") as caught:
        run_batch(stars, stopped, network, other, QUICK, resume=True)
    assert len(str(caught.value)) < 400


def test_a_journal_that_is_none_is_refused_and_kept(tmp_path, stars, network):
    journal_path(tmp_path / "out.csv").write_bytes(b"a letter\n")
    with pytest.raises(FileError, match="is not the journal"):
        run(stars, tmp_path / "out.csv", network, resume=True)
    assert journal_path(tmp_path / "out.csv").read_bytes() == b"a letter\n"


def test_resuming_what_never_began_begins(tmp_path, stars, network):
    assert run(stars[:1], tmp_path / "out.csv", network, resume=True).spectra == 3


def test_a_journal_of_odd_lines_is_a_file_error_or_done_again(stopped, stars, network):
    journal = journal_path(stopped)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b'{"settings": {}}\n' + b'{"key": 3}\n' + lines[1])
    run(stars, stopped, network, resume=True)
    assert len(read_table(stopped)) == 8


def test_a_worker_that_dies_loses_nothing_and_a_file_that_kills_each_becomes_a_reason(tmp_path, stars):
    once = Path(shutil.copy(stars[1], tmp_path / "dies_once.fits"))
    always = Path(shutil.copy(stars[1], tmp_path / "dies.fits"))
    files = [stars[3], once, stars[4], always, stars[1]]
    read = list(read_parallel(files, DyingReading(note=tmp_path / "note"), 1))
    assert [path for path, _ in read] == files
    (dead,) = read.pop(3)[1]
    assert dead.flux is None and "'dies.fits' died twice" in dead.reason
    files.remove(always)
    assert [_facts(one) for one in read] == [_facts(one) for one in read_serial(files, Reading())]


def _facts(read: tuple[Path, list[Any]]) -> list[Any]:
    return [(one.subject, one.seed, one.reason, None if one.flux is None else one.flux.tobytes()) for one in read[1]]


class _CountingPool:
    """Reads at once, and counts what was handed out and not yet taken back."""

    outstanding = peak = 0

    def submit(self, reading: Callable[[Path], Any], path: Path) -> Future[Any]:
        type(self).outstanding += 1
        type(self).peak = max(self.peak, self.outstanding)
        future: Future[Any] = Future()
        future.set_result(path)
        return future

    def shutdown(self, **_: Any) -> None:
        pass


def test_however_many_files_few_are_handed_out_ahead(monkeypatch):
    monkeypatch.setattr(workers, "_pool", lambda count: _CountingPool())
    asked = 0

    def paths() -> Iterator[Path]:
        nonlocal asked
        for number in range(10_000):
            asked += 1
            yield Path(str(number))

    for done, (path, result) in enumerate(read_parallel(paths(), Reading(), 3)):
        _CountingPool.outstanding -= 1
        assert path == result == Path(str(done))
        assert asked - done <= 3 * WAITING_PER_WORKER
    assert done == 9999
    assert _CountingPool.peak <= 3 * WAITING_PER_WORKER


def test_rows_of_a_journal_are_not_held(tmp_path, stars, network, monkeypatch):
    """What is handed to the journal is let go: the run holds no rows until the table is made."""
    alive: list[int] = []
    original = batch.Journal.add

    def add(self: Any, key: str, mark: Any, rows: Any) -> None:
        original(self, key, mark, rows)
        alive.append(sum(isinstance(value, (list, dict)) for value in vars(self).values()))

    monkeypatch.setattr(batch.Journal, "add", add)
    run(stars, tmp_path / "out.csv", network)
    assert alive == [0] * 6


def test_a_table_that_cannot_be_written_is_said_before_the_work(tmp_path, stars, network):
    for place in (tmp_path / "out.txt", tmp_path / "missing" / "out.fits"):
        with pytest.raises(FileError):
            run(stars, place, network, progress=lambda done, total: pytest.fail("it began"))


@pytest.mark.parametrize("change", [{"mc_num": 0}, {"mc_num": -1}, {"mc_num": 10**9}, {"seed": -1}])
def test_settings_that_make_no_sense_are_refused_before_the_work(tmp_path, stars, network, change):
    with pytest.raises(SettingsError):
        run(stars, tmp_path / "out.fits", network, replace(QUICK, **change))
    assert not list(tmp_path.iterdir())


# --- which files are meant


def test_folders_lists_and_doubles(stars):
    folder = stars[0].parent
    (folder / ".hidden.fits").write_bytes(stars[0].read_bytes())
    (folder / "notes.txt").write_text("no star\n")
    assert find_files([folder]) == sorted(stars)
    listing = folder / "list.txt"
    listing.write_text(f"# stars\n\n{stars[0].name}  # the first\n{stars[3]}\n")
    assert find_files([listing]) == [stars[0], stars[3]]
    assert find_files([stars[3], listing, stars[3], folder])[:2] == [stars[3], stars[0]]
    assert len(find_files([stars[3], listing, stars[3], folder])) == 6
    for extra in (".hidden.fits", "notes.txt", "list.txt"):
        (folder / extra).unlink()


def test_one_file_by_two_spellings_is_one_file(stars, monkeypatch):
    monkeypatch.chdir(stars[0].parent)
    assert (
        len(find_files([stars[0], stars[0].name, f"./{stars[0].name}", f"../{stars[0].parent.name}/{stars[0].name}"]))
        == 1
    )


def test_paths_that_mean_nothing_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.txt").write_text("# nothing\n\n")
    (tmp_path / "gone.txt").write_text("gone.fits\nalso_gone.fits\n")
    cases = {tmp_path / "missing": "does not exist", tmp_path / "empty": "holds no FITS file"}
    for path, sentence in (cases | {tmp_path / ("x" * 5000): "does not exist|too long"}).items():
        with pytest.raises(FileError, match=sentence):
            find_files([path])


def test_a_list_keeps_a_file_that_is_gone_so_that_its_row_says_so(tmp_path, stars, network):
    (tmp_path / "list.txt").write_text(f"{stars[1]}\ngone.fits\n")
    files = find_files([tmp_path / "list.txt"])
    assert files == [stars[1], tmp_path / "gone.fits"]
    assert run(files, tmp_path / "out.csv", network).failed == 1


def test_a_pipe_in_a_folder_or_by_name_does_not_hold_the_run_up(tmp_path, stars, network):
    os.mkfifo(tmp_path / "pipe.fits")
    shutil.copy(stars[1], tmp_path / "b.fits")
    assert find_files([tmp_path]) == [tmp_path / "b.fits"]
    assert find_files([tmp_path / "pipe.fits"]) == [tmp_path / "pipe.fits"]
    assert run([tmp_path / "pipe.fits"], tmp_path / "out.csv", network).failed == 1


def test_the_journal_says_what_the_run_was(stopped):
    settings = json.loads(journal_path(stopped).read_bytes().splitlines()[0])["settings"]
    assert {"mc_num", "seed", "dropout_rate", "coadd_only", "weights_hash", "noise_model_hash"} == set(settings)


def test_the_summary_reads_well(tmp_path, stars, network):
    text = run(stars, tmp_path / "out.csv", network).text()
    assert "8 spectra of 6 files: 7 answered, 1 not." in text
    assert "no result: broken.fits" in text
    assert max(map(len, text.splitlines()[:-1])) < 140
