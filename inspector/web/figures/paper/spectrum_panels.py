"""The spectrum's panels of the picture on paper: flux, normalised flux with the chosen windows, masked pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import AutoMinorLocator
from numpy.typing import NDArray

from inspector.science.spectrum import NormalizedSpectrum, Spectrum
from inspector.web.figures.flux_range import y_limits
from inspector.web.figures.masks import FLAGGED, REPLACED, mask_columns
from inspector.web.figures.paper.paper_text import FAINT, THEME, writable, write
from inspector.web.figures.spectrum_data import MODEL, Columns, detail_columns
from inspector.web.figures.windows import strip_columns

View = tuple[float, float]

_LINE = 0.55
_MOST_NAMES = 45
"""Window names that find room beside each other."""


def draw_flux(axes: Axes, spectrum: Spectrum, normalized: NormalizedSpectrum | None, view: View) -> None:
    """Flux as in the file, with its error, the fitted continuum, a model and what was replaced."""
    columns = _in_view(detail_columns(spectrum, normalized), view)
    x = columns["wavelength"]
    axes.plot(x, columns["flux"], color=THEME.chosen, lw=_LINE, label=writable(f"flux, {spectrum.name}"))
    axes.fill_between(x, columns["low"], columns["high"], color=THEME.chosen, alpha=0.25, lw=0, label="1σ error")
    if normalized is not None:
        axes.plot(x, columns["continuum"], color=THEME.total, lw=1.2, label="fitted continuum")
    _model(axes, columns, "model")
    _finish(axes, columns, "flux", view)
    _dots(axes, columns, "flux", view, labelled=True)
    axes.set_ylabel("Flux" if spectrum.processing.normalized_by else "Flux\n(10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹)", size=7.5)


def draw_normalized(
    axes: Axes,
    spectrum: Spectrum,
    normalized: NormalizedSpectrum | None,
    view: View,
    elements: Sequence[str],
    model: NDArray[np.float64] | None,
) -> None:
    """Flux over continuum, as the network sees it, over the windows of the chosen elements."""
    columns = _in_view(detail_columns(spectrum, normalized, model), view)
    if normalized is None:
        _nothing(axes, "This spectrum cannot be normalised.")
        return
    x = columns["wavelength"]
    axes.axhline(1, color=THEME.grid, lw=0.8, zorder=0)
    low, high = columns["normalized_low"], columns["normalized_high"]
    axes.fill_between(x, low, high, color=THEME.chosen, alpha=0.25, lw=0)
    axes.plot(x, columns["normalized"], color=THEME.chosen, lw=_LINE)
    _model(axes, columns, "normalized_model")
    _finish(axes, columns, "normalized", view)
    _dots(axes, columns, "normalized", view)
    _windows(axes, elements, view)
    axes.set_ylabel("Flux / continuum")


def draw_mask(axes: Axes, spectrum: Spectrum, view: View) -> None:
    """Masked pixels in two lanes."""
    runs = mask_columns(spectrum)
    for lane, y, colour in ((REPLACED, 1, THEME.attention), (FLAGGED, 0, THEME.context)):
        rows = runs["lane"] == lane
        left, right = runs["left"][rows], runs["right"][rows]
        axes.broken_barh(list(zip(left, right - left, strict=True)), (y + 0.12, 0.76), color=colour, lw=0.3)
    axes.set(ylim=(0, 2), yticks=(0.5, 1.5), yticklabels=(FLAGGED, REPLACED), xlim=view)
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.tick_params(axis="x", labelsize=8)
    axes.ticklabel_format(axis="x", style="plain", useOffset=False)
    axes.xaxis.set_minor_locator(AutoMinorLocator())
    axes.set_xlabel("Vacuum wavelength in the star's rest frame (Å)")


def _model(axes: Axes, columns: Columns, column: str) -> None:
    if np.isfinite(columns[column]).any():
        axes.plot(columns["wavelength"], columns[column], color=THEME.catalogue, lw=_LINE, label=MODEL)


def _in_view(columns: Columns, view: View) -> Columns:
    """The pixels in view and one more at either end, where a curve leaves the frame."""
    first, last = np.searchsorted(columns["wavelength"], view)
    return {name: column[max(first - 1, 0) : last + 1] for name, column in columns.items()}


def _dots(axes: Axes, columns: Columns, column: str, view: View, labelled: bool = False) -> None:
    """What astroNN replaced; those beyond the axis are counted, and point that way at its edge."""
    inside = (columns["wavelength"] >= view[0]) & (columns["wavelength"] <= view[1])
    rows = (columns["replaced"] == 1) & inside & np.isfinite(columns[column])
    if not rows.any():
        return
    x, values, (low, high) = columns["wavelength"][rows], columns[column][rows], axes.get_ylim()
    style: dict[str, Any] = {"color": THEME.attention, "lw": 0, "zorder": 3}
    edge = axes.get_xaxis_transform()
    for marker, far, y in (("^", values > high, 0.965), ("v", values < low, 0.035)):
        axes.scatter(x[far], np.full(far.sum(), y), s=9, marker=marker, transform=edge, **style)
    near = (values >= low) & (values <= high)
    beyond = f", {(~near).sum()} of them beyond the axis (▲▼)" if not near.all() else ""
    label = f"{len(x)} pixels replaced by 1{beyond}" if labelled else None
    axes.scatter(x[near], values[near], s=6, label=label, **style)


def _windows(axes: Axes, elements: Sequence[str], view: View) -> None:
    strips = strip_columns(elements)
    seen = np.flatnonzero((strips["right"] >= view[0]) & (strips["left"] <= view[1]))
    named: set[str] = set()
    foot = axes.get_xaxis_transform()
    for i in seen.tolist():
        name, colour = str(strips["name"][i]) or "several elements", str(strips["colour"][i])
        strip = axes.axvspan(strips["left"][i], strips["right"][i], color=colour, alpha=0.3, lw=0.4, zorder=0)
        strip.set_label("" if name in named else f"windows of {name}")
        named.add(name)
    for i in [i for i in seen.tolist() if strips["widest_view"][i] >= view[1] - view[0]][:_MOST_NAMES]:
        if view[0] <= strips["middle"][i] <= view[1]:
            write(axes, strips["middle"][i], 0.02, str(strips["name"][i]), transform=foot, ha="center", size=6.5)


def _finish(axes: Axes, columns: Columns, column: str, view: View) -> None:
    axes.set(xlim=view, ylim=_limits(columns, column, view))
    axes.tick_params(axis="x", labelbottom=False)
    axes.tick_params(axis="y", labelsize=7.5)
    axes.xaxis.set_minor_locator(AutoMinorLocator())
    axes.yaxis.set_minor_locator(AutoMinorLocator())
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)


def _limits(columns: Columns, column: str, view: View) -> View:
    """As on screen, and down to the deepest line: on paper nobody can pan."""
    limits = y_limits([columns], column, view)
    if limits is None:
        return 0, 1
    low, high = limits
    x, values = columns["wavelength"], columns[column]
    good = values[(columns["good"] == 1) & (x >= view[0]) & (x <= view[1]) & np.isfinite(values)]
    near = good[np.abs(good - (low + high) / 2) < 1.5 * (high - low)]  # absurd values stay outside
    pad = 0.02 * (high - low)
    return min(low, float(near.min(initial=low)) - pad), max(high, float(near.max(initial=high)) + pad)


def _nothing(axes: Axes, why: str) -> None:
    axes.set(yticks=())
    axes.tick_params(axis="x", labelbottom=False)
    write(axes, 0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color=FAINT)
