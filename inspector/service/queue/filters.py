"""Filters of a queue: values that say which rows stay, with their words and the text that a link holds."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.service.queue.column_titles import title, unit_of
from inspector.service.queue.columns import Columns
from inspector.service.queue.undecided_flags import undecided

Mask = NDArray[np.bool_]

VERDICT = "verdict"
"""The column of verdicts."""

ANY_ID = "text"
"""What a filter that looks through all ids calls itself."""


@dataclass(frozen=True)
class Flagged:
    """Rows whose flag is set, is not, or might turn with other draws."""

    column: str
    state: Literal["set", "not set", "undecided"] = "set"

    @property
    def text(self) -> str:
        """``flag_bad``, ``!flag_bad`` or ``?flag_bad``."""
        return {"set": "", "not set": "!", "undecided": "?"}[self.state] + _quoted_name(self.column)

    @property
    def words(self) -> str:
        """For a person: ``flag_bad is set``."""
        return f"{title(self.column)} is {self.state}"

    def mask(self, columns: Columns) -> Mask:
        """Which rows stay, shape (n_rows,)."""
        if self.state == "undecided":
            return undecided(columns, self.column)
        if columns.kind(self.column) == "text":
            raise SettingsError(f"{self.column} holds texts, not a flag. Write {self.column}:WORDS to look for words.")
        values = columns.column(self.column)
        known = np.isfinite(values)
        return np.asarray(known & (values != 0) if self.state == "set" else known & (values == 0))


@dataclass(frozen=True)
class Between:
    """Rows whose number lies in a range, its ends included; a row without a number never does."""

    column: str
    low: float = -math.inf
    high: float = math.inf

    @property
    def text(self) -> str:
        """``teff:4000..5000``; an end that is left out is open."""
        return f"{_quoted_name(self.column)}:{_end(self.low, -math.inf)}..{_end(self.high, math.inf)}"

    @property
    def words(self) -> str:
        """For a person: ``Teff 4000 to 5000 K``."""
        name, unit = title(self.column), unit_of(self.column)
        unit = f" {unit}" if unit else ""
        if self.low == self.high:
            return f"{name} {_end(self.low)}{unit}"
        if math.isinf(self.low):
            return f"{name} up to {_end(self.high)}{unit}" if math.isfinite(self.high) else f"{name} is known"
        return (
            f"{name} {_end(self.low)} to {_end(self.high)}{unit}"
            if math.isfinite(self.high)
            else (f"{name} from {_end(self.low)}{unit}")
        )

    def mask(self, columns: Columns) -> Mask:
        """Which rows stay, shape (n_rows,)."""
        if columns.kind(self.column) == "text":
            raise SettingsError(f"{self.column} holds texts: it has no range. Write {self.column}:WORDS.")
        values = columns.column(self.column)
        return np.asarray((values >= self.low) & (values <= self.high))


@dataclass(frozen=True)
class Is:
    """Rows whose text or number is exactly this."""

    column: str
    value: str

    @property
    def text(self) -> str:
        """``telescope:=apo25m``."""
        return f"{_quoted_name(self.column)}:={_quoted(self.value)}"

    @property
    def words(self) -> str:
        """For a person."""
        return f"{title(self.column)} is {self.value}" if self.value else f"{title(self.column)} is empty"

    def mask(self, columns: Columns) -> Mask:
        """Which rows stay, shape (n_rows,)."""
        if columns.kind(self.column) != "text":
            return _equal(columns, self.column, self.value)
        return np.asarray(columns.column(self.column) == self.value)


@dataclass(frozen=True)
class Contains:
    """Rows whose text has these letters in it, capital or small."""

    column: str
    value: str

    @property
    def text(self) -> str:
        """``field:M67``."""
        return f"{_quoted_name(self.column)}:{_quoted(self.value)}"

    @property
    def words(self) -> str:
        """For a person."""
        return f"{title(self.column)} contains {self.value}"

    def mask(self, columns: Columns) -> Mask:
        """Which rows stay, shape (n_rows,)."""
        if columns.kind(self.column) != "text":
            return _equal(columns, self.column, self.value)
        return np.asarray(np.strings.find(columns.lower(self.column), self.value.lower()) >= 0)


@dataclass(frozen=True)
class Verdict:
    """Rows with this verdict, with any, or with none."""

    which: str

    @property
    def text(self) -> str:
        """``verdict:none``, ``verdict:any``, ``verdict:bad``."""
        return f"{VERDICT}:{_quoted(self.which)}"

    @property
    def words(self) -> str:
        """For a person."""
        return {"none": "no verdict", "any": "with a verdict"}.get(self.which, f"verdict {self.which}")

    def mask(self, columns: Columns) -> Mask:
        """Which rows stay, shape (n_rows,)."""
        given = columns.column(VERDICT)
        if self.which in ("none", "any"):
            return np.asarray((given == "") == (self.which == "none"))
        return np.asarray(columns.lower(VERDICT) == self.which.lower())


@dataclass(frozen=True)
class AnyId:
    """Rows with these letters in any id or name."""

    value: str

    @property
    def text(self) -> str:
        """``text:2M17``."""
        return f"{ANY_ID}:{_quoted(self.value)}"

    @property
    def words(self) -> str:
        """For a person."""
        return f"“{self.value}”"

    def mask(self, columns: Columns) -> Mask:
        """Which rows stay, shape (n_rows,)."""
        found = np.zeros(columns.n_rows, dtype=bool)
        for name in columns.ids():
            if columns.kind(name) == "text":
                found |= np.strings.find(columns.lower(name), self.value.lower()) >= 0
            elif self.value.isascii() and self.value.isdigit():
                found |= _begins(columns.column(name), self.value)
        return found


Filter = Flagged | Between | Is | Contains | Verdict | AnyId


def mask_of(columns: Columns, filters: Sequence[Filter]) -> Mask:
    """Which rows pass all of the filters, shape (n_rows,).

    Raises
    ------
    SettingsError
        If a filter names a column there is not, or one of another kind.
    """
    mask = np.ones(columns.n_rows, dtype=bool)
    for chosen in filters:
        mask &= chosen.mask(columns)
    return mask


def _equal(columns: Columns, name: str, value: str) -> Mask:
    column = columns.column(name)
    try:
        wanted = int(value) if column.dtype.kind in "iu" else float(value)
    except ValueError:
        raise SettingsError(f"{name} holds numbers, and {value[:60]!r} is none. Write {name}:LOW..HIGH.") from None
    return np.asarray(column == wanted)


def _begins(column: NDArray[Any], digits: str) -> Mask:
    """Whole numbers whose decimals begin so. Shape (n,)."""
    found = np.zeros(len(column), dtype=bool)
    low, high = int(digits), int(digits) + 1
    while low and low < 1 << 63:
        found |= (column >= low) & (column < min(high, (1 << 63) - 1))
        low, high = 10 * low, 10 * high
    return found


def _end(number: float, left_out: float = math.nan) -> str:
    if number == left_out:
        return ""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _quoted(text: str) -> str:
    """A text such that nothing in it is taken for the grammar's own."""
    return re.sub(r"[%,:\s]|^[=!?]|\.(?=\.)", lambda found: _percent(found[0]), text)


def _quoted_name(name: str) -> str:
    return re.sub(r"[%,:\s]|^[!?]", lambda found: _percent(found[0]), name)


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())
