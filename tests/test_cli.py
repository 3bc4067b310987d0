"""The command: what it says, its exit codes, and what is left when it is stopped or killed."""

from __future__ import annotations

import contextlib
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import makers
import pytest
from random_network import random_network

from inspector.cli import OK, REFUSED, SOME_FAILED, Stop, main
from inspector.files.checkpoints.noise_model_file import save_noise_model
from inspector.files.checkpoints.weights import save_network
from inspector.files.tables.result_table import read_table
from inspector.science.noise_model import NoiseModel

LONG_ENOUGH = 120.0
"""Seconds until a wait gives up; a condition ends it long before."""


@pytest.fixture(scope="module")
def kit(tmp_path_factory) -> Path:
    """A folder with weights, a noise model, and two stars."""
    folder = tmp_path_factory.mktemp("kit")
    save_network(random_network(4), folder / "random.safetensors")
    save_noise_model(NoiseModel.identity(), folder / "noise.json")
    (folder / "stars").mkdir()
    makers.write_apstar(folder / "stars" / "a.fits", n_visits=2)
    makers.write_apstar(folder / "stars" / "b.fits", n_visits=1)
    return folder


def batch(kit: Path, *arguments: str | Path) -> list[str]:
    given = ["--weights", kit / "random.safetensors", "--noise", kit / "noise.json", "--mc-num", "3", *arguments]
    return ["batch", *map(str, given)]


def test_a_run_prints_its_summary_and_says_all_is_well(kit, tmp_path, capsys):
    assert main(batch(kit, kit / "stars", "-o", tmp_path / "out.fits", "--serial", "--seed", "5")) == OK
    printed = capsys.readouterr()
    assert "4 spectra of 2 files: 4 answered, 0 not." in printed.out
    assert f"Written to {tmp_path / 'out.fits'}." in printed.out
    assert "random 4" in printed.err
    assert {row["seed"] for row in read_table(tmp_path / "out.fits")} == {5}


def test_a_failure_is_a_row_and_an_exit_code(kit, tmp_path, capsys):
    (tmp_path / "bad.fits").write_bytes(b"SIMPLE  =")
    arguments = batch(
        kit, tmp_path / "bad.fits", kit / "stars" / "b.fits", "-o", tmp_path / "o.csv", "--serial", "--coadd-only"
    )
    assert main(arguments) == SOME_FAILED
    assert "no result: bad.fits" in capsys.readouterr().out
    assert [row["flag_no_result"] for row in read_table(tmp_path / "o.csv")] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--mc-num", "0"], "0"),
        (["--mc-num", "100000000"], "100000000"),
        (["--seed", "-1"], "-1"),
        (["--weights", "missing.pt"], "no weights at 'missing.pt'"),
        (["--noise", "missing.json"], "'missing.json' cannot be read"),
        (["-o", "out.txt"], "extension must be one of"),
    ],
)
def test_what_cannot_run_is_a_sentence_and_exit_code_2(kit, tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    given = batch(kit, kit / "stars", "-o", "out.fits", "--serial", *arguments)
    assert main(given) == REFUSED
    printed = capsys.readouterr().err
    assert sentence in printed.splitlines()[-1]
    assert "inspector: " in printed.splitlines()[-1]
    assert "Traceback" not in printed
    assert not list(tmp_path.iterdir())


def test_a_path_that_does_not_exist_is_a_sentence(kit, tmp_path, capsys):
    assert main(batch(kit, tmp_path / "missing.fits", "-o", tmp_path / "out.fits")) == REFUSED
    assert "missing.fits' does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["batch"],
        ["batch", "x.fits"],
        ["fly"],
        [],
        ["batch", "x", "-o", "y.fits", "--workers", "0"],
        ["batch", "x", "-o", "y.fits", "--workers", "many"],
        ["batch", "x", "-o", "y.fits", "--workers", "2", "--serial"],
        ["batch", "x", "-o", "y.fits", "--mc-num", "some"],
    ],
)
def test_what_cannot_be_understood_is_exit_code_2(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == REFUSED
    assert "usage: inspector" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["batch", "serve", "analyse many stars"]),
        (["batch", "--help"], ["PATH", "--mc-num", "--resume", "--coadd-only", "--serial", "examples:", "exit code"]),
        (["serve", "--help"], ["FOLDER", "--weights", "--noise"]),
        (["--version"], ["inspector 0."]),
    ],
)
def test_help_names_what_there_is(capsys, arguments, words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == OK
    printed = capsys.readouterr().out
    assert [word for word in words if word not in printed] == []
    assert max(map(len, printed.splitlines())) <= 112


@pytest.mark.parametrize("module", ["inspector", "inspector.cli", "inspector.pipeline.workers"])
def test_what_a_worker_imports_loads_neither_torch_nor_panel(module):
    code = f"import {module}, sys; print([m for m in ('torch', 'panel', 'bokeh', 'tensorflow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + LONG_ENOUGH
    while not condition():
        if time.monotonic() > end:
            return False
        select.select([], [], [], 0.05)  # leave the processor to what is waited for
    return True


def start(kit: Path, output: Path, *arguments: str) -> subprocess.Popen[bytes]:
    given = batch(kit, kit / "many", "-o", output, *arguments)
    with output.with_name("said").open("wb") as said:
        return subprocess.Popen([sys.executable, "-m", "inspector.cli", *given], stderr=said, stdout=subprocess.DEVNULL)


def finished(output: Path) -> int:
    """Files noted in the journal."""
    journal = output.with_name(output.name + ".journal")
    return max(0, journal.read_bytes().count(b"\n") - 1) if journal.exists() else 0


@pytest.fixture(scope="module")
def many(kit) -> Path:
    """The kit with more stars than a run reads before it can be stopped."""
    (kit / "many").mkdir()
    for number in range(400):
        (kit / "many" / f"{number:03}.fits").hardlink_to(kit / "stars" / "b.fits")
    return kit


def children(pid: int) -> list[int]:
    return [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_an_interrupt_that_is_lost_stops_the_run_at_its_next_star():
    stop = Stop()
    stop.check()
    with contextlib.suppress(KeyboardInterrupt):  # as Python does in a destructor
        stop(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):
        stop.check()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes through Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL])
def test_a_stopped_run_leaves_what_it_finished_and_no_orphans(many, tmp_path, number):
    output = tmp_path / "out.csv"
    process = start(many, output, "--workers", "1")
    assert wait_for(lambda: finished(output) >= 3 or process.poll() is not None)
    workers = children(process.pid)
    process.send_signal(number)
    code = process.wait(LONG_ENOUGH)
    assert workers and wait_for(lambda: all(map(gone, workers)))
    done = finished(output)
    assert 3 <= done < 400
    if number == signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert code == 128 + number
        assert len(read_table(output)) == done
        said = output.with_name("said").read_text()
        assert "holds what was finished; the same command with --resume continues" in said and "Traceback" not in said
