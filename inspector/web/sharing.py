"""What the page sends to other programs on this machine, and hears from them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import InspectorError
from inspector.service.queue.columns import Columns
from inspector.service.samp import Samp
from inspector.web.page_tasks import Later, PageTasks, Work
from inspector.web.queueing import Queueing
from inspector.web.state import InspectorState

PLACE = ("ra", "dec")
"""Columns that other programs need, shown in the grid or not."""


class Sharing:
    """Sends a star's position and the queue to TOPCAT, Aladin and their like, and opens the row chosen there.

    Parameters
    ----------
    state : InspectorState
    queue : Queueing
    tasks : PageTasks
    later : callable
        Runs a function where the page may be changed; called from a thread of the hub's.
    """

    def __init__(self, state: InspectorState, queue: Queueing, tasks: PageTasks, later: Later) -> None:
        self._state, self._queue, self._tasks, self._later = state, queue, tasks, later
        self._samp = Samp(self._hear)
        self._sent: dict[str, NDArray[np.intp]] = {}  # the rows of each table that was sent

    async def send_position(self) -> None:
        """Have the other programs look at the star on screen."""
        star = self._state.star
        if star is None or star.info.ra is None or star.info.dec is None:
            raise InspectorError("There is no position to send: no star is open, or its file does not say where it is.")
        told = await asyncio.to_thread(self._samp.send_position, star.info.ra, star.info.dec)
        await self._tasks.apply(lambda: self._say(f"The position of {star.id} was sent to {', '.join(told)}."))

    async def send_queue(self) -> None:
        """Have the other programs load the rows of the queue, in their order."""
        view = self._queue.view
        if view.columns is None or view.queue is None or not len(view.queue):
            raise InspectorError("There is no row to send: the queue is empty.")
        rows, number = view.queue.rows, len(self._sent) + 1
        name = view.table or "opened files"
        sent = await asyncio.to_thread(taken, view.columns, [*view.shown, *PLACE], rows)
        self._sent[table_id := f"apogee-inspector-{number}"] = rows
        told = await asyncio.to_thread(self._samp.send_table, table_id, name, sent)
        count = "1 row was" if len(rows) == 1 else f"{len(rows)} rows were"
        text = f"{count} sent to {', '.join(told)}. A row chosen there opens here."
        await self._tasks.apply(lambda: self._say(text))

    def close(self) -> None:
        """Leave the hub."""
        self._samp.close()

    def _hear(self, table_id: str, row: int) -> None:
        """A row chosen elsewhere."""
        rows = self._sent[table_id]
        self._later(self._tasks.guarded(lambda: self._queue.open_row(int(rows[row]))))

    def _say(self, text: str) -> None:
        self._state.settle("shared")
        self._state.say(text, "success", "shared")


def taken(columns: Columns, names: list[str], rows: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Some columns of some rows, as far as the table has them: numbers (NaN for none), or texts."""
    return {name: _as_array(columns.taken(name, rows)) for name in dict.fromkeys(names) if name in columns}


def _as_array(values: list[Any]) -> NDArray[Any]:
    if all(value is None or isinstance(value, int | float) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(["" if value is None else str(value) for value in values])


SHARED: dict[str, Callable[[Sharing], Work]] = {
    "Send position · SAMP": lambda sharing: sharing.send_position(),
    "Send queue · SAMP": lambda sharing: sharing.send_queue(),
}
"""What a menu offers where the programs of the page's user are on the server's machine, and how it is done."""
