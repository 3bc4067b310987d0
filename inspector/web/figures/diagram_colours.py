"""The colours of a diagram's stars, and the line that says what they mean."""

from __future__ import annotations

from html import escape

import numpy as np
from bokeh.palettes import Cividis256

from inspector.files.untrusted_text import clean
from inspector.science.number_format import significant
from inspector.web.figures.diagram_data import Colour, Diagram, Numbers
from inspector.web.figures.theme import THEMES, Theme

PARTS = {True: slice(0, 226), False: slice(64, 256)}
"""Of the sequence, by whether the paper is white: what is told apart from the paper. Cividis looks nearly the same to
every kind of colour sight."""

STEPS = 128

TITLE_LENGTH = 40


def palette(theme: Theme, colour: Colour | None) -> list[str]:
    """The colours from 0 to 1; one for each class where there are more than two."""
    white = theme is THEMES["light"]
    if colour is None:  # where stars crowd, the farthest from the paper
        return list(Cividis256[180::-1] if white else Cividis256[PARTS[white]])
    if not colour.classes:
        return list(Cividis256[PARTS[white]])
    if len(colour.classes) <= 2:
        return between(theme.context, theme.attention)
    colours = [theme.context, theme.chosen, theme.total, theme.corrected, theme.catalogue, theme.attention]
    return colours[: len(colour.classes)]


def unknown_colour(theme: Theme) -> str:
    """Of stars whose number or class is missing."""
    return "#cfd4da" if theme is THEMES["light"] else "#454b52"


def between(first: str, last: str) -> list[str]:
    """The colours from one to another (``#rrggbb``), in equal steps."""
    start, end = (np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float) for colour in (first, last))
    return ["#" + "".join(f"{round(part):02x}" for part in parts) for parts in np.linspace(start, end, STEPS)]


def colours_of(theme: Theme, colour: Colour | None, shade: Numbers, counted: bool) -> list[str]:
    """The colours of some stars, one by one; `counted`: whether the others are counted in squares."""
    if colour is None:
        return [palette(theme, None)[0] if counted else theme.chosen] * len(shade)
    shades = [*palette(theme, colour), unknown_colour(theme)]
    known = np.nan_to_num(shade, nan=0.0)
    place = np.minimum((known * (len(shades) - 1)).astype(int), len(shades) - 2)
    return [shades[i] for i in np.where(np.isnan(shade), len(shades) - 1, place)]


def legend_html(theme: Theme, diagram: Diagram, counted: bool) -> str:
    """What the colours mean, as a line of HTML; `counted`: whether stars are counted in squares."""
    colour = diagram.colour
    if colour is None:
        return _ramp(theme, None, "one star", "many") if counted else ""
    unknown = _mark(unknown_colour(theme), "unknown") if np.isnan(colour.shade).any() else ""
    title = f"<b>{escape(clean(colour.title, TITLE_LENGTH))}</b>"
    if not colour.classes:
        low, high = (significant(end) for end in colour.limits)
        return f"<p>{title}{_ramp(theme, colour, low, high)}{unknown}</p>"
    shades = palette(theme, colour)
    ends = shades if len(colour.classes) > 2 else [shades[0], shades[-1]]
    marks = "".join(_mark(shade, name) for shade, name in zip(ends, colour.classes))
    return f"<p>{title}{marks}{unknown}{_rule(colour) if counted else ''}</p>"


def _rule(colour: Colour) -> str:
    said = "squares: the share that is set" if len(colour.classes) == 2 else "squares: the rarest class in each"
    return f"<span>{said}</span>"


def _mark(shade: str, name: str) -> str:
    return f'<span><i class="dot" style="background:{shade}"></i>{escape(clean(name, TITLE_LENGTH))}</span>'


def _ramp(theme: Theme, colour: Colour | None, low: str, high: str) -> str:
    ramp = f"linear-gradient(90deg,{','.join(palette(theme, colour)[::16])})"
    return f'<span>{escape(low)} <i class="ramp" style="background:{ramp}"></i> {escape(high)}</span>'
