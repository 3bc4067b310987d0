"""The spectra that a page shows or has shown, as verdicts speak of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inspector.exceptions import SettingsError
from inspector.pipeline.result import Result
from inspector.pipeline.star_evidence import star_evidence
from inspector.pipeline.table_comparison import table_apart
from inspector.science.evidence import Suggestion, suggested_causes
from inspector.service.verdicts.subject import Subject
from inspector.web.state import InspectorState
from inspector.web.verdicts_state import Judged, VerdictsState

REMEMBERED = 50
"""Spectra looked at before whose verdict may still be on its way from the browser."""


class JudgedSpectra:
    """Follows what is on screen, and remembers what was: a verdict may come when its star is gone from the page.

    Parameters
    ----------
    state : InspectorState
    verdicts : VerdictsState
        Whose ``judged`` is kept up to date.
    """

    def __init__(self, state: InspectorState, verdicts: VerdictsState) -> None:
        self._state, self._verdicts = state, verdicts
        self._known: dict[str, Judged] = {}  # by the subject's key, the newest last
        state.param.watch(self._look, ["star", "inspected"])
        state.param.watch(self._see, ["result", "visit_results", "table_answer"])
        self._look()

    def __getitem__(self, key: str) -> Judged:
        """What is known of a spectrum that is or was on screen."""
        if key not in self._known:
            raise SettingsError("This star was on screen too long ago. Open it again, then give the verdict.")
        return self._known[key]

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def entry(self, file_sha256: str) -> str:
        """Key of the opened star whose file has a hash; empty for one that was not looked at."""
        return next((one.entry for one in self._known.values() if one.subject.file_sha256 == file_sha256), "")

    def keep(self, judged: Judged, tell: bool = True) -> None:
        """Remember what is known of a spectrum, and tell it where it is the one on screen."""
        key = judged.subject.key
        self._known.pop(key, None)
        self._known[key] = judged
        for oldest in list(self._known)[:-REMEMBERED]:
            del self._known[oldest]
        now = self._verdicts.judged
        if tell and now is not None and now.subject.key == key:
            self._verdicts.judged = judged

    def _look(self, *_: Any) -> None:
        star, state = self._state.star, self._state
        if star is None:
            self._verdicts.judged = None
            return
        subject = Subject.of(star.info, state.inspected)
        before = self._known.get(subject.key) or Judged(subject, state.key)
        judged = replace(before, entry=state.key, suggested=self._suggested(), result=self._result(subject))
        self.keep(judged, tell=False)
        self._verdicts.judged = judged

    def _see(self, *_: Any) -> None:
        """Take note of the answer on screen, which a verdict will keep; tell only what it suggests."""
        key = "" if self._state.star is None else Subject.of(self._state.star.info, self._state.inspected).key
        if self._verdicts.judged is None or self._verdicts.judged.subject.key != key:
            return  # another star comes: the answer that goes is still the one seen of the last
        judged = self._known[key]
        suggested = judged.suggested if self._state.running else self._suggested()
        seen = replace(judged, suggested=suggested, result=self._result(judged.subject))
        self.keep(seen, tell=suggested != judged.suggested)

    def _result(self, subject: Subject) -> Result | None:
        """The answer on screen, if it is this spectrum's."""
        result: Result | None = self._state.result
        if result is None or (result.spectrum_name, result.file_sha256) != (subject.spectrum, subject.file_sha256):
            return None
        return result

    def _suggested(self) -> tuple[Suggestion, ...]:
        state = self._state
        if state.star is None:
            return ()
        spectrum, result = state.spectrum(state.inspected), self._result(Subject.of(state.star.info, state.inspected))
        apart = table_apart(state.table_answer, spectrum.name, result)
        return suggested_causes(star_evidence(state.star, spectrum, result, state.visit_results, apart))
