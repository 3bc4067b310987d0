"""One colour per element, the same in picker, windows and posterior.

Nineteen hues cannot all be told apart, so each is also written by name wherever it stands. They were spread as far as
they go in OKLab for normal, protanope and deuteranope sight (Machado et al. 2009) at lightness 0.45 to 0.8, readable on
white and on black, leaving out the reds, which are kept for what needs attention.
"""

from __future__ import annotations

from collections.abc import Mapping

ELEMENT_COLOURS: Mapping[str, str] = {
    "C": "#374bcc",
    "CI": "#88afcc",
    "N": "#d25806",
    "O": "#527b63",
    "Na": "#c0c81d",
    "Mg": "#1b9ac1",
    "Al": "#da8c24",
    "Si": "#6f2f9d",
    "P": "#969a6f",
    "S": "#f195fe",
    "K": "#b37799",
    "Ca": "#991151",
    "Ti": "#b183fa",
    "TiII": "#7362ad",
    "V": "#3e5776",
    "Cr": "#0cdbc1",
    "Mn": "#8f480e",
    "Co": "#5774f9",
    "Ni": "#eeac8f",
}

ELEMENT_PATTERNS: Mapping[str, str] = {"Mg": "/", "Al": "\\", "Ca": "x", "Ni": "."}
"""Hatches, in Bokeh's letters, of the elements whose colour somebody may take for another's: Mg for Ti II or C I, Al
for N or Na, Ca for O or V, Ni for P."""

MANY = 6
"""Elements chosen at once up to which each keeps its colour; of more, the chosen label's alone."""

FULL_SPECTRUM_COLOUR = "#7a828c"
"""For Teff, log g and [Fe/H], which see the whole spectrum."""


def label_colour(element: str | None) -> str:
    """The colour of a label, by its element; grey for the full-spectrum labels."""
    return FULL_SPECTRUM_COLOUR if element is None else ELEMENT_COLOURS[element]


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on `colour` (``#rrggbb``)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "#000000" if luminance > 0.18 else "#ffffff"
