"""How a continuum is fitted and what is set by hand: as astroNN does, unless somebody asks for another way."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.science.settings import Bounds

DEGREE = Bounds("continuum", 1, 4)
"""Of the Chebyshev polynomial of each chip."""


@dataclass(frozen=True)
class ContinuumFit:
    """How `inspector.science.continuum.normalize` treats a spectrum.

    Attributes
    ----------
    degree : int
        Of the polynomial of each chip.
    left_out : tuple of (float, float)
        Regions without a say in the fit, vacuum Å.
    fixed : tuple of (int, float)
        Pixels of the 7514 whose normalised flux is set by hand, each with its flux.
    """

    degree: int = 2
    left_out: tuple[tuple[float, float], ...] = ()
    fixed: tuple[tuple[int, float], ...] = ()
