"""Which columns a grid shows, and which it offers."""

from __future__ import annotations

from inspector.service.queue.column_titles import LIVE
from inspector.service.queue.columns import Columns

FIRST = ("star_id", "file", "spectrum", "verdict", "telescope", "snr", "teff", "logg", "fe_h", "flag_warn", "flag_bad")
"""Columns of a new grid, as far as there are such."""

FIRST_LIVE = ("snr", "teff", "logg", "fe_h", "flag_warn", "flag_bad")

MOST = 30
"""Columns a grid shows at once."""


def first_columns(columns: Columns) -> list[str]:
    """Columns of a new grid: the table's own, or the live ones where it has none."""
    own = [name for name in FIRST if name in columns and not (name == "file" and "star_id" in columns)]
    live = [LIVE + name for name in FIRST_LIVE if LIVE + name in columns and name not in columns]
    if "star_id" not in columns:
        live = [f"{LIVE}star_id", *live]
    at = own.index("verdict") if "verdict" in own else len(own)
    return [*own[:at], *live, *own[at:]]
