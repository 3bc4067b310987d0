"""One label large: the draws, what they say, and how much wider the honest error is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Line, Quad, VSpan, VStrip
from bokeh.plotting import figure

from inspector.pipeline.result import Result
from inspector.science.labels import LABELS
from inspector.science.number_format import decimals, is_absurd, range_text
from inspector.web.figures.axis_limits import Limits, bin_edges, fixed_range, settle
from inspector.web.figures.colours import label_colour
from inspector.web.figures.empty_figure import blank
from inspector.web.figures.label_numbers import LEVEL, drawable
from inspector.web.figures.labels import Catalogue
from inspector.web.figures.theme import Theme, new_figure, tooltip

CURVES = ("model", "total", "corrected")
"""Columns of the curves, the narrowest first."""

_POINTS = 181


@dataclass
class PosteriorFigure:
    """The figure and its data sources."""

    layout: figure
    histogram: ColumnDataSource
    curves: ColumnDataSource
    marks: ColumnDataSource
    catalogue: ColumnDataSource
    interval: ColumnDataSource
    limits: Limits | None = None

    def show(self, result: Result, label: int, catalogue: Catalogue) -> None:
        """Draw one label of a result that has draws; the axis widens only if it must."""
        if not drawable(result)[label]:
            self.clear()
            return
        known = catalogue.get(LABELS[label].name)
        self.limits = settle(self.limits, _extent(result, label, known))
        self.histogram.data = histogram_columns(result, label)
        self.curves.data = curve_columns(result, label, self.limits)
        self.marks.data = {"x": [result.value[label]]}
        self.catalogue.data = catalogue_columns(known)
        low, high = result.drawn.interval(LEVEL)[:, label]
        self.interval.data = {"low": [low], "high": [high]}
        self.layout.x_range.update(start=self.limits[0], end=self.limits[1])
        self.layout.xaxis.axis_label = f"{LABELS[label].symbol} ({LABELS[label].unit})"

    def clear(self) -> None:
        """Show the axes alone."""
        blank(self.histogram, self.curves, self.marks, self.catalogue, self.interval)

    def forget(self) -> None:
        """Let the axis settle anew on what comes next."""
        self.limits = None


def histogram_columns(result: Result, label: int) -> dict[str, Any]:
    """Draws in bins: ``left``, ``right``, ``top`` (of a peak of 1), ``count`` and ``colour``."""
    draws = result.drawn.draws[:, label]
    edges = bin_edges(draws)
    count = np.histogram(draws, edges)[0]
    colour, unit = label_colour(LABELS[label].element), LABELS[label].unit
    places = decimals(float(edges[1] - edges[0]), unit, digits=1)
    return {
        "left": edges[:-1],
        "right": edges[1:],
        "top": count / count.max(),
        "count": count,
        "span": [range_text(low, high, places, unit) for low, high in pairwise(edges)],
        "colour": [colour] * len(count),
    }


def curve_columns(result: Result, label: int, limits: Limits) -> dict[str, Any]:
    """Normal curves about the mean, each of peak 1, as wide as the three errors; flat NaN for one unknown."""
    x = np.linspace(*limits, _POINTS)
    mean = result.value[label]
    errors = {
        "model": result.drawn.model_error[label],
        "total": result.raw_error[label],
        "corrected": result.error[label],
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"x": x, **{name: np.exp(-0.5 * ((x - mean) / error) ** 2) for name, error in errors.items()}}


def catalogue_columns(known: tuple[float, float] | None) -> dict[str, list[float]]:
    """The catalogue's value with its error, or nothing."""
    if known is None:
        return {"x": [], "low": [], "high": []}
    value, error = known
    error = error if np.isfinite(error) else 0.0
    return {"x": [value], "low": [value - error], "high": [value + error]}


def posterior_figure(theme: Theme, height: int = 175) -> PosteriorFigure:
    """An empty figure; `PosteriorFigure.show` fills it."""
    plot = new_figure(theme, name="posterior", height=height, x_range=fixed_range(0, 1), y_range=fixed_range(0, 1.12))
    plot.ygrid.visible = False
    plot.yaxis.axis_label = "Density (peak = 1)"
    plot.yaxis.major_label_text_font_size = "0px"
    plot.yaxis.major_tick_line_color = None
    plot.styles = {"height": f"var(--posterior-height, {height}px)", "flex": "none"}
    plot.min_border = 4
    made = PosteriorFigure(
        plot,
        ColumnDataSource({name: [] for name in ("left", "right", "top", "count", "span", "colour")}),
        ColumnDataSource({name: [] for name in ("x", "model", "total", "corrected")}),
        ColumnDataSource({"x": []}),
        ColumnDataSource({name: [] for name in ("x", "low", "high")}),
        ColumnDataSource({"low": [], "high": []}),
    )
    _draw(plot, theme, made)
    return made


def drawn_colours(theme: Theme) -> dict[str, str]:
    """The colour of each thing that `words` names."""
    return {
        "mean": theme.text,
        "interval": theme.context,
        "model": theme.model,
        "total": theme.total,
        "corrected": theme.corrected,
        "catalogue": theme.catalogue,
    }


def _draw(plot: figure, theme: Theme, made: PosteriorFigure) -> None:
    colours = drawn_colours(theme)
    band = VStrip(x0="low", x1="high", fill_color=colours["interval"], fill_alpha=0.25, line_color=None)
    plot.add_glyph(made.interval, band)
    style: dict[str, Any] = {"fill_color": "colour", "fill_alpha": 0.5, "line_color": "colour"}
    box = Quad(left="left", right="right", bottom=0, top="top", **style)
    bars = plot.add_glyph(made.histogram, box)
    for column in CURVES:
        dash = "dashed" if column == "corrected" else "solid"
        plot.add_glyph(made.curves, Line(x="x", y=column, line_color=colours[column], line_width=2, line_dash=dash))
    plot.add_glyph(made.marks, VSpan(x="x", line_color=colours["mean"], line_width=1.5))
    known = VSpan(x="x", line_color=colours["catalogue"], line_width=2, line_dash="dotted")
    plot.add_glyph(made.catalogue, known)
    spread = VStrip(x0="low", x1="high", fill_color=colours["catalogue"], fill_alpha=0.1, line_color=None)
    plot.add_glyph(made.catalogue, spread)
    tip = tooltip(("draws", "@count"), ("", "@span"))
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tip))


def _extent(result: Result, label: int, known: tuple[float, float] | None) -> Limits:
    """Three of the widest errors about the mean, every draw, and the catalogue's value."""
    draws, mean = result.drawn.draws[:, label], result.value[label]
    reach = 3 * np.nanmax([result.raw_error[label], result.error[label]])
    beside = [] if known is None or is_absurd(known[0]) else [known[0]]
    ends = [mean - reach, mean + reach, draws.min(), draws.max(), *beside]
    return float(np.nanmin(ends)), float(np.nanmax(ends))
