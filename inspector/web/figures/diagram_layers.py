"""What is drawn of a diagram in a view: each star by itself, or, of many, squares and the stars that stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.files.untrusted_text import clean
from inspector.web.figures.diagram_data import Diagram, Numbers, View
from inspector.web.figures.diagram_squares import Squares, count_squares

MAX_POINTS = 20_000
"""Stars of a table that are drawn one by one."""

MAX_NAMED = 4_000
"""Stars drawn one by one, with their names, over squares."""

NAME_LENGTH = 60


@dataclass(frozen=True)
class Points:
    """Stars drawn one by one: where, which colour (0 to 1, NaN for unknown) and what they are called. Shape (n,)."""

    x: Numbers
    y: Numbers
    shade: Numbers
    names: Sequence[str]


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


def look_again(diagram: Diagram, before: View | None, looked: View | None) -> Sight:
    """A diagram that took the place of another: where somebody `looked`, or as `before` if all stars are there."""
    if looked is None and before is not None and before.holds(diagram.x, diagram.y).all():
        looked = before
    return look(diagram, looked)


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
    return Layers(_points(diagram, counted.last.ravel()[counted.alone(MAX_NAMED)]), counted, seen)


def _points(diagram: Diagram, which: NDArray[np.int64] | NDArray[np.intp]) -> Points:
    names = [clean(str(name), NAME_LENGTH) for name in diagram.names(diagram.rows[which])]
    shade = np.full(len(which), 0.5) if diagram.colour is None else diagram.colour.shade[which]
    return Points(diagram.x[which], diagram.y[which], shade, names)
