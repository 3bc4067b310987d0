"""Places on the sky: read as people write them, in degrees or sexagesimal, and how far they lie from others."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.exceptions import SettingsError

ARCSEC = 3600.0
"""Arcseconds in a degree."""

_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-", "＋": "+", "′": "'", "″": '"', "’": "'", "”": '"'})
_DEGREES = re.compile(
    r"(?P<ra>\d{1,3}(\.\d*)?)\s*(d|deg|°)?(\s*[,;]\s*|\s+|(?=[+-]))(?P<dec>[+-]?\d{1,2}(\.\d*)?)\s*(d|deg|°)?"
)
_SEXAGESIMAL = re.compile(
    r"(?P<h>\d{1,2})\s*[:h\s]\s*(?P<m>\d{1,2})\s*[:m'\s]\s*(?P<s>\d{1,2}(\.\d*)?)\s*(s|\")?"
    r"(\s*[,;]\s*|\s+|(?=[+-]))"
    r"(?P<sign>[+-]?)\s*(?P<d>\d{1,2})\s*[:d°\s]\s*(?P<am>\d{1,2})\s*[:m'\s]\s*(?P<as>\d{1,2}(\.\d*)?)\s*(s|\"|'')?"
)


def read_position(text: str) -> tuple[float, float] | None:
    """Right ascension and declination, in degrees; None where the text is not written as a position.

    Parameters
    ----------
    text : str
        ``263.4785 -27.8846``, ``17:33:54.84 -27:53:04.6``, ``17h33m54.84s −27°53′04.6″`` or the same with blanks.
        Two plain numbers are degrees; three and three are hours and degrees.

    Raises
    ------
    SettingsError
        If it is written as one and lies nowhere on the sky (a declination beyond 90 degrees, 61 minutes).
    """
    plain = text.translate(_MINUS).strip()
    if found := _SEXAGESIMAL.fullmatch(plain):
        ra, dec = _from_sexagesimal(found, text)
    elif found := _DEGREES.fullmatch(plain):
        ra, dec = float(found["ra"]), float(found["dec"])
    else:
        return None
    if ra > 360 or abs(dec) > 90:
        raise SettingsError(
            f"'{text.strip()[:60]}' is not a place on the sky: right ascension goes from 0 to 360 degrees and"
            f" declination from -90 to 90; found {ra:g} and {dec:g}."
        )
    return ra % 360, dec


def separation(ra: ArrayLike, dec: ArrayLike, ra_0: float, dec_0: float) -> NDArray[np.float64]:
    """Angles on the sky between places and one place, in arcseconds; NaN where a place is not known.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        Degrees.
    ra_0, dec_0 : float
        Degrees.

    Returns
    -------
    NDArray[np.float64], shape (n,)
        By the haversine formula, which keeps its digits for small angles.
    """
    lon, lat = np.radians(np.asarray(ra, dtype=np.float64)), np.radians(np.asarray(dec, dtype=np.float64))
    lon_0, lat_0 = math.radians(ra_0), math.radians(dec_0)
    half = np.sin((lat - lat_0) / 2) ** 2 + math.cos(lat_0) * np.cos(lat) * np.sin((lon - lon_0) / 2) ** 2
    angle: NDArray[np.float64] = np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))) * ARCSEC
    return angle


def _from_sexagesimal(found: re.Match[str], text: str) -> tuple[float, float]:
    h, m, s, d, am, asec = (float(found[name]) for name in ("h", "m", "s", "d", "am", "as"))
    if h >= 24 or max(m, s, am, asec) >= 60:
        raise SettingsError(
            f"'{text.strip()[:60]}' is not a place on the sky: hours end at 23, minutes and seconds at 59. Plain"
            " degrees are two numbers."
        )
    dec = d + am / 60 + asec / 3600
    return 15 * (h + m / 60 + s / 3600), -dec if found["sign"] == "-" else dec
