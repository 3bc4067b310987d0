"""The model card's figures, from numbers to pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inspector.science.labels import LABELS
from weights.validation.card_tables import AIMS, RESPONSE_LABELS, scatter
from weights.validation.coverage import CENTRAL, Answers, coverage

SYMBOLS = [label.symbol for label in LABELS]
BLUE, RED, GREY = "#1f6fb4", "#c8442d", "#888888"


def truth_figure(asked: Answers) -> Figure:
    """Answer against truth for every label."""
    figure = Figure(figsize=(11, 8.2), layout="constrained")
    for i, axes in enumerate(figure.subplots(4, 6).flat):
        if i >= len(LABELS):
            axes.set_axis_off()
            continue
        truth, value = asked.truth[:, i], asked.value[:, i]
        axes.plot(truth, value, ".", ms=2, alpha=0.5, color=BLUE)
        ends = [truth.min(), truth.max()]
        axes.plot(ends, ends, color=GREY, lw=0.8)
        axes.set_title(f"{SYMBOLS[i]}  rms {scatter(asked.miss)[i]:.3g}", fontsize=8)
        axes.tick_params(labelsize=6)
    figure.supxlabel("true label (K, dex)", fontsize=9)
    figure.supylabel("answer at S/N 100 (K, dex)", fontsize=9)
    return figure


def scatter_figure(at: dict[int, Answers], blind: NDArray[np.float64]) -> Figure:
    """Scatter over the spread of the labels, at each S/N, with the aims."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    x = np.arange(len(LABELS))
    for (snr, asked), shade in zip(at.items(), (0.35, 0.65, 1.0)):
        axes.bar(x + 0.27 * (shade > 0.5) + 0.27 * (shade > 0.8) - 0.27, scatter(asked.miss) / blind, 0.25,
                 color=BLUE, alpha=shade, label=f"S/N {snr}")  # fmt: skip
    aims = np.array([AIMS.get(label.name, np.nan) for label in LABELS]) / blind
    axes.plot(x, aims, "_", ms=18, mew=2, color=RED, label="aim at S/N 100")
    axes.set_xticks(x, SYMBOLS, rotation=60, fontsize=8)
    axes.set_ylabel("scatter / spread of the label", fontsize=9)
    axes.legend(fontsize=8, frameon=False)
    return figure


def coverage_figure(asked: Answers, corrected: NDArray[np.float64]) -> Figure:
    """Coverage of the central 68% before and after, label by label."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    x = np.arange(len(LABELS))
    axes.axhspan(66, 70, color="#dddddd")
    axes.axhline(100 * CENTRAL, color=GREY, lw=0.8)
    axes.plot(x, 100 * coverage(asked.miss, asked.total_error), "o", color=RED, mfc="none", label="raw errors")
    axes.plot(x, 100 * coverage(asked.miss, corrected), "o", color=BLUE, label="corrected errors")
    axes.set_xticks(x, SYMBOLS, rotation=60, fontsize=8)
    axes.set_ylabel("truth inside the central 68% (%)", fontsize=9)
    axes.legend(fontsize=8, frameon=False)
    return figure


def response_figure(names: Sequence[str], responses: Sequence[NDArray[np.float64]]) -> Figure:
    """The response matrices as maps."""
    figure = Figure(figsize=(13, 4.8), layout="constrained")
    symbols = [label.symbol.strip("[]").removesuffix("/H") for label in LABELS if label.name in RESPONSE_LABELS]
    ticks = np.arange(len(symbols))
    panels = figure.subplots(1, len(names))
    images = [axes.imshow(response, vmin=-1, vmax=1, cmap="RdBu_r") for axes, response in zip(panels, responses)]
    for axes, name in zip(panels, names):
        axes.set_xticks(ticks, symbols, rotation=90, fontsize=7)
        axes.set_yticks(ticks, symbols, fontsize=7)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("label that answers", fontsize=8)
    figure.axes[0].set_ylabel("abundance changed by 0.2 dex", fontsize=8)
    figure.colorbar(images[-1], ax=figure.axes, label="answer / change", shrink=0.8)
    return figure
