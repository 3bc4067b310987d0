"""Which of many labels to write at which zoom: the strong ones always, the weak ones when there is room."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Sequence

import numpy as np
from bokeh.models import CustomJS, IndexFilter, Text
from bokeh.models.annotations import Label
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure
from numpy.typing import ArrayLike, NDArray

from inspector.web.figures.javascript import script

WIDTHS: tuple[float, ...] = (2000, 1400, 1000, 700, 500, 350, 250, 175, 125, 90, 60, 40, 25, 15, 8, 4)
"""Widths of the view, Å, at which the choice changes."""

ROOM = 1 / 45
"""Of the view's width that one label takes."""


def widest_view(position: ArrayLike, order: Sequence[int]) -> NDArray[np.float64]:
    """The widest view in which each label is written.

    Parameters
    ----------
    position : array_like, shape (n,)
        Where the labels stand, Å.
    order : sequence of int, shape (n,)
        Indices of the labels, the most important first.

    Returns
    -------
    ndarray, shape (n,)
        In a view this wide or narrower a label is written: no more important one stands within `ROOM` of it. 0 for
        a label that never finds room.
    """
    positions = np.asarray(position, dtype=np.float64).tolist()
    widest = [0.0] * len(positions)
    kept: list[float] = []  # ascending; what a wider view shows, a narrower one shows too
    for width in WIDTHS:
        for i in order:
            if widest[i] == 0 and _has_room(kept, positions[i], width * ROOM):
                widest[i] = width
                insort(kept, positions[i])
    return np.array(widest)


def _has_room(kept: list[float], position: float, room: float) -> bool:
    """Whether none of the ascending `kept` stands within `room` of `position`."""
    i = bisect(kept, position)
    return all(abs(neighbour - position) >= room for neighbour in kept[max(i - 1, 0) : i + 1])


def thin_with_zoom(plot: figure, names: GlyphRenderer[Text], chosen: IndexFilter, what: str, note: Label) -> None:
    """Let `chosen` hold the rows whose ``widest_view`` the view does not exceed, in the browser.

    Parameters
    ----------
    plot : figure
    names : GlyphRenderer
        Text glyphs.
    chosen : IndexFilter
    what : str
        What the names are of (``lines``): `note` says how many are left out.
    note : Label
    """
    source, place = names.data_source, names.glyph.x
    args = {"x": plot.x_range, "source": source, "chosen": chosen, "names": names, "what": what, "note": note}
    callback = CustomJS(args={**args, "place": place}, code=script("shared", "thin_names"))
    for end in ("start", "end"):
        plot.x_range.js_on_change(end, callback)
    source.js_on_change("data", callback)
    names.js_on_change("visible", callback)
    plot.js_on_change("inner_width", callback)


def written(widest: NDArray[np.float64], view: tuple[float, float]) -> list[int]:
    """Rows written in a view; the same choice on the server, for the first look."""
    return np.flatnonzero(widest >= view[1] - view[0]).tolist()
