"""What is drawn of a diagram in a view: each star by itself, or, of many, squares and the stars that stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inspector.files.untrusted_text import clean
from inspector.web.figures.diagram_data import UNKNOWN, Axis, Colour, Diagram, Numbers, View

if TYPE_CHECKING:
    from datashader import Canvas

MAX_POINTS = 20_000
"""Stars of a table that are drawn one by one."""

MAX_NAMED = 4_000
"""Stars drawn one by one, with their names, over squares."""

SQUARES = (280, 180)
"""Squares across and down: about two pixels of the screen each."""

NAME_LENGTH = 60


@dataclass(frozen=True)
class Points:
    """Stars drawn one by one: where, which colour (0 to 1, NaN for unknown) and what they are called. Shape (n,)."""

    x: Numbers
    y: Numbers
    shade: Numbers
    names: Sequence[str]


@dataclass(frozen=True)
class Squares:
    """Stars counted in squares; the first row is the lowest.

    Attributes
    ----------
    view : View
        What they cover.
    shade : ndarray
        Colour from 0 to 1, `UNKNOWN` where no star's is known; NaN where there is no star. Shape (down, across).
    count : ndarray of int
        Stars in each. Shape (down, across).
    """

    view: View
    shade: NDArray[np.float32]
    count: NDArray[np.int32]


@dataclass(frozen=True)
class Layers:
    """What is drawn.

    Attributes
    ----------
    points : Points
    squares : Squares or None
        None where every star in view is among the points.
    in_view : int
        Stars in the view.
    """

    points: Points
    squares: Squares | None
    in_view: int


@dataclass(frozen=True)
class Sight:
    """A diagram, the view of it that is looked at, and what is drawn there."""

    diagram: Diagram
    view: View
    drawn: Layers


def look(diagram: Diagram, view: View | None) -> Sight:
    """A diagram in a view; its own first one if None."""
    seen = view or diagram.whole()
    return Sight(diagram, seen, layers(diagram, seen))


def layers(diagram: Diagram, view: View) -> Layers:
    """What to draw of a diagram in a view. It depends on nothing else, so that any thread may find it out.

    Up to `MAX_POINTS` stars are points, whatever the view. Of more, those in view are points if they are few; else
    they are counted in squares, and those alone in their square are points as well, so that what stands apart has
    a name.
    """
    inside = view.holds(diagram.x, diagram.y)
    seen = int(np.count_nonzero(inside))
    if len(diagram) <= MAX_POINTS:
        return Layers(_points(diagram, np.arange(len(diagram))), None, seen)
    if seen <= MAX_NAMED:
        return Layers(_points(diagram, np.flatnonzero(inside)), None, seen)
    counted = count_squares(diagram, view)
    return Layers(_points(diagram, _alone(diagram, view, counted.count, inside)), counted, seen)


def count_squares(diagram: Diagram, view: View) -> Squares:
    """The stars of each square: how many, and their colour."""
    count = _aggregate(diagram, view, None).astype(np.int32)
    if diagram.colour is None:
        shade = np.log1p(count) / np.log1p(max(int(count.max(initial=0)), 2))
    else:
        shade = _aggregate(diagram, view, diagram.colour)
        shade = np.where(np.isnan(shade), UNKNOWN, shade)
    return Squares(view, np.where(count > 0, shade, np.nan).astype(np.float32), count)


def _aggregate(diagram: Diagram, view: View, colour: Colour | None) -> NDArray[Any]:
    """Datashader's count of the stars in each square, or what their colours come to. Shape (down, across).

    That is the mean of numbers, the share of stars with a flag, and the rarest of several classes.
    """
    import datashader
    import pandas as pd

    table = {"x": diagram.x, "y": diagram.y}
    how: Any = datashader.count()
    if colour is not None:
        table["shade"] = colour.shade
        how = datashader.max("shade") if len(colour.classes) > 2 else datashader.mean("shade")
    counted = _canvas(view).points(pd.DataFrame(table, copy=False), "x", "y", how)
    return np.asarray(counted.data)


def _canvas(view: View) -> Canvas:
    import datashader

    return datashader.Canvas(*SQUARES, x_range=view.x, y_range=view.y)


def _alone(diagram: Diagram, view: View, count: NDArray[np.int32], inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The stars that have a square to themselves: `MAX_NAMED` at most, spread over the table."""
    lone = np.flatnonzero(count.ravel() == 1)
    if not lone.size:
        return np.empty(0, dtype=np.intp)
    here = np.flatnonzero(inside)
    found = here[(count == 1)[square_of(diagram.x[here], diagram.y[here], view)]]
    step = -(-len(found) // MAX_NAMED) or 1
    some: NDArray[np.intp] = found[::step]
    return some


def square_of(x: Numbers, y: Numbers, view: View) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The square that each point in view lies in, as Datashader counts it: its row and its column."""
    places = []
    for values, (low, high), cells in ((y, view.y, SQUARES[1]), (x, view.x, SQUARES[0])):
        place = ((values - low) * (cells / (high - low))).astype(np.intp)
        places.append(np.minimum(place, cells - 1))
    return places[0], places[1]


def _points(diagram: Diagram, which: NDArray[np.intp]) -> Points:
    names = [clean(str(name), NAME_LENGTH) for name in diagram.names(diagram.rows[which])]
    shade = np.full(len(which), 0.5) if diagram.colour is None else diagram.colour.shade[which]
    return Points(diagram.x[which], diagram.y[which], shade, names)


def warm_up() -> None:
    """Import and compile what counts, which takes seconds, before somebody waits for it."""
    ends, axes = np.array([0.0, 1.0]), (Axis("x"), Axis("y"))
    for colour in (None, Colour("mean", ends), Colour("most", ends, ("a", "b", "c"))):
        count_squares(Diagram.of([0, 1], ends, ends, axes, colour), View((0.0, 1.0), (0.0, 1.0)))
