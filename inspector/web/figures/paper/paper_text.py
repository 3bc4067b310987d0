"""Words of a picture on paper: a stranger's text is shown as it is, and what the font lacks as a question mark."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import Any

from matplotlib.font_manager import FontProperties, findfont, get_font

from inspector.web.figures.theme import THEMES

THEME = THEMES["light"]
TEXT, FAINT, PAPER = THEME.text, THEME.faint, THEME.paper

MOST = 200
"""Characters of one line."""


def write(where: Any, x: float, y: float, text: str, **style: Any) -> Any:
    """Text in axes or on the figure, never read as mathematics."""
    return where.text(x, y, writable(text), parse_math=False, **style)


def writable(text: str) -> str:
    """`text` in one line of characters the font has."""
    line = " ".join(text.split())
    line = line if len(line) <= MOST else line[: MOST - 1] + "…"
    return "".join(c if c == " " or ord(c) in _glyphs() else "?" for c in line)


def folded(text: str, width: int, most: int) -> list[str]:
    """`text` in lines of at most `width` characters; at most `most` lines."""
    return textwrap.wrap(" ".join(text.split()), width, max_lines=most, placeholder=" …")


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())
