"""Raw and corrected errors of all labels side by side, and what the raw variance is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    FixedTicker,
    HBar,
    HoverTool,
    NumeralTickFormatter,
    Row,
    Scatter,
    Segment,
)
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure

from inspector.pipeline.result import Result
from inspector.science.labels import LABELS, TEFF
from inspector.science.number_format import ABSURD, percent, plain
from inspector.web.figures.axis_limits import Limits, fixed_range, settle
from inspector.web.figures.label_numbers import written
from inspector.web.figures.label_rows import ROW_Y, Y_RANGE
from inspector.web.figures.labels import FOOT, chosen_row, rows_height
from inspector.web.figures.theme import Theme, new_figure, tooltip

TEFF_UNIT = 1000.0
"""K: what stands for 1 dex, so that Teff shares the axis."""

TICKS = tuple(lead * 10.0**power for power in range(-4, 3) for lead in (1, 2, 5))
"""Of the axis of errors: as many as can be read without touching."""


@dataclass
class ErrorsFigure:
    """The figure and its data source."""

    layout: Any
    dumbbells: figure
    source: ColumnDataSource
    chosen: ColumnDataSource
    limits: Limits | None = None

    def show(self, result: Result) -> None:
        """Draw a result; the axis widens only if it must."""
        columns = error_columns(result)
        self.source.data = columns
        ends = np.concatenate([columns["raw"], columns["corrected"]])
        usable = ends[np.isfinite(ends) & (ends > 0)]
        if usable.size:
            logs = np.log10([usable.min(), usable.max()])
            self.limits = settle(self.limits, (float(logs[0]), float(logs[1])))
            start, end = (float(10**end) for end in self.limits)
            self.dumbbells.x_range.update(start=start, end=end)

    def clear(self) -> None:
        """Show the rows without numbers."""
        self.source.data = _nothing()

    def choose(self, label: int) -> None:
        """Mark a row."""
        self.chosen.data = {"y": [ROW_Y[label]]}

    def forget(self) -> None:
        """Let the axis settle anew."""
        self.limits = None


def error_columns(result: Result) -> dict[str, Any]:
    """One row per label; Teff in units of `TEFF_UNIT`.

    Returns
    -------
    dict
        ``raw`` and ``corrected`` errors (NaN where unknown, or not corrected), ``model`` and ``predictive`` shares of
        the raw variance, which add up to 1, and the same in words.
    """
    unit = np.ones(len(LABELS))
    unit[TEFF] = TEFF_UNIT
    model = result.drawn.model_share
    said = written(result)
    raw, corrected = (np.where(e < ABSURD, e, np.nan) / unit for e in (result.raw_error, result.error))
    return {
        "y": ROW_Y,
        "raw": raw,
        "corrected": corrected if result.noise_model.corrects else np.full(len(LABELS), np.nan),
        "model": model,
        "predictive": 1 - model,
        "symbol": [label.symbol for label in LABELS],
        "raw_text": [one.raw for one in said],
        "corrected_text": [one.corrected for one in said],
        "model_text": [percent(share) for share in model],
        "predictive_text": [percent(1 - share) for share in model],
    }


def legend_html(theme: Theme, corrected: bool) -> str:
    """What the marks and colours mean; `corrected`: whether errors are, and are drawn."""
    parts = [
        ("●", theme.total, "raw error"),
        *([("■", theme.corrected, "corrected error")] if corrected else []),
        ("▬", theme.model, "model share"),
        ("▬", theme.total, "predictive share"),
    ]
    return " &nbsp; ".join(f'<span style="color:{colour}">{mark}</span> {words}' for mark, colour, words in parts)


def errors_figure(theme: Theme, row_height: float = 15.0) -> ErrorsFigure:
    """An empty figure; `ErrorsFigure.show` fills it."""
    source, chosen = ColumnDataSource(_nothing()), ColumnDataSource({"y": []})
    y_range = fixed_range(*Y_RANGE)
    common: dict[str, Any] = {
        "height": rows_height(row_height),
        "sizing_mode": "fixed",
        "y_range": y_range,
        "x_axis_location": "above",
    }
    dumbbells = new_figure(theme, name="errors", width=290, x_range=fixed_range(0.01, 1), x_axis_type="log", **common)
    shares = new_figure(theme, name="variance-shares", width=150, x_range=fixed_range(0, 1), **common)
    for plot in (dumbbells, shares):
        plot.add_glyph(chosen, chosen_row(theme, left=1e-9))
        plot.ygrid.visible = False
        plot.min_border = 4
        plot.min_border_top = FOOT
        plot.xaxis.axis_label_standoff = 2
    _draw_dumbbells(dumbbells, theme, source)
    _draw_shares(shares, theme, source)
    return ErrorsFigure(Row(name="errors", children=[dumbbells, shares]), dumbbells, source, chosen)


def _draw_dumbbells(plot: figure, theme: Theme, source: ColumnDataSource) -> None:
    joint = Segment(x0="raw", y0="y", x1="corrected", y1="y", line_color=theme.context, line_width=2)
    plot.add_glyph(source, joint)
    raw = plot.add_glyph(source, Scatter(x="raw", y="y", size=7, fill_color=theme.total, line_color=None))
    square = Scatter(x="corrected", y="y", size=7, marker="square", fill_color=theme.corrected, line_color=None)
    corrected = plot.add_glyph(source, square)
    tips = tooltip(("", "@symbol"), ("raw", "@raw_text"), ("corrected", "@corrected_text"))
    plot.add_tools(HoverTool(renderers=[raw, corrected], tooltips=tips))
    plot.yaxis.ticker = FixedTicker(ticks=list(ROW_Y), minor_ticks=[])
    plot.yaxis.major_label_overrides = {float(y): label.symbol for y, label in zip(ROW_Y, LABELS)}
    plot.xaxis.ticker = FixedTicker(ticks=list(TICKS), minor_ticks=[])
    plot.xaxis.formatter = NumeralTickFormatter(format="0.[0000]")
    plot.xaxis.axis_label = f"error (dex; Teff in {plain(TEFF_UNIT, 'K')})"


def _draw_shares(plot: figure, theme: Theme, source: ColumnDataSource) -> None:
    style: dict[str, Any] = {"y": "y", "height": 0.75, "fill_alpha": 0.75, "line_color": None}
    bars: list[DataRenderer] = [
        plot.add_glyph(source, HBar(left=0, right="model", fill_color=theme.model, **style)),
        plot.add_glyph(source, HBar(left="model", right=1, fill_color=theme.total, **style)),
    ]
    tips = tooltip(("", "@symbol"), ("model", "@model_text"), ("predictive", "@predictive_text"))
    plot.add_tools(HoverTool(renderers=bars, tooltips=tips))
    plot.yaxis.visible = False
    plot.xaxis.axis_label = "share of raw variance"


def _nothing() -> dict[str, Any]:
    names = ("y", "raw", "corrected", "model", "predictive", "symbol", "raw_text", "corrected_text", "model_text",
             "predictive_text")  # fmt: skip
    return {name: [] for name in names}
