"""One row per label, in reading order with a gap between groups, for the figures that list all 22."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.science.label_groups import GROUPS, ORDER

GAP = 0.45
"""Between groups, in rows."""


def _heights() -> NDArray[np.float64]:
    """The y of each label, in label order: downwards from 0. Shape (22,)."""
    group_of = [g for g, (_, names) in enumerate(GROUPS) for _ in names]
    heights = np.empty(len(ORDER))
    heights[list(ORDER)] = -(np.arange(len(ORDER)) + GAP * np.array(group_of))
    return heights


ROW_Y: NDArray[np.float64] = _heights()
ROW_Y.setflags(write=False)

Y_RANGE: tuple[float, float] = (float(ROW_Y.min()) - 0.7, 0.7)
"""Foot and head of a figure of all rows."""


def label_at(y: float) -> int | None:
    """Index of the label whose row holds `y`; None between groups and outside."""
    nearest = int(np.argmin(np.abs(ROW_Y - y)))
    return nearest if abs(ROW_Y[nearest] - y) <= 0.5 + GAP / 2 else None
