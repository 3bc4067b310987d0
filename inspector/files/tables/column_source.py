"""Columns as a file holds them, of whatever format: read when asked for, with what is missing apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inspector.files.untrusted_text import clean

Kind = Literal["number", "integer", "flag", "text"]

MAX_ROWS = 50_000_000
"""Rows a table may have: fifty times what the survey has."""

MAX_NAME = 80
"""Characters of a column's name."""


@dataclass(frozen=True)
class Raw:
    """Values as they were read.

    Attributes
    ----------
    values : NDArray, shape (n,)
        Native floats, integers, bools or texts (``str`` or `numpy.dtypes.StringDType`).
    missing : NDArray[np.bool_] or None
        Which the file says are absent; None where it says that of none.
    """

    values: NDArray[Any]
    missing: NDArray[np.bool_] | None = None


class ColumnSource(Protocol):
    """A table whose columns can be read one by one."""

    @property
    def n_rows(self) -> int:
        """Rows of the table."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Of the columns that are read, by name, in the table's order."""

    @property
    def units(self) -> Mapping[str, str]:
        """Of the columns that have any."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns that are not read, with the reason."""

    def read(self, names: Sequence[str], first: int = 0, count: int | None = None) -> dict[str, Raw]:
        """Some columns, from row `first` on, `count` rows or all."""


@dataclass(frozen=True)
class Stacked:
    """Tables with the same columns, one below the other."""

    parts: tuple[ColumnSource, ...]
    n_rows: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_rows", sum(part.n_rows for part in self.parts))

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """As the first part's."""
        return self.parts[0].kinds

    @property
    def units(self) -> Mapping[str, str]:
        """As the first part's."""
        return self.parts[0].units

    @property
    def left_out(self) -> tuple[str, ...]:
        """As the first part's."""
        return self.parts[0].left_out

    def read(self, names: Sequence[str], first: int = 0, count: int | None = None) -> dict[str, Raw]:
        """Some columns, from row `first` on, `count` rows or all."""
        end = self.n_rows if count is None else first + count
        found: list[dict[str, Raw]] = []
        start = 0
        for part in self.parts:
            low, high = max(first - start, 0), min(end - start, part.n_rows)
            if low < high or not self.n_rows:
                found.append(part.read(names, low, high - low))
            start += part.n_rows
        return {name: _joined([one[name] for one in found]) for name in names}


def _joined(parts: Sequence[Raw]) -> Raw:
    missing = [np.zeros(len(p.values), dtype=bool) if p.missing is None else p.missing for p in parts]
    return Raw(np.concatenate([part.values for part in parts]), np.concatenate(missing))


def distinct_names(names: Iterable[str]) -> list[str]:
    """Names fit to be shown, each once: a second ``teff`` becomes ``teff (2)``, one without a name ``column 7``."""
    seen: set[str] = set()
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        plain = clean(name, MAX_NAME) or f"column {number}"
        once, copy = plain, 2
        while once in seen:
            once, copy = f"{plain} ({copy})", copy + 1
        seen.add(once)
        found.append(once)
    return found
