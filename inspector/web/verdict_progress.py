"""How far a reviewer is: where among the stars, how many have a verdict, and which rows of the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from inspector.service.verdicts.history import Standing
from inspector.service.verdicts.row_verdicts import verdict_column
from inspector.service.verdicts.scheme import Scheme
from inspector.service.verdicts.subject import Subject
from inspector.web.queueing import Queueing
from inspector.web.state import InspectorState
from inspector.web.verdicts_state import VerdictsState


class VerdictProgress:
    """Keeps ``VerdictsState.place`` and the queue's column of verdicts up to date.

    Parameters
    ----------
    state : InspectorState
    verdicts : VerdictsState
    queue : Queueing
    scheme : Scheme
    """

    def __init__(self, state: InspectorState, verdicts: VerdictsState, queue: Queueing, scheme: Scheme) -> None:
        self._state, self._verdicts, self._queue, self._scheme = state, verdicts, queue, scheme
        self._judged: dict[str, dict[str, str]] = {}  # a verdict's name by subject, by the file's name
        state.param.watch(self._count, ["stars", "key"])
        queue.on_change(self._count)
        self._count()

    def rows(self, standings: Iterable[Standing]) -> dict[int, str]:
        """The verdicts on rows of the table, by number; takes a moment for a large one."""
        columns = self._queue.view.columns
        if columns is None or not self._queue.view.table:
            return {}
        held = sorted((one for one in standings if one.verdict is not None), key=lambda one: one.last.order)
        column = verdict_column(columns.table, [(one.subject, self._name(one)) for one in held])
        return {int(row): str(column[row]) for row in column.nonzero()[0]}

    def take(self, standings: Iterable[Standing], rows: Mapping[int, str] = {}) -> None:
        """What one reviewer's events on every subject come to, and on which rows of the table."""
        self._judged = {}
        for standing in standings:
            self._set(standing.subject, self._name(standing))
        self._queue.live.take_verdicts(rows if self._queue.view.table else self._files())
        self._count()

    def note(self, subject: Subject, entry: str, standing: Standing | None) -> None:
        """What a spectrum's verdict is now."""
        name = self._name(standing)
        self._set(subject, name)
        row = self._row(subject, entry)
        if row is not None and self._queue.live.verdicts.get(row, "") != name:
            self._queue.live.note_verdict(row, name)
        self._count()

    def _name(self, standing: Standing | None) -> str:
        verdict = None if standing is None else standing.verdict
        return "" if verdict is None else self._scheme.quality_name(verdict.quality)

    def _set(self, subject: Subject, name: str) -> None:
        named = self._judged.setdefault(subject.file, {})
        named.pop(subject.key, None)
        if name:
            named[subject.key] = name

    def _row(self, subject: Subject, entry: str) -> int | None:
        """The queue's row of a spectrum that is on screen."""
        view = self._queue.view
        if not view.table:
            return next((row for row, one in enumerate(self._state.stars) if one.key == entry), None)
        here = view.columns is not None and view.row is not None and subject.is_row(view.columns.table.key(view.row))
        return view.row if here else None

    def _files(self) -> dict[int, str]:
        """The newest verdict on each opened file, by its place in the list."""
        names = {row: self._judged.get(entry.name, {}) for row, entry in enumerate(self._state.stars)}
        return {row: list(named.values())[-1] for row, named in names.items() if named}

    def _count(self, *_: Any) -> None:
        if self._queue.view.leads:
            self._verdicts.place = self._queue.place
            return
        entries = self._state.stars
        here = next((place for place, entry in enumerate(entries, 1) if entry.key == self._state.key), 0)
        given = sum(bool(self._judged.get(entry.name)) for entry in entries)
        self._verdicts.place = f"{here} of {len(entries)} · {given} with a verdict" if here else ""
