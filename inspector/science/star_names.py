"""What people type to name a star: an APOGEE or 2MASS id, an SDSS id, a Gaia source id, or a place on the sky."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from inspector.exceptions import SettingsError
from inspector.science.sky_position import read_position

Kind = Literal["apogee", "sdss", "gaia", "position", "other"]

KNOWN = (
    "Type an APOGEE id (2M17335483-2753043), an sdss_id (5 to 10 digits), a Gaia source id (11 to 19 digits), or right"
    " ascension and declination (263.4785 -27.8846, or 17:33:54.84 -27:53:04.6)."
)
"""What can be typed, as a sentence."""

MAX_LENGTH = 100
"""Characters a name may have."""

_TWOMASS = re.compile(r"(?:2MASS)?(?:2M|AP|VB|J)?(\d{8}[+-]\d{7})", re.IGNORECASE)
_PREFIX = re.compile(r"\s*(AP|VB)", re.IGNORECASE)
_SDSS = re.compile(r"sdss(?:[ _-]?id)?\s*[:=]?\s*(\d{1,18})", re.IGNORECASE)
_GAIA = re.compile(r"gaia(?:\s*e?dr[23])?(?:[ _]source)?(?:[ _]id)?\s*[:=]?\s*(\d{1,19})", re.IGNORECASE)
_DASHES = str.maketrans("−–﹣－＋", "----+")
_MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class StarName:
    """A star as somebody named it.

    Attributes
    ----------
    kind : str
        ``apogee``, ``sdss``, ``gaia``, ``position``, or ``other``: a name of another catalogue, as it stands.
    text : str
        The id (an APOGEE id with its prefix, ``2M`` where none was written; digits without leading zeros), or what
        was typed.
    ra, dec : float
        Of a position, degrees.
    """

    kind: Kind
    text: str
    ra: float | None = None
    dec: float | None = None

    @property
    def digits(self) -> str:
        """An APOGEE id without its prefix: surveys write one star as 2M…, AP… and VB…; else the text."""
        return self.text[2:] if self.kind == "apogee" else self.text


def read_star_name(text: str) -> StarName:
    """What a text names.

    Parameters
    ----------
    text : str
        Blanks around it, case, and the words ``2MASS``, ``Gaia DR3`` or ``sdss_id`` in front do not matter.

    Returns
    -------
    StarName

    Raises
    ------
    SettingsError
        If it is empty or too long, a number that no such id can be, or a position nowhere on the sky.
    """
    typed = text.strip().translate(_DASHES)
    if not typed:
        raise SettingsError(f"There is no name to look up. {KNOWN}")
    if len(typed) > MAX_LENGTH or not typed.isprintable():
        raise SettingsError(f"A name has at most {MAX_LENGTH} printable characters; this has others or more. {KNOWN}")
    if found := _TWOMASS.fullmatch(re.sub(r"\s", "", typed)):
        written = _PREFIX.match(typed)
        return StarName("apogee", (written[1].upper() if written else "2M") + found[1])
    if found := _SDSS.fullmatch(typed):
        return _number("sdss", found[1])
    if found := _GAIA.fullmatch(typed):
        return _number("gaia", found[1])
    if typed.isascii() and typed.isdecimal():
        return _number(_kind_of(typed), typed)
    position = read_position(typed)
    return StarName("position", typed, *position) if position else StarName("other", typed)


def _kind_of(digits: str) -> Kind:
    if 5 <= len(digits) <= 10:
        return "sdss"
    if 11 <= len(digits) <= 19:  # nearly all have 17 to 19
        return "gaia"
    raise SettingsError(f"'{digits[:30]}' has {len(digits)} digits, which no id has. {KNOWN}")


def _number(kind: Kind, digits: str) -> StarName:
    value = int(digits)
    if not 0 < value <= _MAX_ID:
        raise SettingsError(f"'{digits[:30]}' is not an id: ids are positive whole numbers of 63 bits. {KNOWN}")
    return StarName(kind, str(value))
