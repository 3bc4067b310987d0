"""A table that a server has open, for all who look at it."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.service.queue.columns import Columns
from inspector.service.queue.row_spectra import RowSpectra


@dataclass(frozen=True, eq=False)
class OpenedTable:
    """A table, with what its filtering and sorting reuse, and where its spectra are.

    Attributes
    ----------
    name : str
    columns : Columns
        The table's own.
    spectra : RowSpectra
    """

    name: str
    columns: Columns
    spectra: RowSpectra
