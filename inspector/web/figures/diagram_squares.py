"""Stars counted in squares by Datashader, which takes some 30 ms for a million of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.web.figures.diagram_data import UNKNOWN, Axis, Colour, Diagram, View

SQUARES = (280, 180)
"""Squares across and down: about two pixels of the screen each."""


@dataclass(frozen=True, eq=False)
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
    last : ndarray of int
        Place in the diagram of the last star in each; any number where there is none. Shape (down, across).
    """

    view: View
    shade: NDArray[np.float32]
    count: NDArray[np.int32]
    last: NDArray[np.int64]

    def alone(self, most: int) -> NDArray[np.intp]:
        """Which squares (of all, flat) have one star: `most` at the most, spread over them. Shape (n,)."""
        found = np.flatnonzero(self.count == 1)
        some: NDArray[np.intp] = found[:: max(-(-len(found) // most), 1)]
        return some


def count_squares(diagram: Diagram, view: View) -> Squares:
    """The stars of each square: how many, and their colour."""
    found = _aggregate(diagram, view)
    count, last = found["count"].astype(np.int32), np.nan_to_num(found["last"]).astype(np.int64)
    if diagram.colour is None:
        shade = np.log1p(count) / np.log1p(max(int(count.max(initial=0)), 2))
    else:
        shade = np.where(np.isnan(found["shade"]), UNKNOWN, found["shade"])
    return Squares(view, np.where(count > 0, shade, np.nan).astype(np.float32), count, last)


def _aggregate(diagram: Diagram, view: View) -> dict[str, NDArray[Any]]:
    """Datashader's count of the stars of each square, the last of them, and what their colours come to.

    That is the mean of numbers, the share of stars with a flag, and the rarest of several classes.
    """
    import datashader as ds
    import pandas as pd

    table = {"x": diagram.x, "y": diagram.y, "place": np.arange(len(diagram), dtype=np.float64)}
    wanted = {"count": ds.count(), "last": ds.max("place")}
    if diagram.colour is not None:
        table["shade"] = diagram.colour.shade
        wanted["shade"] = ds.max("shade") if len(diagram.colour.classes) > 2 else ds.mean("shade")
    canvas = ds.Canvas(*SQUARES, x_range=view.x, y_range=view.y)
    found = canvas.points(pd.DataFrame(table, copy=False), "x", "y", ds.summary(**wanted))
    return {name: np.asarray(found[name].data) for name in wanted}


def warm_up() -> None:
    """Import and compile what counts, which takes seconds, before somebody waits for it."""
    ends, axes = np.array([0.0, 1.0]), (Axis("x"), Axis("y"))
    for colour in (None, Colour("mean", ends), Colour("most", ends, ("a", "b", "c"))):
        count_squares(Diagram.of([0, 1], ends, ends, axes, colour), View((0.0, 1.0), (0.0, 1.0)))
