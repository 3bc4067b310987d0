"""The answer's panels of the picture on paper: all labels, the chosen one's posterior, flags in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from inspector.pipeline.result import Result
from inspector.science.flags import FlagCheck
from inspector.science.labels import LABELS, LOGG, TEFF
from inspector.science.number_format import is_absurd
from inspector.web.figures.colours import label_colour
from inspector.web.figures.label_numbers import written
from inspector.web.figures.label_rows import ROW_Y, Y_RANGE
from inspector.web.figures.labels import Catalogue
from inspector.web.figures.paper.paper_text import FAINT, TEXT, THEME, folded, write
from inspector.web.figures.posterior import CURVES, curve_columns, drawn_colours, histogram_columns
from inspector.web.figures.posterior_numbers import words

WAITING = "No draws yet."

_ABUNDANCES = tuple(i for i in range(len(LABELS)) if i not in (TEFF, LOGG))


def draw_labels(axes: Axes, result: Result | None, catalogue: Catalogue, chosen: int) -> None:
    """All 22 labels: as text, and the abundances on one axis with their errors."""
    axes.set_title("Labels", loc="left", size=9, weight="bold")
    _bare(axes)
    if result is None or result.posterior is None:
        _say(axes, WAITING if result is None else f"No labels: {result.reason}")
        return
    said = written(result)
    low, high = _extent(result, catalogue)
    plot = axes.inset_axes((0.42, 0.0, 0.58, 1.0))
    plot.set(xlim=(low, high), ylim=Y_RANGE, yticks=())
    plot.grid(axis="x", color=THEME.grid, lw=0.6)
    plot.set_axisbelow(True)
    plot.spines[["left", "right", "top"]].set_visible(False)
    plot.tick_params(labelsize=7)
    plot.set_xlabel("[X/H] (dex)", size=8, labelpad=1)
    axes.set_ylim(Y_RANGE)
    for i, label in enumerate(LABELS):
        style = {"size": 6.6, "va": "center", "weight": "bold" if i == chosen else "normal"}
        write(axes, 0.0, ROW_Y[i], label.symbol, transform=axes.get_yaxis_transform(), **style)
        write(axes, 0.4, ROW_Y[i], said[i].both, transform=axes.get_yaxis_transform(), ha="right", **style)
    _bars(plot, result, catalogue)


def draw_posterior(axes: Axes, result: Result | None, label: int, catalogue: Catalogue) -> None:
    """The draws of one label with what they say; every curve has its number in the legend."""
    axes.set_title(f"Posterior of {LABELS[label].symbol}", loc="left", size=9, weight="bold", parse_math=False)
    if result is None or result.posterior is None:
        _bare(axes)
        _say(axes, WAITING if result is None else "No posterior.")
        return
    low, high = _reach(result, label)
    bars, colours = histogram_columns(result, label), drawn_colours(THEME)
    axes.bar(bars["left"], bars["top"], bars["right"] - bars["left"], align="edge", alpha=0.5,
             color=label_colour(LABELS[label].element), label=f"{result.mc_num} draws")  # fmt: skip
    names = {what: (name, number) for what, name, number in words(result, label, catalogue)}
    curves = curve_columns(result, label, (low, high))
    for what in CURVES:
        if np.isfinite(curves[what]).any():
            style = "--" if what == "corrected" else "-"
            axes.plot(curves["x"], curves[what], style, color=colours[what], lw=1.4, label=": ".join(names[what]))
    axes.vlines(result.value[label], 0, 1.04, color=colours["mean"], lw=1.2, label=": ".join(names["mean"]))
    if "catalogue" in names:
        value = catalogue[LABELS[label].name][0]
        axes.vlines(value, 0, 1.04, color=colours["catalogue"], lw=1.6, ls=":", label=": ".join(names["catalogue"]))
    axes.set(xlim=(low, high), ylim=(0, 1.75), yticks=())
    axes.set_ylabel("Density, peak of 1")
    axes.set_xlabel(f"{LABELS[label].symbol} ({LABELS[label].unit})", size=8, labelpad=1)
    axes.tick_params(labelsize=7)
    axes.legend(loc="upper center", fontsize=6.5, frameon=False, borderaxespad=0.2, labelspacing=0.25)


def draw_flags(axes: Axes, result: Result | None) -> None:
    """Flags in words: which are set, the rule, and this star's numbers."""
    axes.set_title("Flags", loc="left", size=9, weight="bold")
    _bare(axes)
    if result is None:
        _say(axes, WAITING)
        return
    y = 1.0
    for text, style in _flag_lines(result):
        y -= 0.072 if style.get("weight") == "bold" else 0.05
        write(axes, 0.0, y, text, transform=axes.transAxes, va="center", **{"size": 7, "color": TEXT, **style})


def _flag_lines(result: Result) -> list[tuple[str, dict[str, Any]]]:
    """Lines from the top down, with how they are written."""
    report = result.flags
    lines: list[tuple[str, dict[str, Any]]] = []
    verdicts = (
        ("flag_warn", report.warn, report.warn_undecided),
        ("flag_bad", report.bad, report.bad_undecided),
    )
    lines += [_verdict(name, is_set, undecided, result.mc_num) for name, is_set, undecided in verdicts]
    for check in sorted(report.checks, key=lambda check: not check.is_set):
        lines += _one_flag(check, result.mc_num)
    said = " ".join(filter(None, (result.reason, result.remark)))
    return [*lines, ("", {}), *((line, {"color": THEME.attention}) for line in folded(said, 62, 4))]


def _verdict(name: str, is_set: bool, undecided: bool, mc_num: int) -> tuple[str, dict[str, Any]]:
    doubt = f" (undecided at {mc_num} draws)" if undecided else ""
    colour = THEME.attention if is_set else TEXT
    return f"{name}: {'set' if is_set else 'not set'}{doubt}", {"weight": "bold", "color": colour}


def _one_flag(check: FlagCheck, mc_num: int) -> list[tuple[str, dict[str, Any]]]:
    numbers = "; ".join(one.text for one in check.checks)
    rule = f"Set when {check.flag.rule}." + (f" Here {numbers}." if numbers else "")
    head = _verdict(check.flag.title, check.is_set, check.undecided, mc_num)
    return [head, *((line, {"color": FAINT}) for line in folded(rule, 62, 3))]


def _bars(plot: Axes, result: Result, catalogue: Catalogue) -> None:
    rows = [i for i in _ABUNDANCES if np.isfinite(result.value[i]) and not is_absurd(float(result.value[i]))]
    if rows:
        colours = [label_colour(LABELS[i].element) for i in rows]
        errors = result.shown_error[rows]
        plot.hlines(ROW_Y[rows], result.value[rows] - errors, result.value[rows] + errors, color=colours, lw=1.6)
        plot.scatter(result.value[rows], ROW_Y[rows], s=9, color=TEXT, zorder=3, label="value and 1σ error")
    known = [(i, catalogue[LABELS[i].name][0]) for i in _ABUNDANCES if LABELS[i].name in catalogue]
    if known:
        style: dict[str, Any] = {"marker": "D", "facecolor": "none", "edgecolor": THEME.catalogue, "lw": 1, "s": 16}
        plot.scatter([x for _, x in known], [ROW_Y[i] for i, _ in known], label="catalogue", zorder=4, **style)
    plot.legend(loc="lower right", bbox_to_anchor=(1, 0.99), ncols=2, frameon=False, fontsize=7, borderpad=0,
                borderaxespad=0, handletextpad=0.3)  # fmt: skip


def _extent(result: Result, catalogue: Catalogue) -> tuple[float, float]:
    """An axis for the abundances: their error bars and the catalogue, absurd ones left out."""
    known = [catalogue[LABELS[i].name][0] for i in _ABUNDANCES if LABELS[i].name in catalogue]
    ends = [result.value[i] + sign * result.shown_error[i] for i in _ABUNDANCES for sign in (-1, 1)]
    usable = [float(end) for end in (*ends, *known) if np.isfinite(end) and abs(end) < 20]
    low, high = min(usable, default=-1.0), max(usable, default=1.0)
    pad = 0.06 * (high - low) or 0.5
    return low - pad, high + pad


def _reach(result: Result, label: int) -> tuple[float, float]:
    """An axis for the posterior: three of the wider errors, and every draw."""
    mean = float(result.value[label])
    errors = [float(array[label]) for array in (result.raw_error, result.error) if np.isfinite(array[label])]
    reach = 3 * max(errors, default=1.0)
    draws = result.drawn.draws[:, label]
    return min(mean - reach, float(draws.min())), max(mean + reach, float(draws.max()))


def _bare(axes: Axes) -> None:
    axes.set(xticks=(), yticks=())
    axes.spines[:].set_visible(False)


def _say(axes: Axes, text: str) -> None:
    for i, line in enumerate(folded(text, 60, 5)):
        write(axes, 0.0, 0.9 - 0.07 * i, line, transform=axes.transAxes, size=8, color=FAINT)
