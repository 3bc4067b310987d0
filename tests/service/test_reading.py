"""Files are read by other processes: the same star, within limits, and nobody else is held up."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from makers import write_apstar

from inspector.exceptions import FileError
from inspector.pipeline.prepare import distinct_spectra
from inspector.science.continuum import normalize
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import Progress, ReaderProcess, Readers, ReadHere, Source


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, 60))


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    readers = Readers(count=1)
    yield readers
    readers.close()


def pid(readers: Readers) -> int:
    process = readers._processes[0]._process
    assert process is not None and process.pid is not None
    return process.pid


async def opened(readers: Readers | ReadHere, source: Source, progress: Progress | None = None) -> OpenedStar:
    return await readers.read(source, readers.queue.job(), progress)


@pytest.mark.parametrize("n_visits", [0, 1, 3])
def test_another_process_reads_the_same_star(readers: Readers, tmp_path: Path, n_visits: int) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=n_visits)
    there, here = run(opened(readers, Source("star.fits", path))), run(opened(ReadHere(), Source("star.fits", path)))
    assert there.star.id == here.star.id
    assert [s.name for s in there.star.spectra] == [s.name for s in here.star.spectra]
    assert [s.name for s in distinct_spectra(there.star)] == [s.name for s in distinct_spectra(here.star)]
    for a, b in zip(there.star.spectra, here.star.spectra, strict=True):
        for what in ("wavelength", "flux", "error", "bitmask"):
            np.testing.assert_array_equal(getattr(a, what), getattr(b, what))
            assert not getattr(a, what).flags.writeable
        assert a.wavelength is b.wavelength
    for spectrum in distinct_spectra(here.star):
        np.testing.assert_array_equal(there.normalized[spectrum.name].flux, normalize(spectrum).flux)


def test_what_cannot_be_normalised_says_why(readers: Readers, tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "dead.fits", n_visits=1)
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[:] = 0
    assert "only zeros" in run(opened(readers, Source("dead.fits", path))).normalized["coadd"]


def test_uploads_and_paths_are_told_how_far_they_are(readers: Readers, tmp_path: Path) -> None:
    data = write_apstar(tmp_path / "star.fits", n_visits=4).read_bytes()
    told: list[tuple[int, int]] = []
    star = run(opened(readers, Source("mine.fits", data=data), lambda *n: told.append(n))).star
    assert len(star.visits) == 4
    assert told == [(2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_path_others_may_not_know_is_not_told(readers: Readers, tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=1)
    star = run(opened(readers, Source("star.fits", path, shown_path="star.fits"))).star
    assert str(tmp_path) not in repr(star)


def test_a_file_that_is_not_a_star_is_one_sentence(readers: Readers) -> None:
    with pytest.raises(FileError, match=r"no\.fits"):
        run(opened(readers, Source("no.fits", data=b"nothing")))


def test_a_killed_reader_costs_its_own_file_and_the_next_is_read(readers: Readers, tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=1)
    run(opened(readers, Source("star.fits", path)))
    os.kill(pid(readers), signal.SIGKILL)
    assert run(opened(readers, Source("star.fits", path))).star.id


def test_a_reader_never_hears_ctrl_c_not_even_while_it_starts(tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=1)
    readers = Readers(count=1)
    try:
        readers._processes[0].start()
        started = pid(readers)
        os.kill(started, signal.SIGINT)
        assert run(opened(readers, Source("star.fits", path))).star.id
        assert pid(readers) == started
    finally:
        readers.close()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's limit of address space")
def test_a_file_that_takes_too_much_memory_is_a_sentence(tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=2)
    readers = Readers(count=1, memory=8 << 20)
    with pytest.raises(FileError, match="more memory"):
        run(opened(readers, Source("a.fits", data=path.read_bytes() + bytes(64 << 20))))
    readers.close()


def test_a_file_that_takes_too_long_is_refused_and_its_reader_ends(tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=1)
    readers = Readers(count=1, patience=0.0)
    with pytest.raises(FileError, match="longer than 0 s"):
        run(opened(readers, Source("star.fits", path)))
    assert readers._processes[0]._process is None
    readers.close()


def test_nobody_waits_any_more_and_the_reader_is_free(readers: Readers, tmp_path: Path) -> None:
    path = write_apstar(tmp_path / "star.fits", n_visits=1)

    async def cancelled() -> str:
        task = asyncio.create_task(opened(readers, Source("slow", Path("/dev/zero"))))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return (await opened(readers, Source("star.fits", path))).star.id

    assert run(cancelled())


def test_two_files_are_read_at_once(tmp_path: Path) -> None:
    readers = Readers(count=2)
    path = write_apstar(tmp_path / "star.fits", n_visits=1)

    async def both() -> list[OpenedStar]:
        return await asyncio.gather(*(opened(readers, Source(str(i), path)) for i in range(2)))

    assert len(run(both())) == 2
    assert all(process._process is not None for process in readers._processes)
    readers.close()


def test_a_reader_that_was_closed_says_so() -> None:
    process = ReaderProcess()
    process.close()
    with pytest.raises(FileError, match="stopping"):
        process.start()
