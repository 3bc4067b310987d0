"""Uploads read in a process of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from makers import write_apstar

from inspector.app.commons import Commons
from inspector.app.session import Session
from inspector.app.shelf import Shelf
from inspector.app.upload_reader import UploadReader
from inspector.errors import FileError
from inspector.files.spectra.star_file import read_star_bytes


@pytest.fixture(scope="module")
def reader() -> Iterator[UploadReader]:
    reader = UploadReader()
    yield reader
    reader.close()


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    return write_apstar(tmp_path / "a.fits", n_visits=2).read_bytes()


def test_the_star_is_the_one_read_here(reader: UploadReader, data: bytes) -> None:
    there, here = reader.submit(data, "a.fits").result(60), read_star_bytes(data, "a.fits")
    assert there.id == here.id and len(there.spectra) == len(here.spectra)
    for one, other in zip(there.spectra, here.spectra, strict=True):
        assert np.array_equal(one.flux, other.flux, equal_nan=True)
        assert not one.flux.flags.writeable


def test_a_refusal_comes_back_and_a_killed_reader_is_started_again(reader: UploadReader, data: bytes) -> None:
    with pytest.raises(FileError, match="not a FITS file"):
        reader.submit(b"no star", "a.txt").result(60)
    assert reader._process is not None and reader._process.pid is not None
    os.kill(reader._process.pid, signal.SIGKILL)
    reader._process.join(30)
    assert reader.submit(data, "a.fits").result(60).id


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(data: bytes) -> None:
    reader = UploadReader(patience=0)
    with pytest.raises(FileError, match="took longer"):
        reader.submit(data, "a.fits").result(60)
    reader._patience = 60
    assert reader.submit(data, "a.fits").result(60).id
    reader.close()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's limit of address space")
def test_a_file_that_takes_too_much_memory_is_a_sentence(data: bytes) -> None:
    reader = UploadReader(memory=8 << 20)
    with pytest.raises(FileError, match="more memory"):
        reader.submit(data + bytes(64 << 20), "a.fits").result(60)
    reader.close()


class Later:
    """Keeps what the session's thread is to do, until it does it."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []

    def __call__(self, act: Callable[[], None]) -> None:
        self.acts.append(act)


class SlowReader:
    """Reads when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, bytes, str]] = []

    def submit(self, data: bytes, name: str) -> Any:
        self.asked.append((Future(), data, name))
        return self.asked[-1][0]

    def finish(self) -> None:
        future, data, name = self.asked.pop(0)
        future.set_result(read_star_bytes(data, name))


@pytest.mark.parametrize("chosen", [False, True])
def test_a_later_choice_wins_over_a_slow_upload(tmp_path: Path, data: bytes, chosen: bool) -> None:
    files = [write_apstar(tmp_path / name, n_visits=1) for name in ("b.fits", "c.fits")]
    later, slow = Later(), SlowReader()
    session = Session(Commons(Shelf(files), upload_reader=slow), later)  # type: ignore[arg-type]
    session.hear_list({"upload": "1", "drop": "1", "name": "a.fits", "part": 0, "parts": 1, "data": data})
    assert session.state.key == "b.fits"
    if chosen:
        session.hear_list({"choose": "c.fits"})
    slow.finish()
    later.acts[-1]()
    assert session.state.key == ("c.fits" if chosen else "a.fits")
    assert [entry.key for entry in session.state.stars] == ["b.fits", "c.fits", "a.fits"]
    session.close()
    session.commons.turns.close()
