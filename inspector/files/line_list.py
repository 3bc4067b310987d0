"""The bundled list of line identifications."""

from __future__ import annotations

import csv
from functools import cache

from inspector.files.bundled_files import bundled_path
from inspector.science.lines import Line, brackett_lines
from inspector.science.spectrum import WAVELENGTH


@cache
def load_lines() -> tuple[Line, ...]:
    """All identifications on the apStar grid, by wavelength; hydrogen's are computed."""
    with bundled_path("lines/hband_lines.csv").open(encoding="utf-8", newline="") as file:
        listed = [_line(row) for row in csv.DictReader(file)]
    inside = [x for x in (*listed, *brackett_lines()) if WAVELENGTH[0] <= x.wavelength <= WAVELENGTH[-1]]
    return tuple(sorted(inside, key=lambda line: line.wavelength))


def _line(row: dict[str, str]) -> Line:
    return Line(
        row["species"],
        float(row["wavelength_vacuum_angstrom"]),
        int(row["rank"]),
        float(row["relative_strength_dex"]),
    )
