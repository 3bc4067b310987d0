"""A table in memory, for the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.science.spectrum_key import SpectrumKey
from inspector.service.queue.table import Kind

KINDS: Mapping[str, Kind] = {"b": "flag", "f": "number", "i": "integer", "u": "integer", "U": "text"}


class MadeTable:
    """Columns given as arrays; a row's file is what its column ``path`` says."""

    def __init__(self, **columns: Any) -> None:
        self._columns = {name: np.asarray(values) for name, values in columns.items()}
        self.asked: list[str] = []

    @property
    def n_rows(self) -> int:
        return len(next(iter(self._columns.values())))

    @property
    def names(self) -> Sequence[str]:
        return list(self._columns)

    def kind(self, name: str) -> Kind:
        return KINDS[self._columns[name].dtype.kind]

    def unit(self, name: str) -> str:
        return "K" if name == "teff" else ""

    def column(self, name: str) -> NDArray[Any]:
        self.asked.append(name)
        return self._columns[name]

    def key(self, row: int) -> SpectrumKey:
        path = str(self._columns["path"][row]) if "path" in self._columns else None
        return SpectrumKey(path=path, apogee_id=str(self._columns["star_id"][row]))

    def find(self, text: str) -> np.ndarray:
        return np.flatnonzero(self._columns["star_id"] == text)

    def labels(self, row: int) -> None:
        """Says nothing."""
