"""Whatever ends a command is one sentence and an exit code; what it prints is harmless."""

from __future__ import annotations

import errno
import io
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import makers
import pytest
from random_network import random_network

from inspector.cli import main
from inspector.exceptions import FileError
from inspector.files.checkpoints.noise_model_file import save_noise_model
from inspector.files.checkpoints.weights import save_network
from inspector.files.tables.output_file import Output
from inspector.files.tables.result_table import read_table
from inspector.pipeline.signals import STOPPING, held_back
from inspector.science.noise_model import NoiseModel
from inspector.terminal import OK, REFUSED, Printer, Stop, Stopped, guarded
from inspector.web.server import command


def raising(error: BaseException) -> Callable[[], int]:
    def run() -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileError("There is none."), "There is none."),
        (OSError(errno.ENOSPC, "No space left on device", "a.fits"), "The disk is full"),
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
        (PermissionError(errno.EACCES, "Permission denied", "b.fits"), "Permission denied ('b.fits')"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "Please report it; INSPECTOR_DEBUG=1 shows where"),
        (KeyError("\x1b[2J\u202e"), "KeyError"),
    ],
)
def test_whatever_is_raised_is_one_sentence_and_exit_code_2(capsys, error, sentence):
    assert guarded(raising(error)) == REFUSED
    said = capsys.readouterr().err
    assert said.startswith("inspector: ") and sentence in said
    assert len(said.splitlines()) == 1 and said.rstrip("\n").isprintable()


def test_the_same_holds_for_the_server(monkeypatch, capsys):
    monkeypatch.setattr(command, "run", lambda options: raising(OSError(errno.ENOSPC, "full"))())
    assert command.main([]) == REFUSED
    assert capsys.readouterr().err.startswith("launch.py: The disk is full")
    assert main(["serve"]) == REFUSED


def test_a_mistake_of_ours_shows_its_traceback_when_asked_to(monkeypatch):
    monkeypatch.setenv("INSPECTOR_DEBUG", "1")
    with pytest.raises(RuntimeError):
        guarded(raising(RuntimeError("x")))


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_is_the_exit_code_a_shell_expects(number):
    assert guarded(raising(Stopped(number))) == 128 + number
    assert guarded(raising(KeyboardInterrupt())) == 130


def test_a_signal_that_is_ignored_stays_so():
    """As ``nohup`` has it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop = Stop()
        with stop.listening():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN and signal.getsignal(signal.SIGQUIT) is stop
        assert signal.getsignal(signal.SIGQUIT) is not stop
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_waits_until_what_must_be_whole_is_whole():
    done = []
    with pytest.raises(KeyboardInterrupt), held_back():  # noqa: PT012  what comes after the signal is still done
        signal.raise_signal(signal.SIGINT)
        done.append("whole")
    assert done == ["whole"]


# --- what is printed


def printed(text: str, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Printer(stream).say(text)
    stream.seek(0)
    return stream.read()


def test_control_characters_never_reach_a_terminal():
    said = printed("a\x1b[2J\x07\u202egnp.fits\r\u200b\udcff\x9b\nsecond line")
    assert said.replace("\n", "").isprintable() and said.count("\n") == 2
    assert "a\\x1b[2J\\x07\\u202egnp.fits" in said


def test_a_terminal_without_a_letter_shows_its_number():
    assert printed("λ ± −", "ascii") == "\\u03bb \\xb1 \\u2212\n"


class Broken(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


def test_a_reader_that_goes_does_not_end_the_work():
    printer = Printer(Broken(errno.EPIPE))
    printer.say("one")
    printer.say("two")
    assert isinstance(printer.error, BrokenPipeError)
    Printer(None).say("nobody")


# --- the command, whole


@pytest.fixture(scope="module")
def kit(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("kit")
    save_network(random_network(4), folder / "random.safetensors")
    save_noise_model(NoiseModel.identity(), folder / "noise.json")
    makers.write_apstar(folder / "star.fits", n_visits=1, OBJID="=1+1")
    (folder / "many").mkdir()
    for number in range(8):
        (folder / "many" / f"{number}.fits").hardlink_to(folder / "star.fits")
    return folder


def batch(kit: Path, *arguments: Any) -> list[str]:
    given = ["--weights", kit / "random.safetensors", "--noise", kit / "noise.json", "--mc-num", "2", *arguments]
    return ["batch", "--serial", *map(str, given)]


@contextmanager
def limited(kind: int, soft: int) -> Iterator[None]:
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


def test_a_file_that_may_not_grow_is_a_sentence_and_what_was_finished_is_kept(kit, tmp_path, capsys):
    output = tmp_path / "out.csv"
    with limited(resource.RLIMIT_FSIZE, 14_000):
        assert main(batch(kit, kit / "many", "-o", output)) == REFUSED
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("inspector: ") and "File too large" in said and "--resume continues" in said
    kept = len(read_table(output))
    assert 1 <= kept < 8
    assert main(batch(kit, kit / "many", "-o", output, "--resume")) == OK
    assert len(read_table(output)) == 8


def test_too_many_open_files_are_a_sentence_and_no_rows_of_false_reasons(kit, tmp_path, capsys, monkeypatch):
    original, opened = os.open, []

    def few(path: Any, *rest: Any, **options: Any) -> int:
        if str(path).endswith("3.fits"):
            opened.append(path)
            raise OSError(errno.EMFILE, "Too many open files")
        return original(path, *rest, **options)

    output = tmp_path / "out.csv"
    monkeypatch.setattr(os, "open", few)
    assert main(batch(kit, kit / "many", "-o", output)) == REFUSED
    assert opened and "ulimit -n" in capsys.readouterr().err.splitlines()[-1]
    assert not any(row["flag_no_result"] for row in read_table(output))


def test_a_summary_nobody_reads_leaves_the_run_and_its_table_whole(kit, tmp_path, monkeypatch, capsys):
    for number, code, name in ((errno.EPIPE, OK, "a.csv"), (errno.ENOSPC, REFUSED, "b.csv")):
        monkeypatch.setattr(sys, "stdout", Broken(number))
        assert main(batch(kit, kit / "star.fits", "-o", tmp_path / name)) == code
        assert len(read_table(tmp_path / name)) == 1
    assert "The summary cannot be printed (No space left on device)" in capsys.readouterr().err


def test_progress_nobody_reads_does_not_end_the_run(kit, tmp_path, monkeypatch, capsys):
    for name, stream in {"a.csv": Broken(errno.EPIPE), "b.csv": None}.items():
        monkeypatch.setattr(sys, "stderr", stream)
        assert main(batch(kit, kit / "many", "-o", tmp_path / name)) == OK
    assert "8 answered" in capsys.readouterr().out


def test_a_place_that_is_none_is_said_before_the_weights_are_read(kit, tmp_path, capsys):
    (tmp_path / "folder.csv").mkdir()
    for place, sentence in {"folder.csv": "it is a folder", "missing/out.csv": "there is no folder"}.items():
        given = batch(kit, kit / "star.fits", "-o", tmp_path / place)
        given[given.index(str(kit / "random.safetensors"))] = "missing.pt"
        assert main(given) == REFUSED
        assert sentence in capsys.readouterr().err


def test_a_second_run_is_told_of_the_table_and_of_overwrite(kit, tmp_path, capsys):
    output = tmp_path / "out.csv"
    for extra, code in (((), OK), ((), REFUSED), (("--overwrite",), OK)):
        assert main(batch(kit, kit / "star.fits", "-o", output, *extra)) == code
    printed = capsys.readouterr()
    assert printed.err.count("exists. --overwrite replaces it") == 1 and printed.out.count("Written to") == 2
    (tmp_path / "gone.lst").write_text("gone.fits\n")
    assert main(batch(kit, tmp_path / "gone.lst", "-o", output, "--overwrite")) == 1
    assert "was left unchanged" in capsys.readouterr().out and len(read_table(output)) == 1


def test_a_name_that_is_a_formula_is_text_to_a_spreadsheet(kit, tmp_path):
    for extension in ("csv", "fits"):
        assert main(batch(kit, kit / "star.fits", "-o", tmp_path / f"out.{extension}")) == OK
        assert read_table(tmp_path / f"out.{extension}")[0]["star_id"] == "=1+1"
    cells = (tmp_path / "out.csv").read_text().splitlines()[1]
    assert cells.startswith("'=1+1,")


def test_a_reason_with_control_characters_is_printed_harmless(kit, tmp_path, capsys):
    (tmp_path / "a\x1b[31m\u202e.fits").write_bytes(b"x")
    assert main(batch(kit, tmp_path, "-o", tmp_path / "out.csv")) == 1
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out and "\u202e" not in printed.out + printed.err


def test_a_name_of_bytes_that_are_no_text_is_a_row_in_every_format(kit, tmp_path):
    (tmp_path / os.fsdecode(b"st\xe9rne.fits")).write_bytes((kit / "star.fits").read_bytes())
    (tmp_path / os.fsdecode(b"b\xe9d.fits")).write_bytes(b"x")
    for extension in ("csv", "fits", "ecsv", "vot", "parquet"):
        assert main(batch(kit, tmp_path, "-o", tmp_path / f"out.{extension}")) == 1
        assert len(read_table(tmp_path / f"out.{extension}")) == 2
        (tmp_path / f"out.{extension}").unlink()


def test_help_into_a_pipe_that_is_closed_ends_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    script = [sys.executable, "-m", "inspector.cli", "batch", "--help"]
    done = subprocess.run(script, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (OK, "")


def test_the_output_of_a_link_has_its_journal_beside_what_it_leads_to(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert Output.at(tmp_path / "link.csv") == Output.at(tmp_path / "real.csv")
