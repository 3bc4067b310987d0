"""How well a file answers a row: its product, telescope, field, reduction and visit against what the row asks for."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.files.archive import completed, product_of, says_product
from inspector.files.spectra.file_identity import FileIdentity
from inspector.science.releases import REDUCTIONS
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star_info import Observation, StarInfo

_COADDS = {"apStar": 4, "mwmStar": 3, "mwmVisit": 2, "aspcapStar": 1}
"""What a row that does not say its product is shown, the likeliest to be meant first."""

_OF_VISITS = {"apVisit": 3, "apStar": 2, "mwmVisit": 1}
"""The same for a row that speaks of a visit."""


@dataclass(frozen=True)
class Fit:
    """A file that a row may mean.

    Attributes
    ----------
    score : int
        Higher is better.
    remark : str
        In what it differs from what the row says; empty if in nothing.
    """

    score: int
    remark: str = ""


def fit(identity: FileIdentity, key: SpectrumKey) -> Fit | None:
    """How well a file about the right star answers a row; None where it is another spectrum of the star."""
    key = completed(key)
    star, wanted = identity.star, product_of(key)
    rank = _COADDS if not _speaks_of_visit(key) else _OF_VISITS
    score = 10 if star.product == wanted else rank.get(star.product, 0)
    if score == 0 or (score < 10 and says_product(key)):
        return None
    if identity.visit is not None and not _same_visit(identity.visit, key):
        return None
    if not (_same_telescope(star, key) and _same_field(star, key)):
        return None
    wants, made_by = _reductions(star, key)
    same = wants is None or made_by is None or wants == made_by
    named = star.file.name.split(".fits")[0] == (key.file or "").split(".fits")[0]
    return Fit(score + 5 * same + 2 * named, "" if same else f"of another reduction, {made_by}")


def _speaks_of_visit(key: SpectrumKey) -> bool:
    return bool(key.mjd)


def _same_visit(visit: Observation, key: SpectrumKey) -> bool:
    pairs = ((visit.mjd, _whole(key.mjd)), (_whole(visit.plate), _whole(key.plate)), (visit.fiber, _whole(key.fiber)))
    return all(a == b for a, b in pairs if a and b)


def _same_telescope(star: StarInfo, key: SpectrumKey) -> bool:
    """Whether nothing says otherwise; an mwm file holds both observatories' spectra."""
    if star.product.startswith("mwm") or not (star.telescope and key.telescope):
        return True
    return star.telescope == key.telescope


def _same_field(star: StarInfo, key: SpectrumKey) -> bool:
    """Whether nothing says otherwise; older tables give a field's number and not its name."""
    if star.product.startswith("mwm") or not (star.field and key.field) or key.field.isdecimal():
        return True
    return star.field == key.field


def _reductions(star: StarInfo, key: SpectrumKey) -> tuple[str | None, str | None]:
    """What made the row's spectrum, and the file's (``dr17``, ``r6``, ``0.6.0``), as far as they say."""
    if star.product.startswith("mwm"):
        return key.v_astra, star.version
    release = (key.release or "").lower()
    return key.apred or REDUCTIONS.get(release), star.release.lower() if star.release else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
