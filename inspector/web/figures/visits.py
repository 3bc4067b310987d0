"""The chosen label visit by visit, beside the coadd: is one the odd one out?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import BasicTickFormatter, ColumnDataSource, HoverTool, HSpan, HStrip, Scatter, Segment, TapTool
from bokeh.plotting import figure

from inspector.pipeline.result import Result
from inspector.pipeline.visit_comparison import compare_visits
from inspector.science.labels import LABELS
from inspector.science.number_format import plain, value_error
from inspector.science.spectrum import Spectrum
from inspector.science.star import Star
from inspector.science.visits import ODD, Pull, farthest
from inspector.web.figures.axis_limits import PADDING, fixed_range
from inspector.web.figures.empty_figure import blank
from inspector.web.figures.theme import Theme, new_figure, tooltip

AXES: Mapping[str, str] = {"mjd": "MJD (days)", "snr": "S/N per pixel"}
"""What the visits can stand against: its key, and its name on the axis."""

COLUMNS = ("x", "value", "low", "high", "name", "written", "pull_text", "colour", "size")


@dataclass
class VisitsFigure:
    """The figure and its data sources."""

    theme: Theme
    layout: figure
    visits: ColumnDataSource
    coadd: ColumnDataSource

    def clear(self) -> None:
        """Show the axes alone."""
        blank(self.visits, self.coadd)

    def show(self, star: Star, results: Mapping[str, Result], label: int, axis: str, inspected: str) -> None:
        """Draw one label of every visit that has a result."""
        columns = visit_columns(star, results, label, axis, inspected, self.theme)
        self.visits.data = columns
        band = coadd_band(star, results, label)
        self.coadd.data = {name: [end] for name, end in zip(("value", "low", "high"), band)}
        for side, ends in (
            (self.layout.x_range, np.asarray(columns["x"])),
            (self.layout.y_range, np.array([*columns["low"], *columns["high"], *band[1:]])),
        ):
            low, high = _around(ends)
            side.update(start=low, end=high)
        self.layout.xaxis.axis_label = AXES[axis]
        self.layout.yaxis.axis_label = f"{LABELS[label].symbol} ({LABELS[label].unit})"


def visit_columns(
    star: Star, results: Mapping[str, Result], label: int, axis: str, inspected: str, theme: Theme
) -> dict[str, Any]:
    """One row per visit with a result and a place on the axis; what stands apart is red, the inspected one coloured."""
    visits = [v for v in star.visits if _usable(results.get(v.name), label) and _place(v, axis) is not None]
    pulls = pulls_of(star, results, label)
    rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for visit in visits:
        result = results[visit.name]
        value, error = float(result.value[label]), float(result.shown_error[label])
        pull = pulls.get(visit.name)
        row = (
            _place(visit, axis),
            value,
            value - error,
            value + error,
            visit.name,
            value_error(value, error, LABELS[label].unit),
            "" if pull is None else pull_text(pull.pull, pull.mc_error),
            _colour(theme, pull, visit.name == inspected),
            10 if visit.name == inspected else 7,
        )
        for name, cell in zip(COLUMNS, row):
            rows[name].append(cell)
    return rows


def _colour(theme: Theme, pull: Pull | None, inspected: bool) -> str:
    if pull is not None and pull.verdict == "odd":
        return theme.attention
    return theme.chosen if inspected else theme.context


def pulls_of(star: Star, results: Mapping[str, Result], label: int) -> dict[str, Pull]:
    """How far each visit with a result stands from all the others."""
    return compare_visits({v.name: results[v.name] for v in star.visits if v.name in results}, label)


def odd_one_out(star: Star, results: Mapping[str, Result], label: int) -> str:
    """A sentence: which visit stands apart, or that they agree, or that so many draws do not tell."""
    symbol, pulls = LABELS[label].symbol, pulls_of(star, results, label)
    if not pulls:
        return f"Three visits with a {symbol} are needed to say which one is odd."
    name = farthest(pulls)
    pull = pull_text(abs(pulls[name].pull), pulls[name].mc_error)
    if pulls[name].verdict == "odd":
        return f"{name} stands {pull} from the other visits: look at its spectrum."
    if pulls[name].verdict == "open":
        return f"{name} stands {pull} from the others: too near {plain(ODD, 'σ')} to say whether it is odd. Draw more."
    return f"The visits agree in {symbol}: the farthest, {name}, stands {pull} from the others."


def pull_text(pull: float, mc_error: float) -> str:
    """``3.2 ± 0.4 σ``: how far, and how well the draws know it."""
    return value_error(pull, mc_error if np.isfinite(mc_error) else np.nan, "σ", digits=1)


def draws_text(star: Star, results: Mapping[str, Result]) -> str:
    """How many draws stand behind what is shown: ``100 draws each``."""
    shown = [result for v in star.visits if (result := results.get(v.name)) is not None]
    least, most = min((r.mc_num for r in shown), default=0), max((r.mc_num for r in shown), default=0)
    draws = f"{most} draws each" if least == most else f"{least} to {most} draws each"
    missing = len(star.visits) - len(shown)
    return draws + (f" · {missing} of {len(star.visits)} visits still to come" if missing else "")


def coadd_band(star: Star, results: Mapping[str, Result], label: int) -> tuple[float, float, float]:
    """Value of the coadd and its error band; NaN where it has no result."""
    result = results.get(star.coadd.name)
    if result is None or not _usable(result, label):
        return np.nan, np.nan, np.nan
    value, error = float(result.value[label]), float(result.shown_error[label])
    return value, value - error, value + error


def visits_figure(theme: Theme, height: int = 260) -> VisitsFigure:
    """An empty figure; `VisitsFigure.show` fills it."""
    plot = new_figure(theme, name="visits", height=height, x_range=fixed_range(0, 1), y_range=fixed_range(0, 1))
    plot.styles = {"height": f"var(--visits-height, {height}px)", "flex": "none"}
    visits = ColumnDataSource({name: [] for name in COLUMNS})
    coadd = ColumnDataSource({name: [] for name in ("value", "low", "high")})
    plot.add_glyph(coadd, HStrip(y0="low", y1="high", fill_color=theme.model, fill_alpha=0.15, line_color=None))
    plot.add_glyph(coadd, HSpan(y="value", line_color=theme.model, line_width=1.5))
    plot.add_glyph(visits, Segment(x0="x", y0="low", x1="x", y1="high", line_color="colour", line_width=1.5))
    dot = Scatter(x="x", y="value", size="size", fill_color="colour", line_color=None)
    dots = plot.add_glyph(visits, dot, nonselection_glyph=dot)
    plot.add_tools(TapTool(renderers=[dots]))
    tips = tooltip(("", "@name"), ("value", "@written"), ("from the others", "@pull_text"))
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
    plot.xaxis.formatter = BasicTickFormatter(use_scientific=False)
    return VisitsFigure(theme, plot, visits, coadd)


def _place(visit: Spectrum, axis: str) -> float | None:
    place = visit.snr if axis == "snr" else visit.observation.mjd
    return None if place is None or not np.isfinite(place) else float(place)


def _usable(result: Result | None, label: int) -> bool:
    return result is not None and bool(np.isfinite(result.value[label]))


def _around(ends: np.ndarray) -> tuple[float, float]:
    """Limits with some air about the finite ends."""
    finite = ends[np.isfinite(ends)]
    if not finite.size:
        return 0.0, 1.0
    pad = PADDING * float(np.ptp(finite)) or max(abs(float(finite[0])) * 0.01, 0.5)
    return float(finite.min() - pad), float(finite.max() + pad)
