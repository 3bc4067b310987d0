"""What can be done before the network is asked: read, normalise, choose the seed. Never loads torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SpectrumError
from inspector.science.continuum import normalize
from inspector.science.edit import Edit
from inspector.science.seeds import flux_seed
from inspector.science.spectrum import NormalizedSpectrum, Spectrum
from inspector.science.star import Star
from inspector.science.star_info import Processing

ASPCAP_REMARK = (
    "This spectrum was already normalised by ASPCAP and carries no pixel mask: the answer is an indication only."
)


@dataclass(frozen=True)
class Subject:
    """Whose spectrum it is, as far as the row must say, and what was changed in it on purpose."""

    star_id: str
    file: str
    spectrum_name: str
    snr: float = np.nan
    remark: str = ""
    path: str = ""
    file_sha256: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, eq=False)
class Prepared:
    """A spectrum ready for the network, or the reason why it is not.

    Attributes
    ----------
    subject : Subject
    normalized : NormalizedSpectrum or None
    seed : int
        Of the draws; 0 where there are none and nobody named one.
    reason : str
        Empty where there is a spectrum.
    """

    subject: Subject
    normalized: NormalizedSpectrum | None
    seed: int
    reason: str = ""

    @property
    def flux(self) -> NDArray[np.float64] | None:
        """Continuum-normalised, shape (7514,); None where there is nothing to ask."""
        return None if self.normalized is None else self.normalized.flux


def subject(spectrum: Spectrum) -> Subject:
    """Whose spectrum this is, from what its reader noted."""
    star, file = spectrum.star, spectrum.star.file
    return Subject(
        star_id=star.id,
        file=file.name,
        spectrum_name=spectrum.name,
        snr=spectrum.snr,
        remark=_remark(spectrum.processing),
        path=file.path,
        file_sha256=file.sha256,
        edits=spectrum.edits,
    )


def _remark(processing: Processing) -> str:
    if processing.normalized_by == "ASPCAP":
        return ASPCAP_REMARK
    return f"This spectrum is not as the file has it: {processing.how}." if processing.made_here else ""


def prepare(spectrum: Spectrum, seed: int | None = None) -> Prepared:
    """Normalise a spectrum and settle its seed; a spectrum with nothing to fit keeps the reason."""
    return prepare_normalized(spectrum, normalized_or_reason(spectrum), seed)


def normalized_or_reason(spectrum: Spectrum) -> NormalizedSpectrum | str:
    """The normalised spectrum, or the sentence why there is none."""
    try:
        return normalize(spectrum)
    except SpectrumError as error:
        return str(error)


def prepare_normalized(spectrum: Spectrum, normalized: NormalizedSpectrum | str, seed: int | None) -> Prepared:
    """The same for whoever has normalised it, or has the reason why nobody can."""
    if isinstance(normalized, str):
        return Prepared(subject(spectrum), None, seed or 0, normalized)
    return Prepared(subject(spectrum), normalized, _own_seed(spectrum, normalized) if seed is None else seed)


def _own_seed(spectrum: Spectrum, normalized: NormalizedSpectrum) -> int:
    """The seed of the flux; for an edited spectrum, of the flux before: the answers then differ by the edits alone."""
    before = normalized_or_reason(spectrum.unedited) if spectrum.unedited is not None else normalized
    return flux_seed(normalized.flux if isinstance(before, str) else before.flux)


def distinct_spectra(star: Star) -> tuple[Spectrum, ...]:
    """The coadd and the visits, without a visit that is the coadd itself (a star seen once)."""
    return (star.coadd, *(visit for visit in star.visits if visit.flux is not star.coadd.flux))
