"""Line identifications as marks: where, what, and from which zoom on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from inspector.app.figures.spectrum_data import Columns
from inspector.app.figures.thinning import widest_view
from inspector.app.lines import Line


@cache
def line_columns(lines: tuple[Line, ...]) -> Columns:
    """``wavelength``, ``name`` and ``widest_view`` of each line."""
    wavelength = np.array([line.wavelength for line in lines])
    return {
        "wavelength": wavelength,
        "name": np.array([line.species for line in lines]),
        "widest_view": widest_view(wavelength, by_importance(lines)),
    }


def by_importance(lines: Sequence[Line]) -> list[int]:
    """Indices by rank within the species; of equal rank, the species with more lines listed first."""
    listed = Counter(line.species for line in lines)
    return sorted(range(len(lines)), key=lambda i: (lines[i].rank, -listed[lines[i].species], lines[i].wavelength))
