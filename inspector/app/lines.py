"""Line identifications: which species absorbs where, in vacuum Å of the star's rest frame."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from inspector.files.bundled_files import bundled_path
from inspector.science.spectrum import WAVELENGTH

RYDBERG_H = 10967758.34
"""Rydberg constant of hydrogen, 1/m (CODATA R_inf reduced by the electron's share of the mass)."""

BRACKETT_UPPER = range(10, 26)
"""Upper levels of the Brackett lines (to n = 4) that fall in the H band."""


@dataclass(frozen=True)
class Line:
    """One identification.

    Attributes
    ----------
    species : str
        ``Fe I``, ``CO``, ``Br 11``.
    wavelength : float
        Vacuum, Å.
    rank : int
        Order of strength within its species, from 1.
    strength : float
        Log of the opacity relative to the strongest line of the species, dex.
    """

    species: str
    wavelength: float
    rank: int
    strength: float


_SPECIES: Mapping[str, tuple[str, ...]] = {
    "C": ("CO", "CN"),
    "CI": ("C I",),
    "N": ("CN",),
    "O": ("OH", "CO"),
    "Ti": ("Ti I",),
    "TiII": ("Ti II",),
}
"""Species in whose lines an element is seen here, where they are not its own neutral and ionised atoms."""


def species_of(elements: Iterable[str], label: str = "") -> frozenset[str]:
    """The species whose lines belong to some elements; to iron too where `label` is ``fe_h``."""
    wanted = [*elements, *(["Fe"] if label == "fe_h" else [])]
    return frozenset(name for one in wanted for name in _SPECIES.get(one, (f"{one} I", f"{one} II")))


@cache
def load_lines() -> tuple[Line, ...]:
    """All identifications on the apStar grid, by wavelength."""
    with bundled_path("lines/hband_lines.csv").open(encoding="utf-8", newline="") as file:
        listed = [_line(row) for row in csv.DictReader(file)]
    inside = [x for x in (*listed, *brackett_lines()) if WAVELENGTH[0] <= x.wavelength <= WAVELENGTH[-1]]
    return tuple(sorted(inside, key=lambda line: line.wavelength))


def brackett_lines() -> tuple[Line, ...]:
    """Hydrogen's Brackett lines by Rydberg's formula, n = 4 to 10 … 25."""
    return tuple(
        Line(f"Br {n}", 1e10 / (RYDBERG_H * (1 / 4**2 - 1 / n**2)), n - BRACKETT_UPPER[0] + 1, 0.0)
        for n in BRACKETT_UPPER
    )


def _line(row: dict[str, str]) -> Line:
    return Line(
        row["species"],
        float(row["wavelength_vacuum_angstrom"]),
        int(row["rank"]),
        float(row["relative_strength_dex"]),
    )
