"""The fair queue: who goes next, and what a cancelled job leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from inspector.service.jobs import FairQueue


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, 30))


async def work(queue: FairQueue, name: str, turns: int, order: list[str], background: bool = False) -> None:
    job = queue.job(background)
    for _ in range(turns):
        async with queue.turn(job):
            order.append(name)
            await asyncio.sleep(0)


def test_whoever_was_served_least_goes_next() -> None:
    async def all_at_once() -> list[str]:
        order: list[str] = []
        queue = FairQueue(1)
        await asyncio.gather(
            work(queue, "long", 6, order), work(queue, "late", 2, order), work(queue, "behind", 1, order, True)
        )
        return order

    order = run(all_at_once())
    assert order[:5] == ["long", "late", "long", "late", "long"]
    assert order[-1] == "behind"


def test_a_background_job_waits_for_the_turns_someone_waits_for() -> None:
    async def both() -> list[str]:
        order: list[str] = []
        queue, held = FairQueue(2), asyncio.Event()

        async def hold() -> None:
            async with queue.turn(queue.job()):
                await held.wait()
                order.append("waited for")

        front = asyncio.create_task(hold())
        behind = asyncio.create_task(work(queue, "behind", 1, order, True))
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == []  # there is a slot free, and nobody takes it
        held.set()
        await asyncio.gather(front, behind)
        return order

    assert run(both()) == ["waited for", "behind"]


def test_a_cancelled_job_gives_its_slot_back_whether_it_waits_or_runs() -> None:
    async def cancelled() -> list[str]:
        order: list[str] = []
        queue, forever = FairQueue(1), asyncio.Event()

        async def stay() -> None:
            async with queue.turn(queue.job()):
                await forever.wait()

        runs, waits, next_one = (asyncio.create_task(c) for c in (stay(), stay(), work(queue, "next", 1, order)))
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.sleep(0)
        runs.cancel()
        await next_one
        for task in (runs, waits):
            assert task.cancelled()
        return order

    assert run(cancelled()) == ["next"]


def test_a_job_cancelled_in_the_moment_it_is_called_holds_no_slot() -> None:
    async def in_that_moment() -> list[str]:
        order: list[str] = []
        queue = FairQueue(1)
        first = asyncio.create_task(work(queue, "first", 1, order))
        await asyncio.sleep(0)  # called, and not yet woken
        first.cancel()
        await work(queue, "second", 1, order)
        return order

    assert "second" in run(in_that_moment())


def test_a_turn_that_fails_lets_the_others_go_on() -> None:
    async def failing() -> list[str]:
        order: list[str] = []
        queue = FairQueue(1)

        async def fail() -> None:
            async with queue.turn(queue.job()):
                raise ValueError("boom")

        done = await asyncio.gather(fail(), work(queue, "other", 2, order), return_exceptions=True)
        assert isinstance(done[0], ValueError)
        return order

    assert run(failing()) == ["other", "other"]
