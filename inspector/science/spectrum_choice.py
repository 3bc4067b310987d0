"""Which of a star's spectra a row speaks of, and whether the star is the row's at all."""

from __future__ import annotations

import math
import re

from inspector.exceptions import FileError, SettingsError, SpectrumError
from inspector.science.spectrum import Spectrum
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star import Star
from inspector.science.star_info import StarInfo
from inspector.science.star_names import read_star_name

SAME_PLACE = 3.0
"""Arcseconds within which two positions are one star's, where no id can be compared."""


def check_star(info: StarInfo, key: SpectrumKey) -> None:
    """Raise a `FileError` unless a file is about the star of a row; a row that names no star takes any.

    Parameters
    ----------
    info : StarInfo
        What the file says.
    key : SpectrumKey
        What the row says.
    """
    same = same_star(info, key)
    if same or (same is None and not names_star(key)):
        return
    why = "is another star" if same is False else "shares no id with the row, so that nobody can tell whether it is it"
    raise FileError(
        f"{info.file.name or 'The file'} holds {info.id or 'no star'}, which {why}; the row speaks of {key.star}."
        " It was not opened."
    )


def names_star(key: SpectrumKey) -> bool:
    """Whether a row says which star it is about, by more than the name of a file."""
    return any((key.apogee_id, key.sdss_id, key.gaia_id, key.catalogid, key.ra is not None and key.dec is not None))


def same_star(info: StarInfo, key: SpectrumKey) -> bool | None:
    """Whether a file and a row are about one star; None where nothing can be compared.

    The file's hash decides, else APOGEE id and sdss_id (all that both have must agree), else the ids of Gaia and the
    catalogue (one must agree: they change with their release), else the position.
    """
    if key.file_sha256 and key.file_sha256 == info.file.sha256:
        return True
    own = [(_digits(info.apogee_id), _digits(key.apogee_id)), (info.sdss_id, key.sdss_id)]
    agree = [a == b for a, b in own if a and b]
    if agree:
        return all(agree)
    if key.apogee_id and key.apogee_id == info.id:  # what this program calls a star whose file has no id
        return True
    agree = [a == b for a, b in ((info.gaia_id, key.gaia_id), (info.catalogid, key.catalogid)) if a and b]
    if agree:
        return any(agree)
    if info.ra is None or info.dec is None or key.ra is None or key.dec is None:
        return None
    return separation((info.ra, info.dec), (key.ra, key.dec)) <= SAME_PLACE


def separation(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Arcseconds between two positions (right ascension and declination in degrees)."""
    ra = math.radians(one[0] - other[0])
    dec_1, dec_2 = math.radians(one[1]), math.radians(other[1])
    haversine = math.sin((dec_1 - dec_2) / 2) ** 2 + math.cos(dec_1) * math.cos(dec_2) * math.sin(ra / 2) ** 2
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(haversine)))) * 3600


def matching_spectrum(star: Star, key: SpectrumKey) -> str:
    """The name of the spectrum a row speaks of.

    Parameters
    ----------
    star : Star
    key : SpectrumKey
        ``spectrum`` names it; else MJD, plate and fibre tell the visit; else it is the coadd, of the row's telescope.

    Raises
    ------
    SpectrumError
        If the star has no such spectrum, or several.
    """
    named = key.spectrum or ""
    if named and any(spectrum.name == named for spectrum in star.spectra):
        return named
    mjd = _whole(key.mjd) or _mjd_in(named)
    if mjd is not None:
        return _only([s for s in _visits(star) if _is_visit(s, key, mjd)], star, f"visit of MJD {mjd}")
    if named not in ("", "coadd"):
        raise SpectrumError(f"{star.id} has no spectrum '{named[:60]}'. {_there_are(star)}")
    return _only([s for s in _coadds(star) if _telescope(s, key)], star, f"coadd {_of_telescope(key)}".strip())


def _only(found: list[Spectrum], star: Star, what: str) -> str:
    if len(found) != 1:
        count = "no" if not found else "more than one"
        raise SpectrumError(f"{star.id} has {count} {what} in {star.info.file.name or 'its file'}. {_there_are(star)}")
    return found[0].name


def _there_are(star: Star) -> str:
    names = [spectrum.name for spectrum in star.spectra]
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"There {'is' if len(names) == 1 else 'are'}: {', '.join(names[:6])}{more}."


def _coadds(star: Star) -> tuple[Spectrum, ...]:
    if star.info.product == "apVisit":
        return ()
    return star.spectra if star.info.product == "mwmStar" else (star.coadd,)


def _visits(star: Star) -> tuple[Spectrum, ...]:
    return () if star.info.product == "mwmStar" else star.visits


def _telescope(spectrum: Spectrum, key: SpectrumKey) -> bool:
    """Whether nothing says that the spectrum is of another telescope than the row's."""
    of_spectrum = spectrum.observation.telescope or spectrum.star.telescope
    if not (key.telescope and of_spectrum):
        return True
    return key.telescope.startswith(of_spectrum) or of_spectrum.startswith(key.telescope)  # "apo" is apo25m or apo1m


def _of_telescope(key: SpectrumKey) -> str:
    return f"of {key.telescope}" if key.telescope else ""


def _is_visit(spectrum: Spectrum, key: SpectrumKey, mjd: int) -> bool:
    """Whether a visit is of that night, and nothing says that its plate, fibre or telescope is another."""
    seen = spectrum.observation
    pairs = ((_whole(seen.plate), _whole(key.plate)), (seen.fiber, _whole(key.fiber)))
    return seen.mjd == mjd and all(a == b for a, b in pairs if a and b) and _telescope(spectrum, key)


def _digits(apogee_id: str | None) -> str | None:
    """An APOGEE id without its prefix."""
    if not apogee_id:
        return None
    try:
        return read_star_name(apogee_id).digits
    except SettingsError:
        return apogee_id


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _mjd_in(name: str) -> int | None:
    found = re.search(r"MJD (\d{5})\b", name)
    return int(found[1]) if found else None
