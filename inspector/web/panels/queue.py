"""The drawer at the foot of the page: the table's rows, with what filters and sorts them over it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import panel as pn

from inspector.exceptions import SettingsError
from inspector.service.queue.column_titles import title
from inspector.service.queue.columns import Columns
from inspector.service.queue.filter_text import filters_text
from inspector.service.queue.filters import Between, Contains, Flagged
from inspector.service.queue.queue import Queue
from inspector.service.queue.saved_filters import SavedFilters
from inspector.web.components.queue_filters import QueueFilters
from inspector.web.components.queue_grid import QueueGrid
from inspector.web.page_tasks import PageTasks
from inspector.web.page_updates import held
from inspector.web.queue_columns import MOST
from inspector.web.queueing import Queueing
from inspector.web.static_files import static_text
from inspector.web.tables.queue_cells import grid_rows, heads

SIZE = 50
"""Rows of one page."""

_SHEET = static_text("queue_drawer.css")


class QueueView(pn.viewable.Viewer):
    """The drawer; what stands beside the grid is handed over.

    Parameters
    ----------
    queue : Queueing
    tasks : PageTasks
    saved : SavedFilters
    beside : callable, optional
        Makes what stands right of the grid, once the drawer is opened.
    """

    def __init__(
        self,
        queue: Queueing,
        tasks: PageTasks,
        saved: SavedFilters,
        beside: Callable[[], pn.viewable.Viewable] | None = None,
    ) -> None:
        super().__init__()
        self._queue, self._view, self._arranging = queue, queue.view, queue.arranging
        self._saved, self._beside = saved, beside
        self._tasks, self._asked = tasks, 0
        self._followed: int | None = None
        self._grid = QueueGrid(tasks.guarded(self._hear_grid), size=SIZE, sizing_mode="stretch_both", margin=0)
        self._filters = QueueFilters(tasks.guarded(self._hear_filters), sizing_mode="stretch_width", margin=0)
        self._halves = pn.Row(
            pn.Column(self._grid, sizing_mode="stretch_both", margin=0, css_classes=["grid"], stylesheets=[_SHEET]),
            sizing_mode="stretch_both",
            margin=0,
            css_classes=["halves"],
            stylesheets=[_SHEET],
        )
        self._parts = [self._filters, self._halves]
        self._drawer = pn.Column(sizing_mode="stretch_both", margin=0, css_classes=["drawer"], stylesheets=[_SHEET])
        self._view.param.watch(held(self._show_page), ["queue", "start", "shown", "told", "is_open"])
        self._view.param.watch(held(self._show_row), ["row", "on_screen", "queue", "origin", "looking", "told"])
        self._view.param.watch(held(self._show_filters), ["queue", "columns", "shown", "table"])
        self._view.param.watch(held(self._open), "is_open")
        self._show_filters()
        self._show_page()
        self._show_row()
        self._open()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._drawer

    def _open(self, *_: Any) -> None:
        if self._view.is_open and self._beside is not None and len(self._halves) == 1:
            self._halves.append(self._beside())
        if self._view.is_open:
            self._show_saved()
        self._drawer.css_classes = ["drawer", "open"] if self._view.is_open else ["drawer"]
        self._drawer.objects = self._parts if self._view.is_open else []

    def _show_page(self, *_: Any) -> None:
        view, queue = self._view, self._view.queue
        if queue is None or not view.is_open:
            return
        names = [name for name in view.shown if name in queue.columns]
        self._asked += 1
        self._tasks.start(self._read_page(queue, view.start, names, self._asked))

    async def _read_page(self, queue: Queue, start: int, names: list[str], asked: int) -> None:
        """Have the rows read, in a thread: a column that nobody looked at yet comes from the disk."""
        rows = await asyncio.to_thread(grid_rows, queue, start, SIZE, names, self._queue.live.live.differing)
        if asked == self._asked:
            await self._tasks.apply(lambda: self._put_page(queue, start, names, rows))

    def _put_page(self, queue: Queue, start: int, names: list[str], rows: list[dict[str, Any]]) -> None:
        self._grid.param.update(columns=heads(queue.columns, names), rows=rows, start=start, total=len(queue))
        self._queue.live.look_at([row["row"] for row in rows])

    def _show_row(self, *_: Any) -> None:
        view = self._view
        row = -1 if view.row is None else view.row
        self._grid.param.update(current=row, place=self._queue.place, origin=view.origin, looking=view.looking)
        self._follow_row()

    def _follow_row(self) -> None:
        """Turn to the page with the row on screen, when that is another row."""
        view = self._view
        if view.queue is None or view.row is None or view.row == self._followed:
            return
        self._followed = view.row
        place = view.queue.position(view.row)
        if place is not None:
            view.start = place // SIZE * SIZE

    def _show_filters(self, *_: Any) -> None:
        view, arrangement = self._view, self._view.arrangement
        sort = arrangement.sort
        self._grid.param.update(sort=sort.column if sort else "", descending=bool(sort and sort.descending))
        picked = arrangement.chosen
        self._filters.param.update(
            table=view.table or "Opened files",
            chips=[chosen.words for chosen in arrangement.filters],
            columns=_offered(view.columns),
            shown=list(view.shown),
            grouped=arrangement.grouped,
            outlined=-1 if picked is None else len(picked.rows),
        )

    def _show_saved(self) -> None:
        self._filters.saved = list(self._saved.all())

    def _hear_grid(self, message: Mapping[str, Any]) -> None:
        view = self._view
        if isinstance(message.get("open"), int):
            self._queue.open_row(message["open"])
        elif isinstance(message.get("page"), int) and view.queue is not None:
            view.start = min(max(0, message["page"]), max(0, len(view.queue) - 1)) // SIZE * SIZE
        elif message.get("stop"):
            self._queue.rows.stop()
        elif "sort" in message:
            self._arranging.sort(str(message["sort"]))

    def _hear_filters(self, message: Mapping[str, Any]) -> None:
        acts: dict[str, Callable[[Any], object]] = {
            "typed": lambda text: self._arranging.add_text(str(text)),
            "add": self._add,
            "drop": lambda index: self._arranging.drop(int(index)),
            "clear": lambda _: self._arranging.clear(),
            "unpick": lambda _: self._queue.choose(None),
            "group": lambda grouped: self._arranging.group(grouped is True),
            "column": lambda name: self._show_column(str(name), message.get("shown") is True),
            "save": self._save,
            "use": lambda name: self._arranging.filter_as(self._saved.all().get(str(name), "")),
            "forget": self._forget,
            "close": lambda _: self._view.param.update(is_open=False),
        }
        for name, act in acts.items():
            if name in message:
                act(message[name])

    def _add(self, told: Any) -> None:
        """One filter as the fields say."""
        said = {name: str(text)[:200].strip() for name, text in told.items()} if isinstance(told, dict) else {}
        column = said.get("column", "")
        if "state" in said:
            states: dict[str, Any] = {"not set": "not set", "undecided": "undecided"}
            self._arranging.add(Flagged(column, states.get(said["state"], "set")))
        elif "contains" in said:
            if not said["contains"]:
                raise SettingsError(f"Type what {title(column)} should contain.")
            self._arranging.add(Contains(column, said["contains"]))
        else:
            self._arranging.add(_between(column, said.get("low", ""), said.get("high", "")))

    def _show_column(self, name: str, shown: bool) -> None:
        view = self._view
        if shown and len(view.shown) >= MOST:
            raise SettingsError(f"{MOST} columns are shown, which is the most. Hide one first.")
        others = [known for known in view.shown if known != name]
        if view.columns is not None and name in view.columns:
            view.shown = [*others, name] if shown else others

    def _save(self, name: Any) -> None:
        self._saved.save(str(name), filters_text(self._view.arrangement.filters))
        self._show_saved()

    def _forget(self, name: Any) -> None:
        self._saved.remove(str(name))
        self._show_saved()


def _between(column: str, low: str, high: str) -> Between:
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        raise SettingsError(
            f"{title(column)} from {low!r} to {high!r}: both must be numbers, or one left empty."
        ) from None
    if not ends[0] <= ends[1]:
        raise SettingsError(f"{title(column)} from {low} to {high}: the smaller number comes first.")
    return Between(column, *ends)


def _offered(columns: Columns | None) -> list[dict[str, str]]:
    """The columns one can choose."""
    if columns is None:
        return []
    return [{"name": name, "title": title(name), "kind": columns.kind(name)} for name in columns.names]
