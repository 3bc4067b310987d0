"""All 22 labels at a glance: the draws as hills, value and error as dot and line, and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HBar, HoverTool, Range1d, Rect, Row, Scatter, Segment, Text
from bokeh.models.glyphs import Patches
from bokeh.plotting import figure

from inspector.pipeline.result import Result
from inspector.science.labels import LABELS, LOGG, TEFF
from inspector.science.number_format import fixed, is_absurd, value_error
from inspector.web.figures.axis_limits import Limits, fixed_range, hill, settle
from inspector.web.figures.colours import label_colour
from inspector.web.figures.empty_figure import blank
from inspector.web.figures.label_numbers import drawable
from inspector.web.figures.label_rows import ROW_Y, Y_RANGE
from inspector.web.figures.theme import Theme, new_figure, text_style, tooltip

Catalogue = Mapping[str, tuple[float, float]]

SCALES: Mapping[str, tuple[int, ...]] = {
    "default": tuple(i for i in range(len(LABELS)) if i not in (TEFF, LOGG)),
    "teff": (TEFF,),
    "logg": (LOGG,),
}
"""x ranges by name, and the labels on each: abundances share one."""

HILL = 0.85
"""Height of a hill, in rows."""

NEARLY_ALL = (0.005, 0.995)
"""Quantiles of the draws between which the axes reach."""

WIDTH_OF_TEXT = 172

FOOT = 32
"""Height of the axis under the rows, px."""

LEAST_ROW = 13.0
"""Height of a row, px, at which the rows' words do not touch."""


@dataclass
class LabelsFigure:
    """The figure and its data sources."""

    layout: Any
    plots: tuple[figure, figure]
    hills: Mapping[str, ColumnDataSource]
    values: Mapping[str, ColumnDataSource]
    text: ColumnDataSource
    chosen: ColumnDataSource
    ranges: Mapping[str, Range1d]
    limits: dict[str, Limits] = field(default_factory=dict)

    def show(self, result: Result, catalogue: Catalogue) -> None:
        """Draw a result; axes widen only if they must."""
        for scale, labels in SCALES.items():
            self.hills[scale].data = hill_columns(result, labels)
            columns = value_columns(result, labels, catalogue)
            self.values[scale].data = columns
            self.limits[scale] = settle(self.limits.get(scale), _extent(result, labels, columns))
            start, end = self.limits[scale]
            self.ranges[scale].update(start=start, end=end)
        self.text.data = text_columns(result, self.limits)

    def clear(self) -> None:
        """Show the rows without numbers."""
        blank(*self.hills.values(), *self.values.values())
        self.text.data = text_columns(None, self.limits)

    def choose(self, label: int) -> None:
        """Mark a row."""
        self.chosen.data = {"y": [ROW_Y[label]]}

    def forget(self) -> None:
        """Let the axes settle anew on what comes next."""
        self.limits.clear()


def hill_columns(result: Result, labels: tuple[int, ...]) -> dict[str, list[Any]]:
    """Outlines of the draws of some labels, standing on their rows: ``xs``, ``ys``, ``colour``."""
    if result.posterior is None:
        return {"xs": [], "ys": [], "colour": []}
    drawn = [i for i in labels if drawable(result)[i]]
    hills = [hill(result.posterior.draws[:, i]) for i in drawn]
    return {
        "xs": [x for x, _ in hills],
        "ys": [ROW_Y[i] - 0.4 + HILL * height for i, (_, height) in zip(drawn, hills)],
        "colour": [label_colour(LABELS[i].element) for i in drawn],
    }


def value_columns(result: Result, labels: tuple[int, ...], catalogue: Catalogue) -> dict[str, Any]:
    """Values of some labels with their error bars, and the catalogue's values (NaN where it has none)."""
    error = result.shown_error
    value = np.where(drawable(result), result.value, np.nan)
    rows = list(labels)
    known = [catalogue.get(LABELS[i].name) for i in labels]
    return {
        "y": ROW_Y[rows] - 0.12,
        "value": value[rows],
        "low": (value - error)[rows],
        "high": (value + error)[rows],
        "catalogue": [np.nan if pair is None or is_absurd(pair[0]) else pair[0] for pair in known],
        "catalogue_text": [
            "—" if pair is None else value_error(*pair, LABELS[i].unit) for i, pair in zip(labels, known)
        ],
        "symbol": [LABELS[i].symbol for i in labels],
        "written": [value_error(result.value[i], error[i], LABELS[i].unit) for i in labels],
    }


def text_columns(result: Result | None, limits: Mapping[str, Limits]) -> dict[str, Any]:
    """Symbol and written value of every row, and the ends of the scale of those that have their own."""
    rows = range(len(LABELS))
    drawn = np.ones(len(LABELS), dtype=bool) if result is None else drawable(result)
    return {
        "y": ROW_Y,
        "symbol": [label.symbol for label in LABELS],
        "written": ["" if result is None else _written(result, i) for i in rows],
        "from": [_end(i, 0, limits) if drawn[i] else "" for i in rows],
        "to": [_end(i, 1, limits) if drawn[i] else "" for i in rows],
        "colour": [label_colour(label.element) for label in LABELS],
    }


def labels_figure(theme: Theme) -> LabelsFigure:
    """An empty figure of all labels, as high as its place; `LabelsFigure.show` fills it."""
    y_range = fixed_range(*Y_RANGE)
    text, chosen = ColumnDataSource(text_columns(None, {})), ColumnDataSource({"y": []})
    height = rows_height(LEAST_ROW)
    place = {"width": WIDTH_OF_TEXT, "sizing_mode": "stretch_height", "x_range": fixed_range(0, 1)}
    words = new_figure(theme, name="label-values", y_range=y_range, min_height=height, **place)
    ranges = {"default": fixed_range(-1, 1), "teff": fixed_range(0, 1), "logg": fixed_range(0, 1)}
    plot = new_figure(
        theme, name="labels", x_range=ranges["default"], y_range=y_range, sizing_mode="stretch_both", min_height=height
    )
    plot.extra_x_ranges = {scale: ranges[scale] for scale in ("teff", "logg")}
    for part in (words, plot):
        part.add_glyph(chosen, chosen_row(theme))
        part.yaxis.visible = False
        part.ygrid.visible = False
        part.outline_line_color = None
        part.min_border = 0
        part.min_border_bottom = FOOT
    _write(words, theme, text)
    hills, values = _draw(plot, theme)
    _write_scales(plot, theme, text)
    beside = Row(name="labels", children=[words, plot], sizing_mode="stretch_both", min_height=height)
    return LabelsFigure(beside, (words, plot), hills, values, text, chosen, ranges)


def rows_height(row: float) -> int:
    """Height of a figure whose rows have that height, px."""
    return round((Y_RANGE[1] - Y_RANGE[0]) * row) + FOOT


def chosen_row(theme: Theme, left: float = -1e9) -> HBar:
    """A tint behind the chosen row."""
    return HBar(y="y", height=1, left=left, right=1e9, fill_color=theme.chosen, fill_alpha=0.14, line_color=None)


def _write(words: figure, theme: Theme, text: ColumnDataSource) -> None:
    words.xaxis.visible = words.xgrid.visible = False
    words.add_glyph(text, Rect(x=0.03, y="y", width=0.035, height=0.72, fill_color="colour", line_color=None))
    style = text_style(theme, text_baseline="middle")
    words.add_glyph(text, Text(x=0.075, y="y", text="symbol", **style))
    words.add_glyph(text, Text(x=0.98, y="y", text="written", text_align="right", **style))


def _write_scales(plot: figure, theme: Theme, text: ColumnDataSource) -> None:
    """The ends of the scales of Teff and log g, in their rows."""
    plot.extra_x_ranges["frame"] = fixed_range(0, 1)
    style = text_style(theme, text_font_size="9px", text_color=theme.faint, text_baseline="middle")
    for x, column, align in ((0.005, "from", "left"), (0.995, "to", "right")):
        plot.add_glyph(text, Text(x=x, y="y", text=column, text_align=align, **style), x_range_name="frame")


def _draw(plot: figure, theme: Theme) -> tuple[dict[str, ColumnDataSource], dict[str, ColumnDataSource]]:
    hills, values = {}, {}
    tip = tooltip(("@symbol", "@written"), ("catalogue", "@catalogue_text"))
    for scale in SCALES:
        hills[scale] = ColumnDataSource({"xs": [], "ys": [], "colour": []})
        names = ("y", "value", "low", "high", "catalogue", "catalogue_text", "symbol", "written")
        values[scale] = source = ColumnDataSource({name: [] for name in names})
        outline = Patches(xs="xs", ys="ys", fill_color="colour", fill_alpha=0.45, line_color="colour", line_width=0.8)
        plot.add_glyph(hills[scale], outline, x_range_name=scale)
        line = Segment(x0="low", y0="y", x1="high", y1="y", line_color=theme.text)
        bar = plot.add_glyph(source, line, x_range_name=scale)
        mean = Scatter(x="value", y="y", size=4, fill_color=theme.text, line_color=None)
        dot = plot.add_glyph(source, mean, x_range_name=scale)
        known = Scatter(x="catalogue", y="y", marker="diamond", size=8, fill_color=None, line_color=theme.catalogue,
                        line_width=1.5)  # fmt: skip
        plot.add_glyph(source, known, x_range_name=scale)
        plot.add_tools(HoverTool(renderers=[dot, bar], tooltips=tip))
    plot.xaxis.axis_label = "[X/H] (dex)"
    plot.xaxis.axis_label_standoff = 2
    return hills, values


def _written(result: Result, i: int) -> str:
    unit = LABELS[i].unit if i == TEFF else ""
    return value_error(result.value[i], float(result.shown_error[i]), unit)


def _end(i: int, end: int, limits: Mapping[str, Limits]) -> str:
    """Where the scale of a label with one of its own begins (0) or ends (1)."""
    scale = {TEFF: "teff", LOGG: "logg"}.get(i)
    if scale is None or scale not in limits:
        return ""
    return fixed(limits[scale][end], 0 if scale == "teff" else 1)


def _extent(result: Result, labels: tuple[int, ...], columns: Mapping[str, Any]) -> Limits:
    """From the lowest to the highest of error bars, catalogue values and nearly all draws."""
    ends = [*columns["low"], *columns["high"], *columns["catalogue"]]
    if result.posterior is not None:
        drawn = [i for i in labels if drawable(result)[i]]
        ends += np.quantile(result.posterior.draws[:, drawn], NEARLY_ALL, axis=0).ravel().tolist()
    finite = [end for end in ends if np.isfinite(end)]
    return (float(min(finite)), float(max(finite))) if finite else (-1.0, 1.0)
