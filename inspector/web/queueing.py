"""Going along a table: what one session filters, sorts and opens of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.service.library import StarEntry, called
from inspector.service.queue.columns import Columns
from inspector.service.queue.opened_files import OpenedFiles
from inspector.service.queue.opened_table import OpenedTable
from inspector.service.queue.queue import Arrangement, Picked
from inspector.service.queue.row_spectra import SpectraOfFiles
from inspector.service.services import Services
from inspector.web.link import Choices
from inspector.web.page_tasks import PageTasks
from inspector.web.queue_arranging import Arranging
from inspector.web.queue_columns import first_columns
from inspector.web.queue_live import QueueLive
from inspector.web.queue_rows import QueueRows, star_names
from inspector.web.queue_state import QueueState, read_arrangement, read_row
from inspector.web.star_opening import StarOpening
from inspector.web.state import InspectorState

Rows = NDArray[np.intp]


class Queueing:
    """One session's queue: of the table that is open, else of the opened files.

    Parameters
    ----------
    state : InspectorState
    services : Services
    tasks : PageTasks
    opening : StarOpening

    Attributes
    ----------
    view : QueueState
    arranging : Arranging
    rows : QueueRows
    live : QueueLive
    """

    def __init__(self, state: InspectorState, services: Services, tasks: PageTasks, opening: StarOpening) -> None:
        self._state, self._tasks, self._opening = state, tasks, opening
        self.view = QueueState()
        self.arranging = Arranging(self.view, tasks)
        self.rows = QueueRows(state, self.view, services, tasks, opening)
        self.live = QueueLive(state, self.view, services, tasks, self.arranging.again)
        self._changed: list[Callable[[], None]] = []
        self.view.param.watch(self._tell_changed, ["columns", "filtered", "queue", "row", "on_screen", "told"])
        state.param.watch(self._take_files, "stars")
        if services.table is None:
            self._take_files()
        else:
            self._take(services.table)

    # the table

    async def open_table(self, table: OpenedTable) -> None:
        """Go along another table, from its first row."""
        await self._tasks.apply(lambda: self._take(table))
        await self.restore(Choices())

    def _take(self, table: OpenedTable) -> None:
        self.live.forget()
        columns = table.columns.beside(self.live.columns)
        self.view.param.update(row=None, on_screen=None, origin="", start=0, meant=None, queue=None, filtered=None)
        self.view.param.update(
            table=table.name,
            columns=columns,
            spectra=table.spectra,
            arrangement=Arrangement(),
            shown=first_columns(columns),
            is_open=True,
        )

    def _take_files(self, *_: Any) -> None:
        """Without a table, the opened files are the rows."""
        if self.view.table:
            return
        entries = list(self._state.stars)
        columns = Columns(OpenedFiles(entries), self.live.columns)
        shown = self.view.shown or first_columns(columns)
        self.view.param.update(columns=columns, spectra=SpectraOfFiles(entries), shown=shown)
        self.arranging.again()

    def toggle(self) -> None:
        """Open the drawer, or close it."""
        self.view.is_open = not self.view.is_open

    # links

    async def restore(self, link: Choices, others: Sequence[StarEntry] | None = None) -> None:
        """Show what a link asks for: a row of the table that is open here, or a star.

        Where it names neither, the table's first row is shown, or the first of `others` (see `StarOpening.restore`).
        """
        row, problems = await self._take_up(link)
        link = replace(link, problems=(*link.problems, *problems))
        if row is None and self.view.queue is not None and not called(self._state.stars, link.star):
            row = self.view.queue.step(None, 1)
        if row is None or not self.view.table:
            await self._opening.restore(link, others)
        else:
            await self._restore_row(row, link)

    async def _take_up(self, link: Choices) -> tuple[int | None, list[str]]:
        """Arrange as a link says; the row it names, and what it says that cannot be had."""
        before = dict(link.resumed)
        named = before.pop("table", link.queue.get("table", ""))
        row = before.pop("row", read_row(link.queue))
        if named and named != self.view.table:
            await self.arranging.arranged(Arrangement())
            return None, [f"The link goes along the table {named[:80]!r}, which is not open here: start with it."]
        try:
            await self.arranging.arranged(before.pop("arrangement", None) or read_arrangement(link.queue))
            problems = []
        except SettingsError as error:
            await self.arranging.arranged(Arrangement())
            problems = [f"The link's queue: {error}"]
        await self._tasks.apply(lambda: self.view.param.update(**before))
        return row, problems

    async def _restore_row(self, row: int, link: Choices) -> None:
        """Open a row, then choose in it what a link says."""
        await self.rows.opened(row)
        if self._state.star is not None and "inspected" in link.values:
            await self._opening.restore(replace(link, star=self._state.key, file=""), others=())
        else:
            await self._tasks.apply(lambda: self._choose_as(link))

    def _choose_as(self, link: Choices) -> None:
        self._state.param.update(**link.of_any_star)
        for problem in link.problems:
            self._state.say(problem, "warning")

    # as a diagram beside it asks

    @property
    def columns(self) -> Columns | None:
        """Of the table."""
        return self.view.columns

    @property
    def filtered(self) -> Rows:
        """The rows that pass the filters, whether or not they lie inside an outline."""
        return self.view.filtered.rows if self.view.filtered is not None else NOTHING

    @property
    def current(self) -> int | None:
        """The row on screen."""
        return self.view.row

    @property
    def chosen(self) -> Picked | None:
        """The rows picked by an outline; None where none was drawn."""
        return self.view.arrangement.chosen

    def choose(self, rows: Rows | None) -> None:
        """Keep these rows in the queue; all of them if None."""
        self.arranging.pick(None if rows is None else Picked(rows))

    def star_names(self, rows: Rows) -> Sequence[str]:
        """What some rows' stars are called."""
        return [] if self.view.columns is None else star_names(self.view.columns, rows)

    def find(self, text: str) -> Rows:
        """The table's rows of a star by what somebody calls it; none without a table."""
        columns = self.view.columns
        return NOTHING if columns is None else columns.table.find(text)

    def open_row(self, row: int) -> None:
        """Put a row's star on screen."""
        self.rows.open(row)

    def on_change(self, act: Callable[[], None]) -> None:
        """Call `act` whenever something of the queue is another."""
        self._changed.append(act)

    def _tell_changed(self, *_: Any) -> None:
        for act in self._changed:
            act()

    @property
    def place(self) -> str:
        """``12 of 40 · 5 with a verdict``."""
        return "" if self.view.queue is None else self.view.queue.place(self.view.on_screen, self.live.verdicts)


NOTHING: Rows = np.arange(0)
