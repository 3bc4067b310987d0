"""The opened files: the first is read before anybody asks, and once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from made_services import in_loop
from makers import write_apstar

from inspector.exceptions import FileError
from inspector.service.jobs import Job
from inspector.service.library import Library
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import Progress, ReadHere, Source


class SlowReaders(ReadHere):
    """Says what it was asked for, and answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.may = asyncio.Event()

    async def read(self, source: Source, job: Job, progress: Progress | None = None) -> OpenedStar:
        self.asked.append(source.name)
        await self.may.wait()
        return await super().read(source, job, progress)


@pytest.fixture
def star_file(tmp_path: Path) -> Path:
    return write_apstar(tmp_path / "star.fits", n_visits=1)


@in_loop
async def test_whoever_opens_the_first_star_waits_for_what_was_begun(star_file: Path) -> None:
    readers = SlowReaders()
    library = Library([star_file], readers)
    library.read_ahead()
    first = asyncio.create_task(library.open(library.entries[0], readers.queue.job()))
    gone = asyncio.create_task(library.open(library.entries[0], readers.queue.job()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()  # who goes away ends it for nobody else
    readers.may.set()
    opened = await first
    assert opened is await library.open(library.entries[0], readers.queue.job())
    assert readers.asked == ["star.fits"]


@in_loop
async def test_a_first_star_that_cannot_be_read_is_told_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "bad.fits").write_bytes(b"no star")
    readers = SlowReaders()
    library = Library([tmp_path / "bad.fits"], readers)
    library.read_ahead()
    readers.may.set()
    for _ in range(2):
        with pytest.raises(FileError, match=r"bad\.fits"):
            await library.open(library.entries[0], readers.queue.job())


@in_loop
async def test_nothing_is_read_ahead_where_there_is_nothing(tmp_path: Path) -> None:
    for paths in ([], [tmp_path / "gone.fits"]):
        readers = SlowReaders()
        Library(paths, readers).read_ahead()
        await asyncio.sleep(0)
        assert readers.asked == []
