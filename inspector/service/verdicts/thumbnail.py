"""A small picture of a normalised spectrum."""

from __future__ import annotations

import numpy as np

from inspector.science.spectrum import NormalizedSpectrum

WIDTH, HEIGHT = 360, 64
"""CSS pixels."""

LOW, HIGH = 0.4, 1.2
"""Of the flux over its continuum; what lies beyond is drawn at the edge."""


def thumbnail(spectrum: NormalizedSpectrum) -> bytes:
    """An SVG: from the lowest to the highest good pixel of each column, and a line at 1."""
    ends = float(spectrum.wavelength[0]), float(spectrum.wavelength[-1])
    column = ((spectrum.wavelength - ends[0]) / (ends[1] - ends[0]) * (WIDTH - 1)).astype(int)
    low, high = np.full(WIDTH, np.inf), np.full(WIDTH, -np.inf)
    good = spectrum.good & np.isfinite(spectrum.flux)
    np.minimum.at(low, column[good], spectrum.flux[good])
    np.maximum.at(high, column[good], spectrum.flux[good])
    lines = [f"M{x}.5 {_y(high[x]):.1f}V{_y(low[x]) + 0.7:.1f}" for x in np.flatnonzero(np.isfinite(low))]
    one = f'<path stroke="#c8ccd0" d="M0 {_y(1.0):.1f}H{WIDTH}"/>'
    flux = f'<path stroke="#1b5c94" d="{"".join(lines)}"/>'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="none">{one}{flux}</svg>'.encode()


def _y(flux: float) -> float:
    return float((HIGH - np.clip(flux, LOW, HIGH)) / (HIGH - LOW) * (HEIGHT - 1))
