"""A star as a page takes it: read and normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inspector.science.spectrum import NormalizedSpectrum
from inspector.science.star import Star


@dataclass(frozen=True, eq=False)
class OpenedStar:
    """A star and what its spectra are once normalised.

    Attributes
    ----------
    star : Star
    normalized : mapping
        By spectrum name: the normalised spectrum, or the sentence why there is none.
    """

    star: Star
    normalized: Mapping[str, NormalizedSpectrum | str] = field(default_factory=dict)
