"""The y range of a spectrum: from its finite, good, in-view pixels, 1 to 99%, then padding.

`y_limits` is what the server sets when a star comes on screen; `FOLLOW_VIEW` does the same in the browser while one
pans and zooms, so that it needs no answer from a busy server. Both take their numbers from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from bokeh.models import CustomJS
from bokeh.plotting import figure
from numpy.typing import NDArray

CURVE = "curve"
"""Name of the renderers that count."""

TAIL = 0.01
"""Share of pixels left out at either end."""

PADDING = 0.12
"""Of the range, added at either end."""

SMALLEST = 0.02
"""A range is never narrower than this share of its middle: a line of constant flux is not noise."""


def y_limits(
    curves: Iterable[Mapping[str, NDArray[np.generic]]], column: str, view: tuple[float, float]
) -> tuple[float, float] | None:
    """Limits that show the good pixels of all curves in view; None where there is none.

    Parameters
    ----------
    curves : iterable of mapping
        As `curve_columns` gives them.
    column : str
        ``flux`` or ``normalized``.
    view : (float, float)
        Wavelengths, Å.
    """
    values = np.concatenate([_in_view(curve, column, view) for curve in curves] or [np.empty(0)])
    if not values.size:
        return None
    ordered = np.sort(values)
    low, high = (float(ordered[round(share * (len(ordered) - 1))]) for share in (TAIL, 1 - TAIL))
    pad = max((high - low) * PADDING, abs(low + high) / 2 * SMALLEST)
    return low - pad, high + pad


def follow_view(plot: figure, column: str) -> None:
    """Let a figure's y range follow what its visible curves show of `column`, in the browser.

    Curves are the renderers tagged `CURVE`; one added later counts too.
    """
    callback = CustomJS(
        args={
            "plot": plot,
            "tag": CURVE,
            "column": column,
            "tail": TAIL,
            "padding": PADDING,
            "smallest": SMALLEST,
        },
        code=FOLLOW_VIEW,
    )
    for end in ("start", "end"):
        plot.x_range.js_on_change(end, callback)


def _in_view(curve: Mapping[str, NDArray[np.generic]], column: str, view: tuple[float, float]) -> NDArray[np.float64]:
    wavelength, values = curve["wavelength"], curve[column]
    rows = (wavelength >= view[0]) & (wavelength <= view[1]) & (curve["good"] == 1) & np.isfinite(values)
    return np.asarray(values[rows], dtype=np.float64)


FOLLOW_VIEW = """
const x = plot.x_range, y = plot.y_range;
if (y.seen_start === x.start && y.seen_end === x.end) return;  // both ends tell of one move
[y.seen_start, y.seen_end] = [x.start, x.end];
const curves = plot.renderers.filter((renderer) => renderer.visible && renderer.tags.includes(tag));
const stride = Math.ceil(curves.length / 4);  // many curves: a sample of each says enough
const values = [];
for (const {data_source} of curves) {
    const data = data_source.whole ?? data_source.data;
    const wavelength = data.wavelength, flux = data[column], good = data.good;
    let i = 0, beyond = wavelength.length;
    while (i < beyond) {  // the first pixel in view
        const middle = (i + beyond) >> 1;
        if (wavelength[middle] < x.start) i = middle + 1; else beyond = middle;
    }
    for (; i < wavelength.length && wavelength[i] <= x.end; i += stride) {
        if (good[i] == 1 && isFinite(flux[i])) values.push(flux[i]);
    }
}
if (!values.length) return;
const ordered = Float64Array.from(values).sort(), last = ordered.length - 1;
const low = ordered[Math.round(tail * last)], high = ordered[Math.round((1 - tail) * last)];
const pad = Math.max((high - low) * padding, Math.abs(low + high) / 2 * smallest);
y.setv({start: low - pad, end: high + pad});
"""
