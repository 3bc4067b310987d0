"""Stars chosen while others are still being read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from made_services import in_loop, services_for, until
from makers import write_apstar

from inspector.service.jobs import Job
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import Progress, ReadHere, Source
from inspector.service.services import Services
from inspector.web.page_tasks import at_once
from inspector.web.session import Session


class ReadsWhenTold(ReadHere):
    """Waits with each file until the test lets it be read."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.done: list[str] = []
        self.let = asyncio.Event()

    async def read(self, source: Source, job: Job, progress: Progress | None = None) -> OpenedStar:
        self.asked.append(source.name)
        await self.let.wait()
        opened = await super().read(source, job, progress)
        self.done.append(source.name)
        return opened


class SlowPage:
    """A page whose changes are made when somebody lets them."""

    def __init__(self, paths: list[Path]) -> None:
        self.changes: list[Callable[[], None]] = []
        self.session = Session(services_for(paths), self.changes.append)

    async def settled(self) -> None:
        """Let everything happen that was begun."""
        while self.session.tasks._running:
            await until(lambda: self.changes or not self.session.tasks._running)
            while self.changes:
                self.changes.pop(0)()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [write_apstar(tmp_path / f"{name}.fits", n_visits=1) for name in "abcd"]


@in_loop
async def test_steps_count_from_the_star_that_is_being_read(files: list[Path]) -> None:
    readers = ReadsWhenTold()
    session = Session(Services(files, readers=readers), at_once)
    await until(lambda: readers.asked == ["a.fits"])
    session.press("n")
    await until(lambda: readers.asked[-1] == "b.fits")
    session.press("n")
    await until(lambda: readers.asked[-1] == "c.fits")
    readers.let.set()
    await until(lambda: session.state.key == "c.fits")
    session.press("p")
    await until(lambda: session.state.key == "b.fits")
    session.close()


@in_loop
async def test_the_star_chosen_last_wins_whichever_is_read_first(files: list[Path]) -> None:
    readers = ReadsWhenTold()
    readers.let.set()
    session = Session(Services(files, readers=readers), at_once)
    await until(lambda: session.state.key == "a.fits")
    shown: list[str] = []
    session.state.param.watch(lambda event: shown.append(event.new), "key", onlychanged=False)
    readers.let.clear()
    session.hear_list({"choose": "d.fits"})
    await until(lambda: readers.asked[-1] == "d.fits")
    session.hear_list({"choose": "b.fits"})
    await until(lambda: readers.asked[-1] == "b.fits")
    readers.let.set()
    await until(lambda: {"d.fits", "b.fits"} <= set(readers.done))
    await until(lambda: session.state.key == "b.fits")
    assert shown == ["b.fits"]
    session.close()


@in_loop
async def test_what_is_read_for_long_is_said_until_it_is_read(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.web.star_opening.LONG", 0)
    readers = ReadsWhenTold()
    session = Session(Services(files, readers=readers), at_once)
    await until(lambda: any("Reading a.fits" in message.text for message in session.state.messages))
    readers.let.set()
    await until(lambda: session.state.star is not None)
    await until(lambda: not session.state.messages)
    session.close()


@in_loop
async def test_each_of_several_fast_steps_counts(files: list[Path]) -> None:
    page = SlowPage(files)
    await page.settled()
    page.session.press("n")
    await until(lambda: page.changes)  # b.fits has been read, and is not on screen yet
    page.session.press("n")
    page.session.press("n")
    await page.settled()
    assert page.session.state.key == "d.fits"
    page.session.close()


@in_loop
async def test_a_step_past_a_broken_file_gives_way_to_a_later_choice(files: list[Path]) -> None:
    page = SlowPage(files)
    files[1].write_bytes(b"no star")
    await page.settled()
    page.session.press("n")
    await until(lambda: page.changes)  # b.fits is about to be marked as broken
    page.session.hear_list({"choose": "d.fits"})
    await page.settled()
    assert page.session.state.key == "d.fits"
    page.session.press("n")  # from the star on screen
    await page.settled()
    assert page.session.state.key == "a.fits"
    page.session.close()
