"""The y range of a spectrum: from its finite, good, in-view pixels, 1 to 99%, then padding.

Where one looks closely, replaced pixels count too, so that a fully masked window shows what was replaced.
`y_limits` is what the server sets when a star comes on screen; ``follow_view.js`` does the same in the browser while
one pans and zooms, so that it needs no answer from a busy server. Both take their numbers from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from bokeh.models import CustomJS
from bokeh.models.annotations import Label
from bokeh.plotting import figure
from numpy.typing import NDArray

from inspector.web.figures.javascript import script

CURVE = "curve"
"""Name of the renderers that count."""

TAIL = 0.01
"""Share of pixels left out at either end."""

PADDING = 0.12
"""Of the range, added at either end."""

NEAR: Mapping[str, float] = {"flux": 400, "normalized": 1e9}
"""Pixels in view up to which replaced ones count; those of the normalised flux, which are all 1, always do."""

REACH = 8.0
"""Ranges of the good pixels that a replaced one may lie away and still be shown; farther, it is marked at the edge."""

SPAN = (-1.0, 3.0)
"""Levels between which a replaced pixel is shown in any case; the level is the median good pixel."""

ABSURD = 9.0
"""Levels from the level that even a good pixel may lie away; one farther out has no say, and the plot says so."""

SMALLEST = 0.02
"""A range is never narrower than this share of its middle: a line of constant flux is not noise."""


def y_limits(
    curves: Iterable[Mapping[str, NDArray[Any]]], column: str, view: tuple[float, float]
) -> tuple[float, float] | None:
    """Limits that show the good pixels of all curves in view, or what there is without any; None for nothing at all.

    Parameters
    ----------
    curves : iterable of mapping
        As `curve_columns` gives them.
    column : str
        ``flux`` or ``normalized``.
    view : (float, float)
        Wavelengths, Å.
    """
    shown = list(curves)
    good = _joined(_in_view(curve, column, view, "good") for curve in shown)
    replaced = _joined(_in_view(curve, column, view, "replaced") for curve in shown if _close(curve, column, view))
    everything = _joined(_in_view(curve, column, view) for curve in shown)
    level = _quantile(np.abs(_first_of(good, replaced, everything)), 0.5)
    values = _first_of(good[np.abs(good - level) <= ABSURD * level], replaced, everything)
    if not values.size:
        return None
    low, high = (_quantile(values, share) for share in (TAIL, 1 - TAIL))
    far = REACH * max(high - low, abs(low + high) / 2 * SMALLEST)
    floor, ceiling = min(low - far, SPAN[0] * level), max(high + far, SPAN[1] * level)
    near = replaced[(replaced >= floor) & (replaced <= ceiling)].tolist()
    low, high = min(low, *near, low), max(high, *near, high)
    pad = max((high - low) * PADDING, abs(low + high) / 2 * SMALLEST)
    return low - pad, high + pad


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """As ``follow_view.js`` takes it: one of the values; NaN where there is none."""
    ordered = np.sort(values)
    return float(ordered[int(share * (len(ordered) - 1) + 0.5)]) if len(ordered) else float("nan")


def follow_view(plot: figure, column: str, note: Label) -> None:
    """Let a figure's y range follow what its visible curves show of `column`, in the browser.

    Curves are the renderers tagged `CURVE`; one added later counts too.
    """
    settings = {
        "tail": TAIL,
        "padding": PADDING,
        "smallest": SMALLEST,
        "reach": REACH,
        "absurd": ABSURD,
        "span": list(SPAN),
    }
    what = "flux" if column == "flux" else "normalised flux"
    args = {"plot": plot, "tag": CURVE, "column": column, "near": NEAR[column], "settings": settings, "what": what}
    callback = CustomJS(args={**args, "note": note}, code=script("shared", "follow_view"))
    for end in ("start", "end"):
        plot.x_range.js_on_change(end, callback)


def _first_of(*parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first that has any values."""
    return next((part for part in parts if part.size), parts[-1])


def _joined(parts: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *parts])


def _rows(curve: Mapping[str, NDArray[Any]], view: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((curve["wavelength"] >= view[0]) & (curve["wavelength"] <= view[1]))


def _close(curve: Mapping[str, NDArray[Any]], column: str, view: tuple[float, float]) -> bool:
    """Whether so few pixels are in view that replaced ones count; only the inspected spectrum tells which they are."""
    return "replaced" in curve and int(_rows(curve, view).sum()) <= NEAR[column]


def _in_view(
    curve: Mapping[str, NDArray[Any]], column: str, view: tuple[float, float], marked: str | None = None
) -> NDArray[np.float64]:
    """Finite values in view, of the pixels that another column marks with 1 where one is named."""
    values = curve[column]
    wanted = _rows(curve, view) & np.isfinite(values)
    return np.asarray(values[wanted & (curve[marked] == 1) if marked else wanted], dtype=np.float64)
