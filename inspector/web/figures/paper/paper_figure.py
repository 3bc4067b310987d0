"""Star, spectrum and answer on one page, for a talk or a paper: drawn by matplotlib, on paper's white.

Every pixel in view is drawn; nothing is thinned. Text from files is written as it is, never as mathematics. Only this
module and its two neighbours import matplotlib, and only once a picture is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from inspector.web.figures.paper.answer_panels import draw_flags, draw_labels, draw_posterior
from inspector.web.figures.paper.caption import Summary, caption, star_facts, title
from inspector.web.figures.paper.paper_text import PAPER, TEXT, write
from inspector.web.figures.paper.spectrum_panels import draw_flux, draw_mask, draw_normalized

WIDTH, HEIGHT = 13.334, 8.4
"""Inches."""

LEFT, RIGHT = 0.065, 0.985
"""Margins, as shares of the width."""

DPI = 240
"""3200 pixels wide: 1600 at twice the density."""

KINDS: Mapping[str, str] = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
"""What it is written as, and the type a browser gives it."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # words stay words: found, copied, edited
    "svg.hashsalt": "inspector",
    "pdf.fonttype": 42,
    "path.simplify": False,  # every extreme stays
    "text.usetex": False,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "axes.edgecolor": "#9aa3ad",
    "axes.linewidth": 0.7,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


def summary_picture(summary: Summary, kind: str) -> bytes:
    """Draw it and return the file's content; `kind` is a key of `KINDS`.

    Settings of matplotlib are changed while it draws: call it from one thread at a time.
    """
    with mpl.rc_context(_STYLE):
        figure = summary_figure(summary)
        buffer = io.BytesIO()
        dated = {} if kind == "png" else {"Date" if kind == "svg" else "CreationDate": None}
        figure.savefig(buffer, format=kind, dpi=DPI, metadata=dated)
    return buffer.getvalue()


def summary_figure(summary: Summary) -> Figure:
    """The figure itself, in matplotlib's own terms."""
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI)
    FigureCanvasAgg(figure)
    _draw_spectrum(figure, summary)
    _draw_answer(figure, summary)
    write(figure, LEFT, 0.972, title(summary), size=13, weight="bold", va="center")
    write(figure, LEFT, 0.944, star_facts(summary), size=8.5, va="center")
    for i, line in enumerate(reversed(caption(summary))):
        write(figure, LEFT, 0.014 + 0.02 * i, line, size=7, color="#4a5159", va="bottom")
    return figure


def _draw_spectrum(figure: Figure, summary: Summary) -> None:
    grid = figure.add_gridspec(3, 1, left=LEFT, right=RIGHT, top=0.895, bottom=0.475, height_ratios=(3.2, 5, 0.75),
                               hspace=0.08)  # fmt: skip
    flux = figure.add_subplot(grid[0])
    flat, mask = (figure.add_subplot(grid[i], sharex=flux) for i in (1, 2))
    seen = summary.spectrum, summary.normalized
    draw_flux(flux, *seen, summary.view)
    draw_normalized(flat, *seen, summary.view, summary.elements, summary.model)
    draw_mask(mask, summary.spectrum, summary.view)
    figure.align_ylabels([flux, flat])
    drawn = {text: handle for axes in (flux, flat) for handle, text in zip(*axes.get_legend_handles_labels())}
    figure.legend([*drawn.values()][:12], [*drawn][:12], loc="upper right", bbox_to_anchor=(RIGHT, 0.928), ncols=12,
                  frameon=False, fontsize=7, borderpad=0, borderaxespad=0.3, handlelength=1.4,
                  columnspacing=1.2)  # fmt: skip


def _draw_answer(figure: Figure, summary: Summary) -> None:
    grid = figure.add_gridspec(1, 3, left=LEFT, right=RIGHT, top=0.378, bottom=0.125, wspace=0.13,
                               width_ratios=(1.15, 1, 0.95))  # fmt: skip
    left, middle, right = (figure.add_subplot(grid[i]) for i in range(3))
    catalogue = summary.star.info.catalogue
    draw_labels(left, summary.result, catalogue, summary.label)
    draw_posterior(middle, summary.result, summary.label, catalogue)
    draw_flags(right, summary.result)
