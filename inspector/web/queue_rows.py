"""Putting rows of a queue on screen: the star, the spectrum the row means, or what is missing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import numpy as np

from inspector.exceptions import InspectorError
from inspector.science.star import Star
from inspector.science.table_answer import TableAnswer
from inspector.service.queue.column_titles import title
from inspector.service.queue.columns import Columns
from inspector.service.services import Services
from inspector.web.page_tasks import PageTasks
from inspector.web.queue_state import Meant, QueueState
from inspector.web.star_opening import StarOpening
from inspector.web.state import Absent, InspectorState
from inspector.web.tables.queue_cells import number_text

END = {1: "This is the last row of the queue.", -1: "This is the first row of the queue."}

AHEAD = 2
"""Rows of the queue that are read before somebody steps to them."""

TOLD = ("teff", "logg", "fe_h", "snr")
"""Columns that are told of a row whose spectrum is missing."""

Task = asyncio.Task[None] | None


class QueueRows:
    """Opens rows; whatever was chosen last is what is shown.

    Parameters
    ----------
    state : InspectorState
    view : QueueState
    services : Services
    tasks : PageTasks
    opening : StarOpening
    """

    def __init__(
        self, state: InspectorState, view: QueueState, services: Services, tasks: PageTasks, opening: StarOpening
    ) -> None:
        self._state, self._view, self._services, self._tasks, self._opening = state, view, services, tasks, opening
        self._job = services.readers.queue.job(background=True)
        self._looking: Task = None
        self._preparing: Task = None
        state.param.watch(self._follow_star, "key")

    def step(self, by: int) -> None:
        """Put the next row of the queue on screen."""
        queue = self._view.queue
        row = None if queue is None else queue.step(self._view.row, by)
        if row is None:
            raise InspectorError(END[by] if queue is not None and len(queue) else "The queue is empty: no row passes.")
        self.open(row)

    def open(self, row: int) -> None:
        """Put a row's star on screen."""
        columns = self._view.columns
        if columns is None or not 0 <= row < columns.n_rows:
            return
        self.stop()
        chosen = self._begin(row)
        self._looking = self._tasks.start(self._opened(row, chosen))

    def stop(self) -> None:
        """Look for a row's file no longer; what has come of it is kept for the next time."""
        for task in (self._looking, self._preparing):
            if task is not None:
                task.cancel()
        self._looking = self._preparing = None
        self._view.looking = False

    async def opened(self, row: int) -> None:
        """The same, done when it returns."""
        chosen: list[int] = []
        await self._tasks.apply(lambda: chosen.append(self._begin(row)))
        await self._opened(row, chosen[0])

    def _begin(self, row: int) -> int:
        """The row is the one on screen from now on: further steps start there."""
        self._view.param.update(row=row, origin="", looking=True)
        return self._opening.begin()

    async def _opened(self, row: int, chosen: int) -> None:
        """Look for a row's file, read it and show it; what is missing is shown instead."""
        spectra, answer = self._view.spectra, None
        try:
            answer = await self._table_answer(row)
            located = await spectra.locate(row, partial(self._tell_progress, chosen))
            await self._opening.show_row(located.entry, chosen, partial(self._mean, row, located.entry.name), answer)
        except InspectorError as error:
            await self._tasks.apply(partial(self._show_absent, row, chosen, str(error), answer))
            return
        await self._tasks.apply(lambda: self._arrive(row, chosen, located.origin))
        self._preparing = self._tasks.start(self._prepare(row))

    async def _table_answer(self, row: int) -> TableAnswer | None:
        columns = self._view.columns
        return None if columns is None else await asyncio.to_thread(columns.table.labels, row)

    def _mean(self, row: int, file: str, star: Star) -> str:
        """The spectrum a row means."""
        name = self._view.spectra.spectrum(row, star)
        self._view.meant = Meant(row, file, name)
        return name

    def _tell_progress(self, chosen: int, what: str, done: int, total: int) -> None:
        """Say how far the looking has come, in whole percents."""
        words = f"{what} … {100 * done // total}%" if total else f"{what} …"
        if words != self._view.origin and self._opening.is_last(chosen):
            self._tasks.start(self._tasks.apply(lambda: self._say(chosen, words)))

    def _say(self, chosen: int, words: str) -> None:
        if self._opening.is_last(chosen):
            self._view.param.update(origin=words, looking=True)

    def _arrive(self, row: int, chosen: int, origin: str) -> None:
        if self._opening.is_last(chosen):
            self._view.param.update(origin=origin, looking=False, on_screen=row)

    def _show_absent(self, row: int, chosen: int, why: str, answer: TableAnswer | None) -> None:
        """Nothing of the star before stays on screen under this row's name."""
        columns = self._view.columns
        if self._opening.is_last(chosen) and columns is not None:
            absent = Absent(star_names(columns, np.array([row]))[0], why, _told(columns, row))
            self._state.show_absent(absent, answer)
            self._arrive(row, chosen, why)

    async def _prepare(self, row: int) -> None:
        """Fetch and read what the next steps along the queue will show."""
        queue, spectra = self._view.queue, self._view.spectra
        following = queue.following(row, AHEAD) if queue is not None and self._view.table else []
        await spectra.prefetch(following)
        for next_row in following:
            with suppress(InspectorError):
                await self._services.library.open((await spectra.locate(next_row)).entry, self._job)

    def _follow_star(self, *_: object) -> None:
        """A star chosen elsewhere than in the queue: of the opened files, its row; of a table, none."""
        view, key = self._view, self._state.key
        entry = next((entry for entry in self._state.stars if entry.key == key), None)
        if not view.table:
            row = None if entry is None else list(self._state.stars).index(entry)
            view.param.update(row=row, on_screen=row)
        elif entry is not None and (view.meant is None or view.meant.file != entry.name):
            view.param.update(row=None, on_screen=None, origin="")


def star_names(columns: Columns, rows: np.ndarray) -> list[str]:
    """What some rows' stars are called."""
    name = next((name for name in columns.ids()), "")
    names = [str(value or "") for value in columns.taken(name, rows)] if name else [""] * len(rows)
    return [name or f"row {row + 1}" for name, row in zip(names, rows)]


def _told(columns: Columns, row: int) -> tuple[tuple[str, str], ...]:
    """What a table says of a row whose spectrum is missing."""
    values = {name: columns.taken(name, np.array([row]))[0] for name in TOLD if name in columns}
    return tuple(
        (title(name), f"{number_text(name, value)} {columns.unit(name)}".strip())
        for name, value in values.items()
        if isinstance(value, float) and value == value
    )
