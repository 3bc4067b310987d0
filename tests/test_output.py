"""Where a run writes: over no input, over nothing nobody asked to replace, and never two at once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import makers
import pytest
from random_network import random_network

from inspector.exceptions import FileError
from inspector.files.input_files import find_files
from inspector.files.tables.output_file import Output, is_result_table
from inspector.files.tables.result_table import read_table, write_table
from inspector.files.tables.typed_table import partial_path
from inspector.pipeline.batch import BatchSettings, journal_path, run_batch
from inspector.pipeline.batch_summary import Summary
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel

NOISE = NoiseModel.identity()
QUICK = BatchSettings(mc_num=2, coadd_only=True)
FORMATS = ("fits", "ecsv", "vot", "parquet", "csv")


@pytest.fixture(scope="module")
def network() -> Network:
    return random_network(2)


@pytest.fixture(scope="module")
def star(tmp_path_factory) -> Path:
    return makers.write_apstar(tmp_path_factory.mktemp("star") / "star.fits", n_visits=1)


@pytest.fixture
def stars(tmp_path, star) -> list[Path]:
    """Three files in a folder of their own."""
    (tmp_path / "stars").mkdir()
    return [Path(shutil.copy(star, tmp_path / "stars" / f"{name}.fits")) for name in "abc"]


def run(paths: list[Path], output: Path, network: Network, **options: Any) -> Summary:
    return run_batch(paths, output, network, NOISE, QUICK, **options)


def stop_after(count: int) -> Any:
    def progress(done: int, total: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"resume": True}])
def test_an_input_is_never_replaced_whatever_its_name(stars, network, link, options):
    before = stars[0].read_bytes()
    output = stars[0]
    if link:
        output = stars[0].with_name("other.fits")
        getattr(output, link)(stars[0])
    with pytest.raises(FileError, match="is an input and would be replaced"):
        run(stars, output, network, **options)
    assert stars[0].read_bytes() == before and not journal_path(output).exists()


@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"resume": True}])
def test_a_spectrum_named_as_output_is_kept(stars, network, options):
    """``inspector batch -o *.fits`` makes the first spectrum the output."""
    before = stars[0].read_bytes()
    with pytest.raises(FileError, match="is a FITS file but not a result table"):
        run(stars[1:], stars[0], network, **options)
    assert stars[0].read_bytes() == before and len(list(stars[0].parent.iterdir())) == 3


@pytest.mark.parametrize("extension", FORMATS)
def test_a_table_that_exists_is_replaced_when_asked_to_and_not_before(tmp_path, stars, network, extension):
    output = tmp_path / f"out.{extension}"
    run(stars, output, network)
    before = output.read_bytes()
    for options in ({}, {"resume": True}):
        with pytest.raises(FileError, match="--overwrite replaces it"):
            run(stars[:1], output, network, **options)
        assert output.read_bytes() == before
    run(stars[:1], output, network, overwrite=True)
    assert len(read_table(output)) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"out.{extension}", "stars"]


def test_a_file_of_another_kind_is_kept_unless_asked(tmp_path, stars, network):
    output = tmp_path / "out.csv"
    output.write_text("my,own,table\n")
    with pytest.raises(FileError, match="exists"):
        run(stars, output, network)
    assert output.read_text() == "my,own,table\n"
    output.write_text("")  # as mktemp leaves it
    assert run(stars, output, network).written


def test_a_run_without_an_answer_replaces_no_table(tmp_path, stars, network):
    output = tmp_path / "out.csv"
    run(stars, output, network)
    before = output.read_bytes()
    summary = run([tmp_path / "missing.fits"], output, network, overwrite=True)
    assert (summary.failed, summary.written) == (1, False)
    assert output.read_bytes() == before and not journal_path(output).exists()
    assert run([tmp_path / "missing.fits"], tmp_path / "new.csv", network).written


def test_a_run_stopped_before_its_first_star_leaves_things_as_they_were(tmp_path, stars, network):
    output = tmp_path / "out.csv"
    run(stars, output, network)
    before = output.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        run(stars, output, network, overwrite=True, progress=stop_after(0))
    assert output.read_bytes() == before


def test_a_second_run_over_a_folder_does_not_read_what_the_first_left(stars, network):
    folder = stars[0].parent
    output = folder / "results.fits"
    assert run(find_files([folder]), output, network).stars == 3
    partial_path(output).write_bytes(output.read_bytes())  # as a kill leaves it
    again = run(find_files([folder]), output, network, overwrite=True)
    assert (again.stars, again.failed) == (3, 0)
    with pytest.raises(FileError, match="exists"):
        run(find_files([folder]), output, network)


def test_a_result_table_among_the_inputs_is_named_as_such(stars, network):
    folder = stars[0].parent
    run(stars, folder / "old.fits", network)
    summary = run(find_files([folder]), folder / "new.fits", network)
    assert (summary.stars, summary.failed) == (4, 1)
    assert "a result table of 'inspector batch'" in summary.failures[0]["reason"]


@pytest.mark.parametrize("extension", FORMATS)
def test_a_result_table_is_told_by_its_content(tmp_path, star, extension):
    table = tmp_path / f"table.{extension}"
    write_table([], table)
    assert is_result_table(table)
    assert not is_result_table(star) and not is_result_table(tmp_path / "missing")


def test_an_output_that_is_no_place_for_a_file_is_said_before_the_work(tmp_path, stars, network):
    (tmp_path / "folder.fits").mkdir()
    os.mkfifo(tmp_path / "pipe.fits")
    for name, sentence in {"folder.fits": "it is a folder", "pipe.fits": "pipe or device"}.items():
        with pytest.raises(FileError, match=sentence):
            run(stars, tmp_path / name, network, overwrite=True)
    assert not list(tmp_path.glob("*.journal"))


def test_a_link_that_is_the_output_stays_a_link(tmp_path, stars, network):
    (tmp_path / "disk").mkdir()
    output = tmp_path / "out.csv"
    output.symlink_to(tmp_path / "disk" / "real.csv")
    run(stars, output, network)
    assert output.is_symlink() and len(read_table(tmp_path / "disk" / "real.csv")) == 3


# --- the journal


def test_two_runs_into_one_output_do_not_destroy_each_other(tmp_path, stars, network):
    output = tmp_path / "out.csv"
    refused = []

    def second(done: int, total: int) -> None:
        for options in ({}, {"resume": True}, {"overwrite": True}):
            with pytest.raises(FileError, match=r"Another run is writing 'out\.csv'") as caught:
                run(stars[:1], output, network, **options)
            refused.append(caught.value)

    assert run(stars, output, network, progress=second).spectra == 3
    assert len(refused) == 12 and len(read_table(output)) == 3


@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"resume": True}])
def test_a_file_of_the_users_own_where_the_journal_would_be_is_kept(tmp_path, stars, network, options):
    journal = tmp_path / "out.csv.journal"
    journal.write_text("Dear diary\n")
    with pytest.raises(FileError, match="is not the journal of a run"):
        run(stars, tmp_path / "out.csv", network, **options)
    assert journal.read_text() == "Dear diary\n" and not (tmp_path / "out.csv").exists()


def test_what_a_cut_off_run_finished_is_not_thrown_away_without_a_word(tmp_path, stars, network):
    output = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        run(stars, output, network, progress=stop_after(2))
    output.unlink()  # a kill leaves the journal alone
    journal = journal_path(output).read_bytes()
    with pytest.raises(FileError, match="--resume continues it, --overwrite starts again"):
        run(stars, output, network)
    assert journal_path(output).read_bytes() == journal
    assert run(stars, output, network, overwrite=True).spectra == 3


@pytest.mark.parametrize("begin", [b"", b'{"sett', b'{"settings": {"mc_num": 2'])
def test_a_journal_cut_short_in_its_first_line_begins_anew(tmp_path, stars, network, begin):
    journal_path(tmp_path / "out.csv").write_bytes(begin)
    assert run(stars, tmp_path / "out.csv", network, resume=True).spectra == 3


def resumed(stars: list[Path], output: Path, network: Network, change: Any) -> list[int]:
    """How many files were finished, call by call, after a run was stopped, `change` was made, and it went on."""
    with pytest.raises(KeyboardInterrupt):
        run(stars, output, network, progress=stop_after(2))
    change()
    seen: list[int] = []
    run(stars, output, network, resume=True, progress=lambda done, total: seen.append(done))
    return seen


def test_an_input_that_changed_is_read_again(tmp_path, stars, network):
    new = makers.write_apstar(tmp_path / "new.fits", n_visits=1, snr=20)
    seen = resumed(stars, tmp_path / "out.csv", network, lambda: shutil.copy(new, stars[0]))
    assert seen == [1, 2, 3]
    rows = read_table(tmp_path / "out.csv")
    run(stars, tmp_path / "whole.csv", network)
    assert [row["file"] for row in rows] == ["a.fits", "b.fits", "c.fits"]
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_an_input_changed_behind_its_times_is_read_again(tmp_path, stars, network):
    def change() -> None:
        before = stars[0].stat()
        data = bytearray(stars[0].read_bytes())
        data[data.index(b"2M00000000")] = ord("3")
        stars[0].write_bytes(data)
        os.utime(stars[0], ns=(before.st_atime_ns, before.st_mtime_ns))

    assert resumed(stars, tmp_path / "out.csv", network, change) == [1, 2, 3]
    assert read_table(tmp_path / "out.csv")[0]["star_id"].startswith("3M")


def test_an_input_that_was_only_touched_or_copied_is_not_read_again(tmp_path, stars, network):
    def change() -> None:
        os.utime(stars[0], ns=(1, 1))
        content = stars[1].read_bytes()
        stars[1].unlink()
        stars[1].write_bytes(content)

    assert resumed(stars, tmp_path / "out.csv", network, change) == [2, 3]


def test_an_input_that_is_gone_is_a_reason_when_the_run_goes_on(tmp_path, stars, network):
    assert resumed(stars, tmp_path / "out.csv", network, stars[0].unlink) == [1, 2, 3]
    assert "There is no file" in read_table(tmp_path / "out.csv")[0]["reason"]


def test_a_full_disk_is_a_sentence_and_what_was_finished_is_kept(tmp_path, stars, network, monkeypatch):
    from inspector.files.tables import journal

    output = tmp_path / "out.csv"
    written = []

    class Full(journal.FileIO):
        def write(self, data: Any) -> int:
            written.append(len(data))
            if len(written) == 4:
                return super().write(data[:100])
            if len(written) > 4:
                raise OSError(28, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(journal, "FileIO", Full)
    with pytest.raises(FileError, match=r"No space left on device.*is kept.*--resume"):
        run(stars, output, network)
    monkeypatch.undo()
    assert len(read_table(output)) == 2 and journal_path(output).read_bytes().endswith(b"\n")
    run(stars, output, network, resume=True)
    run(stars, tmp_path / "whole.csv", network)
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_disk_that_is_full_for_the_table_alone_loses_no_row(tmp_path, stars, network, monkeypatch):
    output = tmp_path / "out.csv"

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"No space left on device.*All rows are kept.*--resume writes the table"):
        run(stars, output, network)
    monkeypatch.undo()
    assert not output.exists() and not partial_path(output).exists()
    seen: list[int] = []
    run(stars, output, network, resume=True, progress=lambda done, total: seen.append(done))
    assert seen == [3] and len(read_table(output)) == 3


def test_the_journal_of_an_output_is_never_read_as_a_star(tmp_path, stars, network):
    place = Output.at(tmp_path / "out.csv")
    place.journal.write_bytes(b'{"settings": {}}\n')
    assert place.apart_from([*stars, place.journal]) == stars
    assert run([*stars, place.journal], place.path, network, overwrite=True).stars == 3
