"""Live values and verdicts of a queue's rows, as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from inspector.service.opened_star import OpenedStar
from inspector.service.queue.columns import Filled
from inspector.service.queue.filters import VERDICT
from inspector.service.queue.live_filling import Asking, LiveFilling
from inspector.service.queue.live_values import LiveValues, live_row
from inspector.service.services import Services
from inspector.web.page_tasks import PageTasks
from inspector.web.queue_arranging import names_any
from inspector.web.queue_state import QueueState
from inspector.web.state import InspectorState


class QueueLive:
    """Fills the rows in view, while the drawer is open and nobody waits for the star on screen.

    Parameters
    ----------
    state : InspectorState
    view : QueueState
    services : Services
    tasks : PageTasks
    again : callable
        Filters and sorts anew.
    """

    def __init__(
        self,
        state: InspectorState,
        view: QueueState,
        services: Services,
        tasks: PageTasks,
        again: Callable[[], None],
    ) -> None:
        self._state, self._view, self._tasks, self._again = state, view, tasks, again
        self.live, self.verdicts = LiveValues(), dict[int, str]()
        self._filling = LiveFilling(services.library, services.readers, services.inference)
        self._in_view: tuple[int, ...] = ()
        self._task: asyncio.Task[None] | None = None
        asked = ["mc_num", "seed", "dropout_rate", "network", "noise_model", "running"]
        state.param.watch(self._note_result, ["result", "running"])
        state.param.watch(self.fill, asked)
        view.param.watch(self.fill, ["is_open"])

    @property
    def columns(self) -> dict[str, Filled]:
        """To stand beside a table's own."""
        return {**self.live.columns(), VERDICT: Filled("text", "", lambda: self.verdicts)}

    def forget(self) -> None:
        """Of another table nothing is known."""
        self.live.rows.clear()
        self.verdicts.clear()

    def look_at(self, rows: Sequence[int]) -> None:
        """Rows that are in view, whose live values are wanted."""
        if tuple(rows) != self._in_view:
            self._in_view = tuple(rows)
            self.fill()

    def fill(self, *_: object) -> None:
        """Fill the rows in view; what was filled for another view, or with other settings, is left."""
        if self._task is not None:
            self._task.cancel()
        self._task, asking = None, self._asking()
        columns = self._view.columns
        wanted = self._view.is_open and bool(self._in_view) and not self._state.running
        if wanted and asking is not None and columns is not None:
            table = columns.table.labels
            filling = self._filling.fill(self._view.spectra, self._in_view, asking, self.live, self._hear_row, table)
            self._task = self._tasks.start(filling)

    async def opened(self, row: int) -> OpenedStar:
        """The star of a row, read behind everything that somebody waits for; raises `FileError`."""
        return await self._filling.opened(self._view.spectra, row)

    def note_verdict(self, row: int, verdict: str) -> None:
        """Write down what was said of a row; an empty text takes it back."""
        self.verdicts.pop(row, None)
        if verdict:
            self.verdicts[row] = verdict
        self._count()

    def take_verdicts(self, verdicts: Mapping[int, str]) -> None:
        """Write down what was said of every row that has a verdict."""
        if self.verdicts != verdicts:
            self.verdicts.clear()
            self.verdicts.update(verdicts)
            self._count()

    def _asking(self) -> Asking | None:
        state = self._state
        return None if state.network is None else Asking(state.settings, state.network, state.noise_model)

    async def _hear_row(self, _: int) -> None:
        await self._tasks.apply(self._count)

    def _count(self) -> None:
        self._view.told += 1
        if names_any(self._view.arrangement, list(self.columns)):
            self._again()

    def _note_result(self, *_: object) -> None:
        """What is answered on screen is the row's live value too."""
        state, meant, asking = self._state, self._view.meant, self._asking()
        if meant is None or state.running or state.result is None or state.star is None or asking is None:
            return
        if meant.row == self._view.row and state.inspected == meant.spectrum == state.result.spectrum_name:
            self.live.ask_as(asking.provenance)
            spectrum, said = state.spectrum(meant.spectrum), state.table_answer
            self.live.put(meant.row, live_row(state.star, spectrum, state.result, table=said))
            self._count()
