"""The live network: what one session asks for, drawn in turns with everyone else's."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from inspector.app.commons import Commons
from inspector.app.question import Posteriors, Question
from inspector.app.state import InspectorState
from inspector.app.turns import Job
from inspector.errors import InspectorError
from inspector.pipeline.prepare import prepare_normalized
from inspector.science.posterior import Posterior
from inspector.science.settings import SEED

log = logging.getLogger(__name__)

PACE = 0.2
"""Seconds between two pictures of a growing posterior: a browser that is sent more paints none of them in time."""

Deliver = Callable[[Callable[[], None]], None]


class Live:
    """Keeps a session's results up to date with its choices.

    Parameters
    ----------
    state : InspectorState
    commons : Commons
    deliver : callable
        Runs a function in the session's own thread, soon; it is called from any thread.
    """

    def __init__(self, state: InspectorState, commons: Commons, deliver: Deliver) -> None:
        self._state, self._commons, self._deliver = state, commons, deliver
        self._run, self._visits = self._task(self._show), self._task(self._show_visits)
        asked = ["star", "inspected", "mc_num", "seed", "dropout_rate", "network", "noise_model"]
        self._watchers = [
            state.param.watch(self._ask, asked),
            state.param.watch(self._ask_visits, [name for name in asked if name != "inspected"]),
        ]

    def close(self) -> None:
        """Stop; nothing is delivered after this."""
        for watcher in self._watchers:
            self._state.param.unwatch(watcher)
        self._run.cancel()
        self._visits.cancel()

    def stop(self) -> None:
        """Draw no more; what is there stays."""
        self._run.cancel()
        self._visits.cancel()
        self._state.running = False

    def go_on(self) -> None:
        """Draw what is left of a run that was stopped."""
        self._ask()
        self._ask_visits()

    def redraw(self) -> None:
        """New draws: the next seed, counted from the one in use; after the last comes the first."""
        result, seed = self._state.result, self._state.seed
        used = seed if seed is not None else result.seed if result is not None else SEED.high
        self._state.seed = SEED.after(used)

    def _ask(self, *_: Any) -> None:
        """Answer from memory what was asked before, else queue for it; either way forget the last question."""
        self._run.cancel()
        self._run = self._task(self._show)
        self._state.settle("run")
        question = self._question(self._state.inspected, self._state.mc_num)
        if question is None:
            self._state.running = False
            return
        kept = self._commons.posteriors.get(question.run)
        if question.done(kept):
            self._show_kept(question, kept)
            return
        self._forget_other(question)
        self._state.param.update(running=True, progress=(kept.mc_num if kept else 0, question.mc_num))
        self._run.begin(self._commons, [question])

    def _forget_other(self, question: Question) -> None:
        """The labels of another spectrum do not stand under this one's name while its own are drawn."""
        result = self._state.result
        if result is not None and result.spectrum_name != question.name:
            self._state.result = None

    def _show_kept(self, question: Question, kept: Posterior | None) -> None:
        try:
            self._show({question.name: (question, question.answer(kept))})
        except Exception as error:  # noqa: BLE001  a star half on screen would be worse, whatever failed
            self._fail(error)

    def _ask_visits(self, *_: Any) -> None:
        """Ask for every spectrum of the star, with the page's own settings, behind everything that someone waits for.

        The inspected one comes last: its draws are then there already.
        """
        self._visits.cancel()
        self._visits = self._task(self._show_visits)
        self._state.visit_results = {}  # what was answered with other settings
        names = sorted(self._state.spectrum_names, key=lambda name: name == self._state.inspected)
        questions = [q for name in names if (q := self._question(name, self._state.mc_num)) is not None]
        if len(questions) > 1:
            self._visits.begin(self._commons, questions, background=True)

    def _question(self, name: str, mc_num: int) -> Question | None:
        state = self._state
        if state.star is None or state.network is None:
            return None
        ready = prepare_normalized(state.spectrum(name), state.normalized(name), state.seed)
        return Question(ready, mc_num, state.rate, state.network, state.noise_model)

    def _task(self, show: Callable[[Answers], None]) -> Task:
        return Task(self._deliver, show, self._fail)

    def _show(self, answers: Answers) -> None:
        ((question, result),) = answers.values()
        done = question.mc_num if result.reason else result.mc_num
        self._state.param.update(result=result, progress=(done, question.mc_num), running=done < question.mc_num)

    def _show_visits(self, answers: Answers) -> None:
        results = {name: result for name, (_, result) in answers.items()}
        self._state.visit_results = {**self._state.visit_results, **results}

    def _fail(self, error: Exception) -> None:
        self._state.running = False
        if isinstance(error, InspectorError):
            self._state.say(str(error), "error", "run")
            return
        log.error("A run failed", exc_info=error)
        why = f"The network could not answer ({type(error).__name__}). The server's log says more."
        self._state.say(why, "error", "run")


Answers = dict[str, tuple[Question, Any]]


class Task:
    """Questions on their way through the pool, and their answers on the way back.

    The session is told once for all answers that came since it last looked: a slow browser gets fewer,
    newer pictures, not a queue of old ones.

    Parameters
    ----------
    deliver : callable
        See `Live`.
    show : callable
        Given the answers that are new, by spectrum name; called in the session's thread.
    fail : callable
        Given the exception that ended the task; called in the session's thread.
    """

    def __init__(self, deliver: Deliver, show: Callable[[Answers], None], fail: Callable[[Exception], None]) -> None:
        self._deliver, self._show, self._fail = deliver, show, fail
        self._lock = threading.Lock()
        self._ready: Answers = {}
        self._job: Job | None = None
        self._cancelled = False
        self._posted = -math.inf

    def begin(self, commons: Commons, questions: list[Question], background: bool = False) -> None:
        """Queue for turns."""
        turns = self._turns(commons.posteriors, questions)
        self._job = commons.turns.add(turns, self._failed, background)

    def cancel(self) -> None:
        """Take no more turns, and keep what is on its way from being shown."""
        self._cancelled = True
        if self._job:
            self._job.cancel()

    def _turns(self, posteriors: Posteriors, questions: list[Question]) -> Iterator[None]:
        for question in questions:
            for posterior in question.growing(posteriors):
                if question.done(posterior) or (not self._ready and time.monotonic() > self._posted + PACE):
                    self._post(question, question.answer(posterior))
                yield

    def _post(self, question: Question, result: Any) -> None:
        with self._lock:
            told = bool(self._ready)
            self._ready[question.name] = question, result
            self._posted = time.monotonic()
        if not told:
            self._deliver(self._collect)

    def _collect(self) -> None:
        with self._lock:
            ready, self._ready = self._ready, {}
        if not self._cancelled:
            self._show(ready)

    def _failed(self, error: Exception) -> None:
        def tell() -> None:
            if not self._cancelled:
                self._fail(error)

        self._deliver(tell)
