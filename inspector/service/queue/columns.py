"""A table's columns with those that are filled in row by row beside them, and what sorting and searching reuse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.queue.table import IDS, Kind, Table

REUSED = 512 << 20
"""Bytes of orders and lower-case texts kept; of a million rows one takes 8 to 80 MB."""


@dataclass(frozen=True)
class Filled:
    """A column that most rows have no value in.

    Attributes
    ----------
    kind : str
    unit : str
    values : mapping of int to anything
        By row; looked at whenever the column is asked for, so that whoever owns it may go on filling it.
    """

    kind: Kind
    unit: str
    values: Callable[[], Mapping[int, Any]]


class Columns:
    """The columns that a queue filters and sorts by.

    Parameters
    ----------
    table : Table
    filled : mapping of str to Filled, optional
        More columns; one of a name that the table has takes its place.
    """

    def __init__(self, table: Table, filled: Mapping[str, Filled] | None = None) -> None:
        self.table, self._filled = table, dict(filled or {})
        self._own = frozenset(table.names)
        self._kept: LRUCache[tuple[str, str], NDArray[Any]] = LRUCache(REUSED, lambda array: array.nbytes)
        self._lock = threading.Lock()

    def beside(self, filled: Mapping[str, Filled]) -> Columns:
        """The same table with other columns filled in; what sorting and searching reuse is shared."""
        other = Columns(self.table, filled)
        other._kept, other._lock = self._kept, self._lock
        return other

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.table.n_rows

    @property
    def names(self) -> list[str]:
        """The table's columns, then those filled in."""
        return [*self.table.names, *(name for name in self._filled if name not in self._own)]

    def __contains__(self, name: str) -> bool:
        return name in self._own or name in self._filled

    def is_filled(self, name: str) -> bool:
        """Whether a column is filled in row by row rather than the table's own."""
        return name in self._filled

    def kind(self, name: str) -> Kind:
        """What a column holds; raises `SettingsError` for one there is not."""
        if name in self._filled:
            return self._filled[name].kind
        if name not in self._own:
            raise SettingsError(f"The table has no column {name[:60]!r}. {self._instead(name)}")
        return self.table.kind(name)

    def unit(self, name: str) -> str:
        """Of a column's numbers; empty where it has none."""
        return self._filled[name].unit if name in self._filled else self.table.unit(name)

    def column(self, name: str) -> NDArray[Any]:
        """One column, shape (n_rows,)."""
        kind = self.kind(name)
        if name not in self._filled:
            return self.table.column(name)
        values = dict(self._filled[name].values())
        if kind == "text":
            texts = np.full(self.n_rows, "", dtype=f"U{max(map(len, values.values()), default=1) or 1}")
            texts[list(values)] = list(values.values())
            return texts
        numbers = np.full(self.n_rows, np.nan)
        numbers[list(values)] = list(values.values())
        return numbers

    def taken(self, name: str, rows: NDArray[np.intp]) -> list[Any]:
        """A column's values in some rows as Python's own, ids and whole numbers beyond 2^53 as text."""
        if name in self._filled:
            values = self._filled[name].values()
            return [values.get(int(row)) for row in rows]
        column = self.column(name)[rows]
        if column.dtype.kind in "iu" and (
            name in IDS or name.endswith("_id") or np.abs(column).max(initial=0) >= 1 << 53
        ):
            return ["" if value <= 0 else str(value) for value in column.tolist()]
        return list(column.tolist())

    def key(self, row: int) -> SpectrumKey:
        """Which spectrum a row speaks of."""
        return self.table.key(row)

    def order(self, name: str) -> NDArray[np.intp]:
        """Rows by rising values, equal ones as the table has them; those without a value are left out."""
        return self._once(name, "order", lambda: ordered(self.column(name)))

    def lower(self, name: str) -> NDArray[Any]:
        """A column as lower-case text."""
        return self._once(name, "lower", lambda: np.strings.lower(as_text(self.column(name))))

    def stars(self) -> NDArray[np.intp]:
        """A number for each row that files of one star share; a row that names no star has its own. (n_rows,)."""
        return self._once("", "stars", self._stars)

    def ids(self) -> Sequence[str]:
        """The columns that hold ids or names."""
        return [name for name in IDS if name in self]

    def _stars(self) -> NDArray[np.intp]:
        known = self.ids()
        if not known:
            return np.arange(self.n_rows)
        ids = as_text(self.column(known[0]))
        codes: NDArray[np.intp] = np.unique(ids, return_inverse=True)[1]
        nameless = ids == ""
        codes[nameless] = len(ids) + np.flatnonzero(nameless)
        return codes

    def _once(self, name: str, what: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        if name in self._filled:
            return make()
        with self._lock:
            known = self._kept.get((name, what))
        if known is None:
            known = make()
            with self._lock:
                if known.nbytes <= REUSED:
                    self._kept[name, what] = known
        return known

    def _instead(self, name: str) -> str:
        near = [known for known in self.names if name.lower() in known.lower()][:5]
        if near:
            return f"Did you mean {' or '.join(near)}?"
        return f"It has {', '.join(self.names[:8])} …; to look for a name or an id, write text:{name[:20]}."


def ordered(column: NDArray[Any]) -> NDArray[np.intp]:
    """Rows by rising values, stable, without those that have none (NaN, empty text)."""
    valid = np.flatnonzero(~missing(column))
    values = column[valid]
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    order: NDArray[np.intp] = valid[np.argsort(values, kind="stable")]
    return order


def missing(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a row has no value: NaN, or an empty text."""
    if column.dtype.kind == "f":
        return np.asarray(np.isnan(column))
    if column.dtype.kind in "UST":
        return np.asarray(np.strings.str_len(column) == 0)
    return np.zeros(len(column), dtype=bool)


def as_text(column: NDArray[Any]) -> NDArray[Any]:
    """A column as texts."""
    return column if column.dtype.kind in "UT" else column.astype(str)
