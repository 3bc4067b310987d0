"""What stands over the grid: the filters as chips, a line to type more, columns to choose, names to save them under."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.web.static_files import static_path, static_text


class QueueFilters(JSComponent):
    """Says what is to be filtered, grouped, shown, saved."""

    table = param.String(default="", doc="What the rows are of.")
    chips = param.List(default=[], doc="The words of each filter.")
    columns = param.List(default=[], doc="One dict per column there is: name, title, kind.")
    shown = param.List(default=[], doc="Names of the columns of the grid.")
    grouped = param.Boolean(default=False, doc="Whether files of one star follow each other.")
    outlined = param.Integer(default=-1, doc="Rows that an outline in the diagram keeps; -1 without one.")
    saved = param.List(default=[], doc="Names that filters are saved under.")

    _esm = static_path("queue_filters.js")
    _stylesheets: ClassVar[list[str]] = [static_text("queue_filters.css")]

    def __init__(self, heard: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._heard = heard

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._heard(data)
