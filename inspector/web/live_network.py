"""The live network: keeps a page's results up to date with its choices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing
from functools import partial
from typing import Any

from inspector.exceptions import InspectorError
from inspector.pipeline.prepare import prepare_normalized
from inspector.pipeline.result import Result
from inspector.science.settings import SEED
from inspector.service.inference import Inference
from inspector.service.question import Question
from inspector.web.page_tasks import PageTasks
from inspector.web.state import InspectorState

log = logging.getLogger(__name__)

Running = asyncio.Task[None] | None


class Live:
    """Asks for the inspected spectrum, and behind everything that someone waits for, for all the others.

    Parameters
    ----------
    state : InspectorState
    inference : Inference
    tasks : PageTasks
    """

    def __init__(self, state: InspectorState, inference: Inference, tasks: PageTasks) -> None:
        self._state, self._inference, self._tasks = state, inference, tasks
        self._run: Running = None
        self._visits: Running = None
        asked = ["star", "inspected", "mc_num", "seed", "dropout_rate", "network", "noise_model"]
        self._watchers = [
            state.param.watch(self._ask, asked),
            state.param.watch(self._ask_visits, [name for name in asked if name != "inspected"]),
        ]

    def close(self) -> None:
        """Stop; nothing is shown after this."""
        for watcher in self._watchers:
            self._state.param.unwatch(watcher)
        _cancel(self._run)
        _cancel(self._visits)

    def stop(self) -> None:
        """Draw no more; what is there stays."""
        _cancel(self._run)
        _cancel(self._visits)
        self._state.running = False

    def go_on(self) -> None:
        """Draw what is left of a run that was stopped."""
        self._ask()
        self._ask_visits()

    def redraw(self) -> None:
        """New draws: the next seed, counted from the one in use; after the last comes the first."""
        result, seed = self._state.result, self._state.seed
        used = seed if seed is not None else result.seed if result is not None else None
        self._state.seed = SEED.after(used)

    def _ask(self, *_: Any) -> None:
        """Answer from memory what was asked before, else queue for it; either way forget the last question."""
        _cancel(self._run)
        self._state.settle("run")
        question = self._question(self._state.inspected)
        if question is None:
            self._state.running = False
            return
        known = self._inference.known(question)
        if question.done(known):
            self._at_once(lambda: self._show(question, question.answer(known)))
            return
        self._forget_other(question)
        self._state.param.update(running=True, progress=(known.mc_num if known else 0, question.mc_num))
        self._run = self._tasks.start(self._draw([question], self._show))

    def _ask_visits(self, *_: Any) -> None:
        """Ask for every spectrum of the star with the page's own settings, the inspected one last."""
        _cancel(self._visits)
        self._state.visit_results = {}  # what was answered with other settings
        names = sorted(self._state.spectrum_names, key=lambda name: name == self._state.inspected)
        questions = (question for name in names if (question := self._question(name)) is not None)  # each in its turn
        if len(names) > 1:
            self._visits = self._tasks.start(self._draw(questions, self._show_visit, background=True))

    async def _draw(
        self, questions: Iterable[Question], show: Callable[[Question, Result], None], background: bool = False
    ) -> None:
        try:
            for question in questions:
                async with aclosing(self._inference.answers(question, background)) as answers:
                    async for answer in answers:
                        await self._tasks.apply(partial(show, question, answer))
        except Exception as error:  # noqa: BLE001  whatever failed, the page says that no answer comes
            problem = error
            await self._tasks.apply(lambda: self._fail(problem))

    def _forget_other(self, question: Question) -> None:
        """The labels of another spectrum do not stand under this one's name while its own are drawn."""
        result = self._state.result
        if result is not None and result.spectrum_name != question.name:
            self._state.result = None

    def _at_once(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  a star half on screen would be worse, whatever failed
            self._fail(error)

    def _question(self, name: str) -> Question | None:
        state = self._state
        if state.star is None or state.network is None or state.rate is None:
            return None
        ready = prepare_normalized(state.spectrum(name), state.normalized(name), state.seed)
        return Question(ready, state.mc_num, state.rate, state.network, state.noise_model)

    def _show(self, question: Question, result: Result) -> None:
        done = question.mc_num if result.reason else result.mc_num
        self._state.param.update(result=result, progress=(done, question.mc_num), running=done < question.mc_num)

    def _show_visit(self, question: Question, result: Result) -> None:
        if result.reason or result.mc_num == question.mc_num:
            self._state.visit_results = {**self._state.visit_results, question.name: result}

    def _fail(self, error: Exception) -> None:
        self._state.running = False
        if isinstance(error, InspectorError):
            self._state.say(str(error), "error", "run")
            return
        log.error("A run failed", exc_info=error)
        why = f"The network could not answer ({type(error).__name__}). The server's log says more."
        self._state.say(why, "error", "run")


def _cancel(task: Running) -> None:
    if task is not None:
        task.cancel()
