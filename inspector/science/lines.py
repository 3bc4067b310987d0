"""Line identifications: which species absorbs where, in vacuum Å of the star's rest frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


def brackett_lines() -> tuple[Line, ...]:
    """Hydrogen's Brackett lines by Rydberg's formula, n = 4 to 10 … 25."""
    return tuple(
        Line(f"Br {n}", 1e10 / (RYDBERG_H * (1 / 4**2 - 1 / n**2)), n - BRACKETT_UPPER[0] + 1, 0.0)
        for n in BRACKETT_UPPER
    )
