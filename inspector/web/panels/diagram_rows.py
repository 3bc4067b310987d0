"""What the diagram asks of whoever holds the table and its queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from inspector.service.queue.columns import Columns
from inspector.web.figures.diagram_data import Rows


class Rowed(Protocol):
    """A table's rows as they are filtered, shown and picked; what has not changed is the same object as before."""

    @property
    def columns(self) -> Columns | None:
        """Of the table; None where none is open."""
        ...

    @property
    def filtered(self) -> Rows:
        """The rows that pass the filters, whether or not they lie inside the outline."""
        ...

    @property
    def current(self) -> int | None:
        """The row on screen."""
        ...

    @property
    def chosen(self) -> object:
        """The rows picked by an outline; None where none was drawn."""
        ...

    def star_names(self, rows: Rows) -> Sequence[str]:
        """What some rows' stars are called."""
        ...

    def choose(self, rows: Rows | None) -> object:
        """Keep these rows in the queue; all of them if None."""
        ...

    def open_row(self, row: int) -> object:
        """Put a row's star on screen."""
        ...

    def on_change(self, act: Callable[[], None]) -> None:
        """Call `act` whenever something of this is another one."""
        ...
