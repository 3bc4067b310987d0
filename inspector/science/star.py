"""A star as one file holds it: a coadd and its visits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inspector.exceptions import SpectrumError
from inspector.science.spectrum import Spectrum
from inspector.science.star_info import StarInfo


@dataclass(frozen=True, eq=False)
class Star:
    """A star as one file holds it.

    Attributes
    ----------
    coadd : Spectrum
        The combined spectrum; for a visit's own file, that visit itself, under its own name.
    visits : tuple of Spectrum
        The visits in the file's order; empty where the file has none of its own.
    """

    coadd: Spectrum
    visits: tuple[Spectrum, ...]

    def __post_init__(self) -> None:
        strange = next((visit for visit in self.visits if visit.star != self.coadd.star), None)
        if strange is not None:
            raise SpectrumError(
                f"'{strange.name}' is a spectrum of '{strange.star.id}', the coadd of '{self.id}'. Give both the same"
                " StarInfo."
            )

    @property
    def info(self) -> StarInfo:
        """What the file says of the star; each of its spectra holds the same."""
        return self.coadd.star

    @property
    def id(self) -> str:
        """APOGEE id, or the best name the file has."""
        return self.info.id

    @property
    def spectra(self) -> tuple[Spectrum, ...]:
        """The coadd, then the visits; a visit that stands in its place once."""
        return (self.coadd, *(visit for visit in self.visits if visit is not self.coadd))

    def with_info(self, info: StarInfo) -> Star:
        """The star and each of its spectra with other information."""
        coadd = replace(self.coadd, star=info)
        return Star(coadd, tuple(coadd if v is self.coadd else replace(v, star=info) for v in self.visits))
