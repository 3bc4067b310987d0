"""One page of a table as a grid: rows to open, columns to sort by.

Panel's Tabulator keeps the whole table in memory and sorts it in the event loop, a second or two for a million rows;
here the browser is given the texts of one page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.web.static_files import static_path, static_text


class QueueGrid(JSComponent):
    """Says which row is to be opened, by which column is to be sorted, and which page is wanted."""

    columns = param.List(default=[], doc="One dict per column: name, title, unit, number, live.")
    rows = param.List(default=[], doc="One dict per row of the page: row, cells, mark.")
    start = param.Integer(default=0, doc="Place of the page's first row.")
    total = param.Integer(default=0, doc="Rows of the queue.")
    size = param.Integer(default=50, doc="Rows of a page.")
    current = param.Integer(default=-1, doc="The row on screen; -1 for none.")
    sort = param.String(default="", doc="Name of the column sorted by.")
    descending = param.Boolean(default=False)
    place = param.String(default="", doc="Where in the queue one is, in words.")
    origin = param.String(default="", doc="Where the row's file came from, or what is missing.")
    looking = param.Boolean(default=False, doc="Whether the row's file is still looked for.")

    _esm = static_path("queue_grid.js")
    _stylesheets: ClassVar[list[str]] = [static_text("queue_grid.css")]

    def __init__(self, heard: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._heard = heard

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._heard(data)
