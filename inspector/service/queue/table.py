"""What the queue asks of a table, whoever read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inspector.science.spectrum_key import SpectrumKey
from inspector.science.table_answer import TableAnswer

Kind = Literal["number", "text", "flag", "integer"]

IDS = ("star_id", "apogee_id", "sdss_id", "gaia_id", "catalogid", "file")
"""Columns in which a free text is looked for, as far as a table has them."""


class Table(Protocol):
    """Columns by name, and which spectrum each row speaks of."""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """Of the columns, in order."""
        ...

    def kind(self, name: str) -> Kind:
        """What a column holds."""
        ...

    def unit(self, name: str) -> str:
        """Of a column's numbers; empty where it has none."""
        ...

    def column(self, name: str) -> NDArray[Any]:
        """One column, shape (n_rows,), in the table's order; NaN or an empty text where a row has no value."""
        ...

    def key(self, row: int) -> SpectrumKey:
        """Which spectrum a row speaks of."""
        ...

    def find(self, text: str) -> NDArray[np.intp]:
        """The rows of a star by what somebody calls it, the nearest first; SettingsError if that is no name."""
        ...

    def labels(self, row: int) -> TableAnswer | None:
        """What a row says of the labels; None if tables like this one never do."""
        ...
