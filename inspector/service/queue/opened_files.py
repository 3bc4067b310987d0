"""The opened files as a table, for who has no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.science.spectrum_key import SpectrumKey
from inspector.service.library import StarEntry
from inspector.service.queue.table import Kind


class OpenedFiles:
    """A row for each opened file, which speaks of its coadd.

    Parameters
    ----------
    entries : sequence of StarEntry
    """

    names: Sequence[str] = ("file",)

    def __init__(self, entries: Sequence[StarEntry]) -> None:
        self.entries = list(entries)

    @property
    def n_rows(self) -> int:
        """Number of files."""
        return len(self.entries)

    def kind(self, name: str) -> Kind:
        """Texts."""
        return "text"

    def unit(self, name: str) -> str:
        """None."""
        return ""

    def column(self, name: str) -> NDArray[Any]:
        """The files as the list of stars calls them, shape (n_rows,)."""
        return np.array([entry.key for entry in self.entries], dtype=str)

    def key(self, row: int) -> SpectrumKey:
        """The file of a row."""
        entry = self.entries[row]
        return SpectrumKey(path=None if entry.path is None else str(entry.path), file=entry.name)

    def find(self, text: str) -> NDArray[np.intp]:
        """None: the list of stars finds them itself."""
        return np.arange(0)

    def labels(self, row: int) -> None:
        """Files say nothing of labels as a table does."""
