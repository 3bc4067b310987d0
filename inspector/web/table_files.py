"""Tables that a person opens on the page: by a path of this machine, or dropped."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from inspector.exceptions import ColumnsNeeded
from inspector.files.untrusted_text import clean
from inspector.service.queue.opened_table import OpenedTable
from inspector.service.services import Services
from inspector.web.page_tasks import PageTasks
from inspector.web.queue_state import NeedsColumns, QueueState
from inspector.web.queueing import Queueing
from inspector.web.state import InspectorState


class TableFiles:
    """Opens tables, and asks what their columns are where nobody can know.

    Parameters
    ----------
    state : InspectorState
    services : Services
    tasks : PageTasks
    queue : Queueing
    """

    def __init__(self, state: InspectorState, services: Services, tasks: PageTasks, queue: Queueing) -> None:
        self._state, self._services, self._tasks, self._queue = state, services, tasks, queue
        self._view: QueueState = queue.view

    async def open_path(self, path: Path, columns: Mapping[str, str] | None = None) -> None:
        """Open a table of this machine; what its columns are is asked where it must be said."""
        await self._open(path, path.name, columns)

    async def take(self, name: str, data: bytes) -> bool:
        """Open what was dropped, if it is a table; whether it is one."""
        if not self._services.local:
            return False
        with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
            path = Path(folder) / "table"
            await asyncio.to_thread(path.write_bytes, data)
            if not await asyncio.to_thread(is_table_file, path):
                return False
            await self._open(path, name, None, data)
        return True

    async def name_columns(self, text: str) -> None:
        """Open the table that was asked about, with what its columns are said to be."""
        from inspector.files.tables.column_mapping import read_mapping

        needs = self._view.needs
        if needs is None:
            return
        columns = read_mapping(text)
        if needs.data is None:
            await self._open(needs.path, needs.name, columns)
            return
        with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
            path = Path(folder) / "table"
            await asyncio.to_thread(path.write_bytes, needs.data)
            await self._open(path, needs.name, columns, needs.data)

    async def _open(self, path: Path, name: str, columns: Mapping[str, str] | None, data: bytes | None = None) -> None:
        from inspector.service.table_opening import open_table

        try:
            table = await asyncio.to_thread(open_table, path, self._services.sources, columns, name)
        except ColumnsNeeded as error:
            needs = NeedsColumns(path, name, data, str(error), error.names, error.guess)
            await self._tasks.apply(lambda: self._view.param.update(needs=needs))
            return
        await self._tasks.apply(partial(self._say_opened, table))
        await self._queue.open_table(table)

    def _say_opened(self, table: OpenedTable) -> None:
        self._view.needs = None
        self._state.say(f"Opened {clean(table.name, 80)}: {table.columns.n_rows:,} rows.", "success", "opened")


def is_table_file(path: Path) -> bool:
    """Whether a file is a results table by its content."""
    from inspector.files.tables.catalogue_opening import is_table

    return path.is_file() and is_table(path)
