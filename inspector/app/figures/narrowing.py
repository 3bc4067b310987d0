"""Only what can be seen is drawn: the rows in view and, where several share a screen column, their extremes.

The browser keeps each source's whole data and draws from a part of it. Per screen column the lowest and the highest
pixel stay, so that the picture is the one all rows would give. Nothing of this reaches the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, CustomJS, Line, VArea
from bokeh.plotting import figure

CROWD = 400
"""Markers in view at which they only hide the spectrum and are left to the panel of masked pixels."""

BAND_ALPHA = 0.25
"""How much of an error band shows."""


@dataclass(frozen=True)
class Band:
    """An error band twice: filled where a pixel is as wide as a screen column, in outline where pixels are crowded.

    An area with thousands of corners takes a browser without a GPU a tenth of a second to fill, and looks the same.
    """

    area: VArea
    outline: tuple[Line, ...]

    def __post_init__(self) -> None:
        self.area.fill_alpha = 0.0
        for line in self.outline:
            line.line_alpha = BAND_ALPHA


def draw_what_is_seen(
    plot: figure,
    curves: Sequence[ColumnDataSource],
    markers: Sequence[ColumnDataSource] = (),
    bands: Sequence[Band] = (),
    grain: int = 1,
) -> None:
    """Narrow sources to what `plot` shows, now and whenever its x range or their data change.

    Parameters
    ----------
    plot : figure
    curves, markers : sequence of ColumnDataSource
    bands : sequence of Band
        About the curves.
    grain : int
        Screen columns that share a curve's extremes: more than 1 for curves that are many and stand behind.
    """
    args = {
        "plot": plot,
        "crowd": CROWD,
        "grain": grain,
        "alpha": BAND_ALPHA,
        "bands": [{"area": band.area, "outline": band.outline} for band in bands],
    }
    for sources, code in ((curves, _NARROW_CURVE), (markers, _NARROW_MARKERS)):
        for source in sources:
            callback = CustomJS(args={**args, "source": source}, code=_KEEP_WHOLE + code)
            source.js_on_change("data", callback)
            for end in ("start", "end"):
                plot.x_range.js_on_change(end, callback)


_KEEP_WHOLE = """
if (source.narrowing) return;
const x = plot.x_range;
if (source.drawn !== source.data) source.whole = source.data;  // the server sent something new
else if (source.seen_start === x.start && source.seen_end === x.end) return;  // both ends tell of one move
[source.seen_start, source.seen_end] = [x.start, x.end];
const whole = source.whole, wavelength = whole.wavelength;
function place(value) {
    let low = 0, high = wavelength.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (wavelength[middle] < value) low = middle + 1; else high = middle;
    }
    return low;
}
const first = Math.max(place(x.start) - 1, 0), last = Math.min(place(x.end) + 1, wavelength.length);
function draw(columns) {
    source.drawn = columns;
    source.narrowing = true;
    source.setv({data: columns}, {sync: false});
    source.drawn = source.data;
    source.narrowing = false;
}
function take(choose) {
    return Object.fromEntries(Object.entries(whole).map(([name, column]) => [name, choose(column)]));
}
"""

_NARROW_CURVE = """
const width = Math.ceil((plot.inner_width || 1000) / grain), n = last - first;
const crowded = n > width;
if (source.crowded !== crowded) {
    source.crowded = crowded;
    for (const {area, outline} of bands) {
        area.setv({fill_alpha: crowded ? 0 : alpha}, {sync: false});
        for (const line of outline) line.setv({line_alpha: crowded ? alpha : 0}, {sync: false});
    }
}
// an outline breaks off where there is no error; the edges of an area meet there, or it would bridge the gap
function closed(columns) {
    for (const {area} of crowded ? [] : bands) {
        const low = columns[area.y1.field], high = columns[area.y2.field];
        let middle = NaN;
        for (let i = 0; i < low.length; i++) {
            if (isFinite(low[i])) middle = (low[i] + high[i]) / 2; else low[i] = high[i] = middle;
        }
    }
    return columns;
}
if (n <= 3 * width) { draw(closed(take((column) => column.slice(first, last)))); return; }
const rows = [], {flux, normalized} = whole;
for (let block = 0; block < width; block++) {
    const from = first + Math.floor(block * n / width), to = first + Math.floor((block + 1) * n / width);
    let low = from, high = from, missing = -1, hole = -1;  // the last two break the curves off
    for (let i = from; i < to; i++) {
        if (!isFinite(normalized[i])) hole = i;
        if (!isFinite(flux[i])) { missing = i; continue; }
        if (!(flux[i] >= flux[low])) low = i;
        if (!(flux[i] <= flux[high])) high = i;
    }
    rows.push(...[...new Set([low, high, missing, hole])].filter((i) => i >= 0).sort((a, b) => a - b));
}
draw(take((column) => column.constructor.from(rows, (i) => column[i])));
"""

_NARROW_MARKERS = """
const end = last - first > crowd ? first : last;
draw(take((column) => column.slice(first, end)));
"""
