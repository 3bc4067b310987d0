"""Answers of the network, drawn in turns with everyone else's, and kept in case the same is asked again."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from inspector.pipeline.result import Result
from inspector.science.posterior import Posterior
from inspector.service.cache import Cache
from inspector.service.jobs import FairQueue
from inspector.service.measurements import Measurements
from inspector.service.question import Question

POSTERIOR_BYTES = 64 << 20
"""Memory for draws shared by all sessions; a run of 10,000 draws takes 3.5 MB."""

PACE = 0.2
"""Seconds between two pictures of a growing posterior: a browser that is sent more paints none of them in time."""


class Inference:
    """Draws for questions, one block per turn, beside the event loop.

    Parameters
    ----------
    slots : int
        Turns under way at once: one more than there are processes that draw, so that one answer is judged while
        another is drawn.
    measurements : Measurements, optional
    """

    def __init__(self, slots: int = 2, measurements: Measurements | None = None) -> None:
        self.queue = FairQueue(slots)
        self._measurements = measurements or Measurements()
        self._threads = ThreadPoolExecutor(slots, "inspector-inference")
        self._posteriors: Cache[Posterior] = Cache(POSTERIOR_BYTES, _bytes)

    def known(self, question: Question) -> Posterior | None:
        """The draws there are already, as many as there are."""
        return self._posteriors.get(question.run)

    async def answers(self, question: Question, background: bool = False) -> AsyncGenerator[Result, None]:
        """The answer as it grows, no more often than `PACE`; the last one is whole.

        Cancelling the task stops it after the block under way, which is kept.

        Parameters
        ----------
        question : Question
        background : bool
            Whether nobody waits for it.
        """
        job, blocks, told = self.queue.job(background), self._blocks(question), -math.inf
        asked = time.monotonic()
        while True:
            async with self.queue.turn(job):
                step = await asyncio.get_running_loop().run_in_executor(
                    self._threads, _step, question, blocks, told + PACE
                )
            if step.answer is not None:
                told = time.monotonic()
                yield step.answer
            if step.whole:
                self._measurements.answered(time.monotonic() - asked)
                return

    def close(self) -> None:
        """Draw no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _blocks(self, question: Question) -> Iterator[Posterior | None]:
        """The draws from where the longest run so far ended, block by block, each kept."""
        known = self.known(question)
        drawn = 0 if known is None else known.mc_num
        for posterior in question.growing(known):
            if posterior is not None:
                self._posteriors.put(question.run, posterior)
                self._measurements.draws.inc(posterior.mc_num - drawn)
                drawn = posterior.mc_num
            yield posterior


@dataclass(frozen=True)
class _Step:
    answer: Result | None
    whole: bool


def _step(question: Question, blocks: Iterator[Posterior | None], due: float) -> _Step:
    """Draw one more block; judge it where it is the last or an answer is due."""
    posterior = next(blocks)
    whole = question.done(posterior)
    return _Step(question.answer(posterior) if whole or time.monotonic() > due else None, whole)


def _bytes(posterior: Posterior) -> int:
    """Memory a posterior keeps alive: a growing one is a view of the whole run's array."""
    arrays = (posterior.draws, posterior.log_variance)
    return sum((array if array.base is None else array.base).nbytes for array in arrays)
