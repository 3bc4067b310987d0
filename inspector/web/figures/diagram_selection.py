"""Which stars of a diagram lie within a drawn outline, or nearest to a click: all of them, drawn or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.web.figures.diagram_data import Diagram, Numbers, Rows, View

NEAR = 0.025
"""Share of the view's width and height within which a click counts as one on a star."""

MAX_CORNERS = 20_000
"""Corners of an outline that are looked at; no hand draws as many."""


def box(bounds: tuple[float, float, float, float]) -> Numbers:
    """The corners of a box, given as ``(x0, y0, x1, y1)``. Shape (4, 2)."""
    x0, y0, x1, y1 = bounds
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float64)


def rows_within(diagram: Diagram, outline: ArrayLike) -> Rows:
    """The rows whose stars lie inside an outline, in the diagram's order.

    Parameters
    ----------
    diagram : Diagram
    outline : array-like
        Its corners; the last is joined to the first. Shape (m, 2).

    Returns
    -------
    ndarray of int
        What an outline that crosses itself goes round twice is outside, as for every even-odd rule.
    """
    corners = np.asarray(outline, dtype=np.float64).reshape(-1, 2)[:MAX_CORNERS]
    if len(corners) < 3 or not np.isfinite(corners).all():
        return np.empty(0, dtype=np.int64)
    (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero(View((left, right), (low, high)).holds(diagram.x, diagram.y))
    return diagram.rows[near[_inside(diagram.x[near], diagram.y[near], corners)]]


def _inside(x: Numbers, y: Numbers, corners: Numbers) -> NDArray[np.bool_]:
    """Whether points lie inside: a ray to the right crosses the outline an odd number of times. Shape (n,).

    Points are sorted by height once, so that each edge meets those beside it alone.
    """
    order = np.argsort(y)
    x, y = x[order], y[order]
    odd = np.zeros(len(x), dtype=bool)
    starts, ends = corners, np.roll(corners, -1, axis=0)
    first = np.searchsorted(y, np.minimum(starts[:, 1], ends[:, 1]))
    last = np.searchsorted(y, np.maximum(starts[:, 1], ends[:, 1]))
    for (x0, y0), (x1, y1), i, j in zip(starts, ends, first, last):
        if i < j:
            odd[i:j] ^= x[i:j] < x0 + (y[i:j] - y0) * ((x1 - x0) / (y1 - y0))
    inside = np.empty(len(x), dtype=bool)
    inside[order] = odd
    return inside


def nearest_row(diagram: Diagram, x: float, y: float, view: View) -> int | None:
    """The row of the star nearest to a place as the view shows it; None if none is near."""
    if not len(diagram):
        return None
    away = np.hypot((diagram.x - x) / (view.x[1] - view.x[0]), (diagram.y - y) / (view.y[1] - view.y[0]))
    best = int(np.argmin(away))
    return int(diagram.rows[best]) if away[best] <= NEAR else None
