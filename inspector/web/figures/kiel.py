"""The Kiel diagram, and any other of one column against another: built by HoloViews, counted by Datashader.

HoloViews builds the figure and tells what somebody outlines in it. What is shown then goes straight into the data
sources: a `DynamicMap` would draw every layer anew for each of them (0.1 s). It is imported when a figure is made, so
that a page without a table does without it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, PlainText

from inspector.files.untrusted_text import clean
from inspector.web.figures.diagram_colours import TITLE_LENGTH, colours_of, palette
from inspector.web.figures.diagram_data import Axis, Diagram, Limits, Numbers, View
from inspector.web.figures.diagram_elements import LAYERS, elements, own_colours
from inspector.web.figures.diagram_layers import MAX_NAMED, Layers
from inspector.web.figures.diagram_selection import box
from inspector.web.figures.theme import Theme, dress

Place = tuple[float, float]

NAME = "kiel"

SIZES = {True: 3, False: 5}
"""Of a star, in pixels, by whether it stands over squares."""


@dataclass(frozen=True)
class Heard:
    """What to call when somebody looks elsewhere, draws an outline of shape (m, 2), or clicks at a place."""

    looked: Callable[[View], object]
    outlined: Callable[[Numbers], object]
    clicked: Callable[[float, float], object]


class KielFigure:
    """A figure whose layers change by themselves.

    Parameters
    ----------
    theme : Theme
    heard : Heard

    Attributes
    ----------
    layout : holoviews.Overlay
    """

    def __init__(self, theme: Theme, heard: Heard) -> None:
        find_holoviews()
        self._theme, self._heard = theme, heard
        self._plot: Any = None
        self._parts: dict[str, Any] = {}
        self._wanted: dict[str, Any] = {}
        self.layout = elements(theme)
        self.layout.opts(responsive=True, toolbar="right", show_legend=False, hooks=[_weakly(self._drawn)])
        self.layout.opts(active_tools=["pan", "wheel_zoom"], xlim=(0, 1), ylim=(0, 1), framewise=False)
        self._streams = self._listen()

    def look_at(self, diagram: Diagram, view: View) -> None:
        """Put another diagram's axes and colours in place."""
        self._want("axes", (diagram, view))
        self._want("trained", _training_box(diagram))

    def show(self, diagram: Diagram, drawn: Layers) -> None:
        """Draw the stars in view."""
        self._want("stars", (diagram, drawn))
        self._want("squares", drawn)

    def ring(self, place: Place | None) -> None:
        """Mark the star on screen, or none."""
        self._want("ring", place)

    def outline(self, corners: Numbers | None) -> None:
        """Draw the outline of what is selected, or none."""
        self._want("outline", corners)

    def _listen(self) -> list[Any]:
        """HoloViews' streams of what somebody does; as long as this figure lives."""
        from holoviews import streams

        source, heard = self.layout.get(LAYERS.index("stars")), self._heard
        looked, boxed, lassoed, tapped = (
            of(source=source) for of in (streams.RangeXY, streams.BoundsXY, streams.Lasso, streams.SingleTap)
        )
        looked.add_subscriber(lambda x_range, y_range: heard.looked(View(_sorted(x_range), _sorted(y_range))))
        boxed.add_subscriber(lambda bounds: heard.outlined(box(bounds)))
        lassoed.add_subscriber(lambda geometry: heard.outlined(np.asarray(geometry, dtype=np.float64)))
        tapped.add_subscriber(lambda x, y: heard.clicked(x, y))
        return [looked, boxed, lassoed, tapped]

    def _drawn(self, plot: Any, _: Any) -> None:
        """HoloViews has made the Bokeh figure: dress it, and put into it what was wanted meanwhile."""
        self._plot = plot.state
        self._parts = {name: part.handles for name, part in zip(LAYERS, plot.subplots.values())}
        self._plot.name = NAME
        dress(self._plot, self._theme)
        own_colours(self._parts["stars"]["glyph_renderer"])
        self._plot.min_border = 4
        for name, value in self._wanted.items():
            self._put(name, value)

    def _want(self, name: str, value: Any) -> None:
        self._wanted[name] = value
        if self._plot is not None:
            self._put(name, value)

    def _put(self, name: str, value: Any) -> None:
        if name == "axes":
            self._put_axes(*value)
        elif name == "stars":
            self._source(name).data = star_columns(self._theme, *value)
        elif name == "squares":
            self._source(name).data = square_columns(value)
        elif name == "ring":
            x, y = ([], []) if value is None else ([value[0]], [value[1]])
            self._source(name).data = {"x": x, "y": y}
        else:
            self._source(name).data = line_columns(value)

    def _source(self, name: str) -> ColumnDataSource:
        source = self._parts[name]["source"]
        assert isinstance(source, ColumnDataSource)
        return source

    def _put_axes(self, diagram: Diagram, view: View) -> None:
        sides = ((self._plot.x_range, view.x, diagram.x_axis), (self._plot.y_range, view.y, diagram.y_axis))
        for side, (low, high), axis in sides:
            start, end = (high, low) if axis.reversed else (low, high)
            side.update(start=start, end=end, reset_start=start, reset_end=end)
        self._plot.xaxis.axis_label, self._plot.yaxis.axis_label = _title(diagram.x_axis), _title(diagram.y_axis)
        self._parts["squares"]["color_mapper"].palette = palette(self._theme, diagram.colour)


def _weakly(act: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A method that does not keep its object: HoloViews keeps a hook for all of a process as long as the layout."""
    alive = weakref.WeakMethod(act)

    def hook(plot: Any, element: Any) -> None:
        if (method := alive()) is not None:
            method(plot, element)

    return hook


def find_holoviews() -> None:
    """Import HoloViews, and what it draws in Bokeh with: seconds, in whatever thread."""
    import holoviews.plotting.bokeh  # noqa: F401


def star_columns(theme: Theme, diagram: Diagram, drawn: Layers) -> dict[str, Any]:
    """The stars that are drawn one by one, as Bokeh has them."""
    points = drawn.points
    return {
        "x": points.x,
        "y": points.y,
        "colour": colours_of(theme, diagram.colour, points.shade, drawn.squares is not None),
        "name": list(points.names),
        "size": np.full(len(points.x), SIZES[drawn.squares is not None], dtype=np.float32),
    }


def square_columns(drawn: Layers) -> dict[str, Any]:
    """The squares as Bokeh has an image, its first row the lowest; an empty one where there are none.

    The count of a square whose star is drawn by itself is 0 here: the star says its name.
    """
    squares = drawn.squares
    if squares is None:
        return {"x": [0], "y": [0], "dw": [1], "dh": [1], "image": [_NO_SHADE], "count": [_NO_COUNT]}
    (left, right), (low, high) = squares.view.x, squares.view.y
    count = squares.count.copy()
    count.ravel()[squares.alone(MAX_NAMED)] = 0
    corner = {"x": [left], "y": [low], "dw": [right - left], "dh": [high - low]}
    return {**corner, "image": [squares.shade], "count": [count]}


_NO_SHADE, _NO_COUNT = np.full((1, 1), np.nan, dtype=np.float32), np.zeros((1, 1), dtype=np.int32)


def line_columns(corners: Numbers | None) -> dict[str, Any]:
    """A closed line as Bokeh has several."""
    if corners is None or not len(corners):
        return {"xs": [], "ys": []}
    closed = np.concatenate([corners, corners[:1]])
    return {"xs": [closed[:, 0]], "ys": [closed[:, 1]]}


def _training_box(diagram: Diagram) -> Numbers | None:
    """Corners of what the weights saw in training, where that is known of both axes."""
    across, up = diagram.x_axis.trained, diagram.y_axis.trained
    return None if across is None or up is None else box((across[0], up[0], across[1], up[1]))


def _title(axis: Axis) -> PlainText:
    """An axis' title; as plain text, for Bokeh would fetch a typesetter for what has dollars about it."""
    return PlainText(text=clean(axis.title, TITLE_LENGTH))


def _sorted(ends: Limits) -> Limits:
    return min(ends), max(ends)
