"""What a diagram of one column against another holds, without a word about how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.science.number_format import ABSURD
from inspector.web.figures.axis_limits import PADDING

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]
Limits = tuple[float, float]

EDGE_SHARE = 0.05
"""Percent of the stars that the first view may leave out at each end of an axis."""

UNKNOWN = -1
"""Code of a star of which no class is known."""


@dataclass(frozen=True)
class Axis:
    """What stands along an axis.

    Attributes
    ----------
    title : str
        With its unit; from a file, so it may hold anything.
    reversed : bool
        Whether it grows to the left or downwards, as the field draws Teff and log g.
    trained : (float, float) or None
        What the weights saw of it in training.
    """

    title: str
    reversed: bool = False
    trained: Limits | None = None


CENTRAL = (2, 98)
"""Percentiles of a number between which its colours run."""


@dataclass(frozen=True, eq=False)
class Colour:
    """What decides a star's colour.

    Attributes
    ----------
    title : str
    values : ndarray
        Shape (n,). Numbers, NaN where unknown; with `classes`, positions among them, `UNKNOWN` where there is none.
    classes : tuple of str
        Names of the classes, from common to rare: of stars at one place the rarest is drawn on top.
    """

    title: str
    values: Numbers
    classes: tuple[str, ...] = ()

    @classmethod
    def of_numbers(cls, title: str, values: ArrayLike) -> Colour:
        """A number of each star."""
        return cls(title, np.asarray(values, dtype=np.float64))

    @classmethod
    def of_flag(cls, title: str, is_set: ArrayLike) -> Colour:
        """Whether something is set for each star; NaN where that is unknown."""
        raised = np.asarray(is_set, dtype=np.float64)
        codes = np.where(np.isnan(raised), UNKNOWN, raised != 0)
        return cls(title, codes.astype(np.float64), ("not set", "set"))

    @classmethod
    def of_words(cls, title: str, words: Sequence[str] | NDArray[Any], most: int = 6) -> Colour:
        """A word for each star: the commonest words are classes of their own, the others one together."""
        import pandas as pd  # finds the words of a million rows in a tenth of a second, numpy in two seconds

        codes, names = pd.factorize(np.asarray(words, dtype=object))
        order = np.argsort(-np.bincount(codes, minlength=len(names)), kind="stable")
        place = np.empty(len(names))
        place[order] = np.minimum(np.arange(len(names)), most - 1)
        classes = [str(names[i]) or "none" for i in order[: most - 1]]
        rest = [str(names[i]) or "none" for i in order[most - 1 :]]
        return cls(title, place[codes], tuple(classes + (rest if len(rest) == 1 else ["other"] * bool(rest))))

    @cached_property
    def limits(self) -> Limits:
        """The numbers at which the first and the last colour stand."""
        if self.classes:
            return 0.0, max(len(self.classes) - 1.0, 1.0)
        known = self.values[np.isfinite(self.values)]
        if not known.size:
            return 0.0, 1.0
        low, high = (float(end) for end in np.percentile(known, CENTRAL))
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    @cached_property
    def shade(self) -> Numbers:
        """The colour of each star, from 0 to 1; NaN where unknown. Shape (n,)."""
        low, high = self.limits
        known = np.where(self.values < 0, np.nan, self.values) if self.classes else self.values
        return np.clip((known - low) / (high - low), 0, 1)

    def of_some(self, which: NDArray[np.bool_]) -> Colour:
        """The same of some of the stars."""
        return Colour(self.title, self.values[which], self.classes)


@dataclass(frozen=True)
class View:
    """The part of a diagram in view: the ends of its axes, the smaller first."""

    x: Limits
    y: Limits

    def holds(self, x: Numbers, y: Numbers) -> NDArray[np.bool_]:
        """Which points lie in it. Shape (n,)."""
        inside: NDArray[np.bool_] = (x >= self.x[0]) & (x <= self.x[1]) & (y >= self.y[0]) & (y <= self.y[1])
        return inside


def _nobody(rows: Rows) -> Sequence[str]:
    return [""] * len(rows)


@dataclass(frozen=True, eq=False)
class Diagram:
    """Stars in a plane.

    Attributes
    ----------
    rows : ndarray of int
        Which row of the table each star is. Shape (n,).
    x, y : ndarray
        Where it stands. Shape (n,); finite.
    x_axis, y_axis : Axis
    colour : Colour or None
        None: where stars crowd, how many.
    names : callable
        The names of some rows' stars, which come from a file.
    left_out : int
        Rows of which a number is missing.
    """

    rows: Rows
    x: Numbers
    y: Numbers
    x_axis: Axis
    y_axis: Axis
    colour: Colour | None = None
    names: Callable[[Rows], Sequence[str]] = _nobody
    left_out: int = 0

    @classmethod
    def of(
        cls,
        rows: ArrayLike,
        x: ArrayLike,
        y: ArrayLike,
        axes: tuple[Axis, Axis],
        colour: Colour | None = None,
        names: Callable[[Rows], Sequence[str]] = _nobody,
    ) -> Diagram:
        """The stars of which both numbers are known; an absurd number counts as unknown.

        Parameters
        ----------
        rows, x, y : array-like
            Shape (n,).
        axes : (Axis, Axis)
            Of x and y.
        colour : Colour, optional
            Of the same stars.
        names : callable, optional
            The names of some rows' stars.
        """
        number, x, y = np.asarray(rows, dtype=np.int64), _numbers(x), _numbers(y)
        known = (np.abs(x) < ABSURD) & (np.abs(y) < ABSURD)  # NaN is not smaller than anything
        left_out = int(known.size - np.count_nonzero(known))
        if left_out:
            number, x, y = number[known], x[known], y[known]
            if colour is not None:
                colour = colour.of_some(known)
        return cls(number, x, y, *axes, colour, names, left_out)

    def __len__(self) -> int:
        return len(self.rows)

    def whole(self) -> View:
        """A view of all stars but the farthest few."""
        return View(_spread(self.x), _spread(self.y))

    def place(self, row: int | None) -> tuple[float, float] | None:
        """Where the star of a row stands; None if it is not here."""
        if row is None:
            return None
        found = np.flatnonzero(self.rows == row)
        return (float(self.x[found[0]]), float(self.y[found[0]])) if len(found) else None


def _numbers(values: ArrayLike) -> Numbers:
    return np.ascontiguousarray(values, dtype=np.float64)


def _spread(values: Numbers) -> Limits:
    """Ends of an axis: all but the farthest, with some air."""
    if not values.size:
        return 0.0, 1.0
    low, high = (float(end) for end in np.percentile(values, (EDGE_SHARE, 100 - EDGE_SHARE)))
    pad = PADDING * (high - low) or abs(low) * 1e-3 or 1.0
    return low - pad, high + pad
