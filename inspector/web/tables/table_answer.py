"""A results table's answer for a spectrum beside the live one, label by label."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from inspector.science.answer_comparison import NOTICEABLE, Comparison
from inspector.science.label_groups import GROUPS
from inspector.science.labels import LABELS, label_index
from inspector.science.number_format import NOTHING, fixed, value_error
from inspector.web.static_files import static_text

STYLE = static_text("errors.css")

HEADS = ("label", "table", "live", "live − table", "in σ")

Answer = tuple[NDArray[np.float64], NDArray[np.float64]]


def table_answer_html(table: Answer, live: Answer, comparison: Comparison, chosen: int) -> str:
    """The table, one row per label, the chosen one marked.

    Parameters
    ----------
    table, live : (value, error)
        NaN where there is none. Shapes (22,).
    comparison : Comparison
        Of the two.
    chosen : int
        Index of a label.
    """
    heads = "".join(f"<th>{escape(head)}</th>" for head in HEADS)
    rows = "".join(
        _row(i, table, live, comparison, first=name == names[0], chosen=i == chosen)
        for _, names in GROUPS
        for name in names
        for i in [label_index(name)]
    )
    return f"<table><tr>{heads}</tr>{rows}</table>"


def _row(i: int, table: Answer, live: Answer, comparison: Comparison, first: bool, chosen: bool) -> str:
    label, sigma = LABELS[i], float(comparison.in_sigma[i])
    places = 0 if label.unit == "K" else 3
    cells = (
        f"{label.symbol} ({label.unit})",
        _both(table, i),
        _both(live, i),
        _signed(float(comparison.difference[i]), places),
        _signed(sigma, 1),
    )
    far = "far" if abs(sigma) > NOTICEABLE else ""
    kind = " ".join(name for name in ("first" if first else "", "chosen" if chosen else "", far) if name)
    return f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _both(answer: Answer, i: int) -> str:
    value, error = float(answer[0][i]), float(answer[1][i])
    return NOTHING if np.isnan(value) else value_error(value, error)


def _signed(number: float, places: int) -> str:
    sign = "+" if number > 0 else ""
    return NOTHING if np.isnan(number) else sign + fixed(number, places)
