"""The elements where the periodic table has them, squeezed to ten columns."""

from __future__ import annotations

from html import escape
from typing import Any

from inspector.science.label_groups import element_symbol
from inspector.science.labels import FE_H, LABELS, LOGG, TEFF
from inspector.science.masking import WindowLoss
from inspector.science.number_format import percent
from inspector.web.figures.colours import ELEMENT_COLOURS, ELEMENT_PATTERNS, FULL_SPECTRUM_COLOUR, ink_on

PLACES: dict[str, tuple[int, int]] = {
    **{element: (1, 7 + i) for i, element in enumerate(("C", "CI", "N", "O"))},
    **{element: (2, 1 + i) for i, element in enumerate(("Na", "Mg"))},
    **{element: (2, 7 + i) for i, element in enumerate(("Al", "Si", "P", "S"))},
    **{element: (3, 1 + i) for i, element in enumerate(("K", "Ca", "Ti", "TiII", "V", "Cr", "Mn"))},
    **{element: (3, 9 + i) for i, element in enumerate(("Co", "Ni"))},
}
"""Row and column of each element with a window."""

_FULL_PLACES = ((TEFF, 1, 1, 2, "Teff"), (LOGG, 1, 3, 2, "log g"), (FE_H, 3, 8, 1, "Fe"))

FULL_SPECTRUM = "from the whole spectrum: it has no window"
"""What is said of Teff, log g and Fe."""


LISTED = 5
"""Elements written out; the others are behind their elements."""


def cells() -> list[dict[str, Any]]:
    """Every cell of the picker: its key (an element, or a label of the full spectrum), place and colours."""
    elements = [
        _cell(element, element_symbol(element), *place, 1, ELEMENT_COLOURS[element], False)
        for element, place in PLACES.items()
    ]
    full = [
        _cell(LABELS[i].name, symbol, row, column, span, FULL_SPECTRUM_COLOUR, True)
        for i, row, column, span, symbol in _FULL_PLACES
    ]
    return elements + full


def title(loss: WindowLoss) -> str:
    """What a cell says when pointed at: ``Mg: 106 pixels, 3.8% masked``."""
    return f"{element_symbol(loss.element)}: {loss.pixels} pixels, {percent(loss.share)} masked"


def losses_html(losses: list[WindowLoss], full: str) -> str:
    """What the mask takes of the chosen elements' windows, as a small table.

    `full` is the symbol of the chosen label where it has no window.
    """
    if not losses:
        return f"<p>{escape(full)} comes {FULL_SPECTRUM}.</p>" if full else "<p>Pick elements to see their windows.</p>"
    rows = "".join(
        f'<tr><td><i style="background:{ELEMENT_COLOURS[b.element]}"></i>{escape(element_symbol(b.element))}</td>'
        f"<td>{b.pixels} px</td><td>{b.masked} masked</td><td>{percent(b.share)}</td></tr>"
        for b in losses[:LISTED]
    )
    more = f"<p>and {len(losses) - LISTED} more: point at an element</p>" if len(losses) > LISTED else ""
    return f"<table>{rows}</table>{more}"


def _cell(key: str, symbol: str, row: int, column: int, span: int, colour: str, full: bool) -> dict[str, Any]:
    return {
        "key": key,
        "symbol": symbol,
        "row": row,
        "column": column,
        "span": span,
        "colour": colour,
        "ink": ink_on(colour),
        "pattern": ELEMENT_PATTERNS.get(key, ""),
        "full": full,
        "title": f"{symbol}: {FULL_SPECTRUM}" if full else symbol,
    }
