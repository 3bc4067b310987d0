"""The rows of a table that are to be vetted, in order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.service.queue.columns import Columns
from inspector.service.queue.filters import Filter, mask_of


@dataclass(frozen=True)
class Sort:
    """By which column, and which way; rows without a value stand last both ways."""

    column: str
    descending: bool = False

    @property
    def text(self) -> str:
        """``snr``, or ``-snr`` from the largest down."""
        return f"{'-' if self.descending else ''}{self.column}"

    @classmethod
    def read(cls, text: str) -> Sort | None:
        """The sorting a text names; None for an empty one."""
        column = text.removeprefix("-")
        return cls(column, text.startswith("-")) if column else None


@dataclass(frozen=True, eq=False)
class Picked:
    """Rows picked in a diagram; no two picks are equal.

    Attributes
    ----------
    rows : ndarray of int
        Row numbers of the table.
    """

    rows: NDArray[np.intp]


@dataclass(frozen=True)
class Arrangement:
    """How a queue is made of a table.

    Attributes
    ----------
    filters : tuple of Filter
        All must be passed.
    sort : Sort or None
        None: as the table has them.
    chosen : Picked or None
        None: no such choice.
    grouped : bool
        Whether files of one star follow each other, where the first of them stands.
    """

    filters: tuple[Filter, ...] = ()
    sort: Sort | None = None
    chosen: Picked | None = None
    grouped: bool = False


@dataclass(frozen=True, eq=False)
class Queue:
    """Rows of a table in the order they are gone through.

    Attributes
    ----------
    columns : Columns
    arrangement : Arrangement
    rows : ndarray of int, shape (n,)
        Row numbers of the table.
    """

    columns: Columns
    arrangement: Arrangement
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.rows)

    def position(self, row: int) -> int | None:
        """Where a row of the table stands, counted from 0; None if it is not in the queue."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def step(self, row: int | None, by: int) -> int | None:
        """The row `by` places on from another; from one that is not in the queue, the first or the last one.

        None where the queue ends.
        """
        here = None if row is None else self.position(row)
        there = (0 if by > 0 else len(self) - 1) if here is None else here + by
        return int(self.rows[there]) if 0 <= there < len(self) else None

    def following(self, row: int | None, count: int) -> list[int]:
        """The next rows after one."""
        here = None if row is None else self.position(row)
        start = 0 if here is None else here + 1
        return [int(r) for r in self.rows[start : start + count]]

    def picked(self, chosen: Picked | None) -> Queue:
        """Only the rows picked in a diagram; all of them if None."""
        if chosen is None:
            return self
        among = np.zeros(self.columns.n_rows, dtype=bool)
        among[chosen.rows[(chosen.rows >= 0) & (chosen.rows < len(among))]] = True
        return Queue(self.columns, replace(self.arrangement, chosen=chosen), self.rows[among[self.rows]])

    def count(self, rows: Collection[int]) -> int:
        """How many of some rows are in the queue."""
        return int(np.isin(self.rows, np.fromiter(rows, dtype=np.intp, count=len(rows))).sum()) if rows else 0

    def place(self, row: int | None, judged: Collection[int] = ()) -> str:
        """``12 of 40 · 5 with a verdict``; ``40 rows`` where the row is not among them."""
        here = None if row is None else self.position(row)
        count = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        words = count if here is None else f"{here + 1:,} of {len(self):,}"
        given = self.count(judged)
        return f"{words} · {given:,} with a verdict" if given else words

    def page(self, start: int, size: int, names: Sequence[str]) -> list[dict[str, Any]]:
        """Some columns of consecutive rows, as a grid shows them.

        Parameters
        ----------
        start, size : int
            The first row's place, and how many rows.
        names : sequence of str
            Columns.

        Returns
        -------
        list of dict
            The values by column, and under ``row`` the number of the row in the table.
        """
        rows = self.rows[max(start, 0) : max(start, 0) + size]
        values = {name: self.columns.taken(name, rows) for name in names}
        return [{"row": int(row), **{name: values[name][i] for name in names}} for i, row in enumerate(rows)]


def arrange(columns: Columns, arrangement: Arrangement = Arrangement()) -> Queue:
    """The queue of a table.

    Raises
    ------
    SettingsError
        If a filter or the sorting names a column there is not.
    """
    mask = mask_of(columns, arrangement.filters)
    rows = _sorted(columns, mask, arrangement.sort)
    rows = _grouped(columns, rows) if arrangement.grouped else rows
    return Queue(columns, replace(arrangement, chosen=None), rows).picked(arrangement.chosen)


def _sorted(columns: Columns, mask: NDArray[np.bool_], sort: Sort | None) -> NDArray[np.intp]:
    """The rows of a mask in order."""
    if sort is None:
        return np.flatnonzero(mask)
    columns.kind(sort.column)  # refuses one there is not
    rising = columns.order(sort.column)
    valid = np.zeros(columns.n_rows, dtype=bool)
    valid[rising] = True
    rows = rising[mask[rising]]
    if sort.descending:
        rows = _turned(columns.column(sort.column), rows)
    return np.concatenate([rows, np.flatnonzero(mask & ~valid)])


def _turned(values: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows by falling instead of rising values, equal ones in the order they had: a second sort would be slower."""
    if not len(rows):
        return rows
    ordered = values[rows]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[begins, len(rows)])[::-1]
    starts = begins[::-1]
    within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(rows[np.repeat(starts, lengths) + within])


def _grouped(columns: Columns, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows of one star moved to where the first of them stands."""
    stars = columns.stars()[rows]
    _, first, which = np.unique(stars, return_index=True, return_inverse=True)
    return rows[np.argsort(first[which], kind="stable")]


def read_sort(text: str, columns: Columns) -> Sort | None:
    """The sorting a link names.

    Raises
    ------
    SettingsError
        If the table has no such column.
    """
    sort = Sort.read(text)
    if sort is not None:
        columns.kind(sort.column)
    return sort
