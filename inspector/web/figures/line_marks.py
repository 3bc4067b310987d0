"""Line identifications as marks: where, what, and from which zoom on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from inspector.science.lines import Line
from inspector.web.figures.label_placement import widest_view
from inspector.web.figures.spectrum_data import Columns


@lru_cache(maxsize=64)
def line_columns(lines: tuple[Line, ...], favoured: frozenset[str] = frozenset()) -> Columns:
    """``wavelength``, ``name``, ``widest_view`` and ``weight`` of each line; lines of favoured species come first."""
    wavelength = np.array([line.wavelength for line in lines])
    return {
        "wavelength": wavelength,
        "name": np.array([line.species for line in lines]),
        "widest_view": widest_view(wavelength, by_importance(lines, favoured)),
        "weight": np.array(["bold" if line.species in favoured else "normal" for line in lines]),
    }


def by_importance(lines: Sequence[Line], favoured: Collection[str] = ()) -> list[int]:
    """Indices by rank within the species, favoured ones first; of equal rank, the species with more lines first."""
    listed = Counter(line.species for line in lines)

    def place(i: int) -> tuple[bool, int, int, float]:
        line = lines[i]
        return line.species not in favoured, line.rank, -listed[line.species], line.wavelength

    return sorted(range(len(lines)), key=place)
