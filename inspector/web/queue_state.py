"""What one session looks at of a table: data only. Whoever changes it is `inspector.web.queueing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import param

from inspector.service.queue.columns import Columns
from inspector.service.queue.filter_text import filters_text, read_filters
from inspector.service.queue.queue import Arrangement, Queue, Sort
from inspector.service.queue.row_spectra import RowSpectra, SpectraOfFiles

QUEUED = ("table", "queue", "sort", "group", "row")
"""What a link says of a queue."""

RESTORED = ("table", "arrangement", "row", "shown", "is_open", "start")
"""What comes back after a broken connection."""


@dataclass(frozen=True)
class Meant:
    """What was put on screen for a row: what is answered for it is the row's.

    Attributes
    ----------
    row : int
    file, spectrum : str
        Names of the file and of the spectrum in it.
    """

    row: int
    file: str
    spectrum: str


@dataclass(frozen=True)
class NeedsColumns:
    """A table that cannot be opened before somebody says what its columns are.

    Attributes
    ----------
    path : Path
    name : str
        What to call it.
    data : bytes or None
        Its content, where it was dropped on the page.
    why : str
        What it lacks.
    names : tuple of str
        Its columns.
    guess : mapping of str to str
        Our names to the columns that may hold them.
    """

    path: Path
    name: str
    data: bytes | None
    why: str
    names: tuple[str, ...]
    guess: Mapping[str, str]


class QueueState(param.Parameterized):
    """A table, how it is filtered and sorted, and where in it one is."""

    columns: param.Parameter[Columns | None] = param.Parameter(default=None, doc="Of the table, or the opened files.")
    table = param.String(default="", doc="Name of the table; empty for the opened files.")
    spectra: param.Parameter[RowSpectra] = param.Parameter(default=SpectraOfFiles([]), doc="Where its spectra are.")
    arrangement: param.Parameter[Arrangement] = param.Parameter(default=Arrangement(), doc="Filters and order.")
    filtered: param.Parameter[Queue | None] = param.Parameter(default=None, doc="What passes the filters, in order.")
    queue: param.Parameter[Queue | None] = param.Parameter(default=None, doc="The same, of what an outline leaves.")
    row = param.Integer(default=None, allow_None=True, doc="The row that was chosen, counted from 0.")
    on_screen = param.Integer(
        default=None, allow_None=True, doc="The same once its star has come, or it is known why none."
    )
    origin = param.String(default="", doc="Where the file of that row came from, or what is missing.")
    looking = param.Boolean(default=False, doc="Whether the file of that row is still looked for.")
    meant: param.Parameter[Meant | None] = param.Parameter(default=None, doc="What is on screen of that row.")
    shown = param.List(default=[], item_type=str, doc="Columns of the grid.")
    start = param.Integer(default=0, doc="Place in the queue of the first row of the grid's page.")
    needs: param.Parameter[NeedsColumns | None] = param.Parameter(default=None, doc="A table to be asked about.")
    is_open = param.Boolean(default=False, doc="Whether the drawer is open.")
    told = param.Integer(default=0, doc="How often live values or verdicts have come.")

    @property
    def leads(self) -> bool:
        """Whether next and previous go along it, rather than along the list of opened files."""
        return self.queue is not None and (bool(self.table) or self.arrangement != Arrangement())

    @property
    def said(self) -> dict[str, str]:
        """What a link says of it; nothing for the opened files as they are."""
        arrangement = self.arrangement
        told = {
            "table": self.table,
            "queue": filters_text(arrangement.filters),
            "sort": arrangement.sort.text if arrangement.sort else "",
            "group": "yes" if arrangement.grouped else "",
            "row": str(self.row + 1) if self.table and self.row is not None else "",
        }
        return {name: text for name, text in told.items() if text}

    @property
    def left(self) -> dict[str, Any]:
        """What a page that is loaded again goes on with."""
        return {name: getattr(self, name) for name in RESTORED}


def read_arrangement(said: Mapping[str, str]) -> Arrangement:
    """The filters and the order that a link names; raises `SettingsError` if they make no sense."""
    return Arrangement(
        read_filters(said.get("queue", "")), Sort.read(said.get("sort", "")), grouped=said.get("group") == "yes"
    )


def read_row(said: Mapping[str, str]) -> int | None:
    """The row that a link names, counted from 0; None if it names none."""
    text = said.get("row", "")
    return int(text) - 1 if text.isascii() and text.isdecimal() and int(text[:18]) > 0 else None
