"""Filtering and sorting one session's queue, beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from inspector.service.queue.filter_text import read_filters
from inspector.service.queue.filters import AnyId, Filter, Flagged
from inspector.service.queue.queue import Arrangement, Picked, Queue, Sort, arrange
from inspector.web.page_tasks import PageTasks
from inspector.web.queue_state import QueueState


class Arranging:
    """What is asked of a queue's filters and order; the last of several askings counts.

    Parameters
    ----------
    view : QueueState
    tasks : PageTasks
    """

    def __init__(self, view: QueueState, tasks: PageTasks) -> None:
        self._view, self._tasks, self._asked = view, tasks, 0

    def arrange(self, arrangement: Arrangement) -> None:
        """Filter and sort anew; what makes no sense is said, and the queue stays as it is."""
        self._tasks.start(self.arranged(arrangement))

    async def arranged(self, arrangement: Arrangement) -> None:
        """The same, done when it returns; raises `SettingsError`."""
        self._asked += 1
        number, columns = self._asked, self._view.columns
        if columns is None:
            return
        filtered = await asyncio.to_thread(arrange, columns, replace(arrangement, chosen=None))
        queue = await asyncio.to_thread(filtered.picked, arrangement.chosen)
        if number == self._asked and columns is self._view.columns:
            await self._tasks.apply(partial(self._show, filtered, queue))

    def _show(self, filtered: Queue, queue: Queue) -> None:
        anew = queue.arrangement != self._view.arrangement
        start = self._view.start if not anew and self._view.start < len(queue) else 0
        self._view.param.update(filtered=filtered, queue=queue, arrangement=queue.arrangement, start=start)

    def again(self) -> None:
        """As it is, of columns that have other values now."""
        self.arrange(self._view.arrangement)

    def add(self, *filters: Filter) -> None:
        """Filter further; one takes the place of another of its kind on the same column."""
        fresh = {_about(chosen) for chosen in filters}
        kept = [chosen for chosen in self._view.arrangement.filters if _about(chosen) not in fresh]
        self._change(filters=(*kept, *filters))

    def add_text(self, text: str) -> None:
        """Filter by what somebody typed; a word that is no column is looked for among the ids."""
        self.add(*map(self._meant, read_filters(text)))

    def drop(self, index: int) -> None:
        """Remove one filter."""
        filters = self._view.arrangement.filters
        self._change(filters=(*filters[:index], *filters[index + 1 :]))

    def filter_as(self, text: str) -> None:
        """Filter by these alone, as a saved name does."""
        self._change(filters=read_filters(text))

    def clear(self) -> None:
        """Filter no more; the order stays."""
        self._change(filters=(), chosen=None)

    def pick(self, picked: Picked | None) -> None:
        """Keep these rows alone; all of them if None."""
        self._change(chosen=picked)

    def sort(self, column: str) -> None:
        """Sort by a column: rising, falling, then as the table has it."""
        now = self._view.arrangement.sort
        turns = {None: Sort(column), Sort(column): Sort(column, descending=True)}
        self._change(sort=turns.get(now if now is not None and now.column == column else None))

    def group(self, grouped: bool) -> None:
        """Let files of one star follow each other, or not."""
        self._change(grouped=grouped)

    def _change(self, **how: object) -> None:
        self.arrange(replace(self._view.arrangement, **how))  # type: ignore[arg-type]  # its own fields

    def _meant(self, typed: Filter) -> Filter:
        columns = self._view.columns
        word = isinstance(typed, Flagged) and typed.state == "set" and columns is not None
        return (
            AnyId(typed.column)
            if word and isinstance(typed, Flagged) and typed.column not in (columns or ())
            else typed
        )


def _about(chosen: Filter) -> tuple[type, str]:
    return type(chosen), getattr(chosen, "column", "")


def names_any(arrangement: Arrangement, names: Sequence[str]) -> bool:
    """Whether filters or order look at any of some columns."""
    sorted_by = [arrangement.sort.column] if arrangement.sort else []
    return any(getattr(chosen, "column", "verdict") in names for chosen in arrangement.filters) or any(
        name in names for name in sorted_by
    )
