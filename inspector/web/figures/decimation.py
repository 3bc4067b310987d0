"""Only what can be seen is drawn: the rows in view and, where several share a screen column, their extremes.

The browser keeps each source's whole data and draws from a part of it. Per screen column the lowest and the highest
pixel of each curve stay, so that the picture is the one all rows would give. Nothing of this reaches the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, CustomJS, Line, VArea
from bokeh.models.annotations import Label
from bokeh.plotting import figure

from inspector.web.figures.javascript import script

MOST_MARKS = 300
"""Markers drawn at once: more would only hide the spectrum. What is left out is said on the plot."""

BAND_ALPHA = 0.25
"""How much of an error band shows."""


@dataclass(frozen=True)
class Band:
    """An error band twice: filled where a pixel is as wide as a screen column, in outline where pixels are crowded.

    An area with thousands of corners takes a browser without a GPU a tenth of a second to fill, and looks the same.
    """

    area: VArea
    outline: tuple[Line, ...]

    def __post_init__(self) -> None:
        self.area.fill_alpha = 0.0
        for line in self.outline:
            line.line_alpha = BAND_ALPHA


@dataclass(frozen=True)
class Part:
    """What one panel draws of a source, by rows of its own.

    Attributes
    ----------
    drawn : ColumnDataSource
        What the panel's glyphs read: the source itself, or one that the browser fills.
    curves : tuple of str
        Columns drawn as curves: each keeps its own extremes, where they stand.
    edges : tuple of str
        Columns that follow the curves closely: each keeps its extremes in every screen column, not where they stand.
    bands : tuple of Band
        Between edges.
    """

    drawn: ColumnDataSource
    curves: tuple[str, ...]
    edges: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()


def draw_curves(plot: figure, source: ColumnDataSource, parts: Sequence[Part]) -> None:
    """Narrow what is drawn of a source to what `plot` shows, now and whenever view, width or data change."""
    told = [
        {
            "drawn": part.drawn,
            "curves": list(part.curves),
            "edges": list(part.edges),
            "bands": [{"area": band.area, "outline": band.outline} for band in part.bands],
        }
        for part in parts
    ]
    args = {"plot": plot, "source": source, "parts": told, "alpha": BAND_ALPHA}
    _narrow(plot, source, CustomJS(args=args, code=script("shared", "narrow", "narrow_curve")))


def draw_marks(plot: figure, source: ColumnDataSource, note: Label) -> None:
    """Narrow markers likewise, at most `MOST_MARKS` of them; `note` says so where some are left out."""
    args = {"plot": plot, "source": source, "most": MOST_MARKS, "note": note}
    _narrow(plot, source, CustomJS(args=args, code=script("shared", "narrow", "narrow_marks")))


def mark_beyond(plot: figure, marks: ColumnDataSource, beyond: ColumnDataSource, column: str, note: Label) -> None:
    """Fill `beyond` with the marks whose `column` lies beyond the y axis, wherever it is moved; `note` counts them."""
    args = {"plot": plot, "replaced": marks, "beyond": beyond, "column": column, "most": MOST_MARKS, "note": note}
    callback = CustomJS(args=args, code=script("shared", "beyond"))
    _narrow(plot, marks, callback)
    for end in ("start", "end"):
        plot.y_range.js_on_change(end, callback)


def narrow_new_curves(plots: Sequence[figure]) -> None:
    """Narrow curves that are added to figures on the page, at once: those who follow the view hear of them."""
    x_range = plots[0].x_range
    for plot in plots:
        args = {"plots": list(plots), "x": x_range}
        plot.js_on_change("renderers", CustomJS(args=args, code=script("await_views")))


def _narrow(plot: figure, source: ColumnDataSource, callback: CustomJS) -> None:
    source.js_on_change("data", callback)
    plot.js_on_change("inner_width", callback)  # known once the figure is laid out, whatever made it anew
    for end in ("start", "end"):
        plot.x_range.js_on_change(end, callback)
