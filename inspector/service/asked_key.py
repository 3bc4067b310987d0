"""What somebody asks for by an id: the key of its spectrum, with what each id leaves to a stated default."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.exceptions import FileError
from inspector.files.archive import ASTRA
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star_names import KNOWN, StarName, read_star_name

APOGEE_RELEASE = "dr17"
"""Release an APOGEE id is looked for in, if none is named: the last one with an apStar for each star and field."""

SDSS_RELEASE = "dr19"
"""Release an sdss_id is looked for in, if none is named: an mwmStar of its version of Astra."""


@dataclass(frozen=True)
class Asked:
    """What the id itself does not say.

    Attributes
    ----------
    release : str, optional
        ``dr17``, ``dr19`` …; `APOGEE_RELEASE` or `SDSS_RELEASE` if None.
    telescope, field, healpix : str, optional
        Where the archive keeps an APOGEE id's file (DR19 and later: healpix in place of the field).
    product : str, optional
        ``apStar``, ``mwmVisit`` …; apStar for an APOGEE id and mwmStar for an sdss_id if None.
    plate, mjd, fiber : str, optional
        Of a visit.
    apred, v_astra : str, optional
        The reduction and the version of Astra; those of the release if None.
    """

    release: str | None = None
    telescope: str | None = None
    field: str | None = None
    healpix: str | None = None
    product: str | None = None
    plate: str | None = None
    mjd: str | None = None
    fiber: str | None = None
    apred: str | None = None
    v_astra: str | None = None


def asked_key(text: str, asked: Asked | None = None) -> SpectrumKey:
    """The key of the spectrum of an id.

    Parameters
    ----------
    text : str
        As `inspector.science.star_names.read_star_name` reads it.
    asked : Asked, optional

    Raises
    ------
    SettingsError
        If it is not a name.
    FileError
        If the archive keeps no files under such a name.
    """
    name, asked = read_star_name(text), asked or Asked()
    if name.kind == "sdss":
        release = asked.release or SDSS_RELEASE
        version = asked.v_astra or ASTRA.get(release.lower())
        return _key(asked, release, sdss_id=name.text, v_astra=version, filetype=asked.product or "mwmStar")
    if name.kind == "apogee" or (name.kind == "other" and asked.telescope == "apo1m"):
        product = asked.product or "apStar"
        return _key(asked, asked.release or APOGEE_RELEASE, apogee_id=name.text, filetype=product)
    raise FileError(_no_files(name))


def _key(asked: Asked, release: str, **given: str | None) -> SpectrumKey:
    said = vars(asked) | {"release": release} | given
    return SpectrumKey(**{word: value for word, value in said.items() if word != "product"})


def _no_files(name: StarName) -> str:
    if name.kind == "other":
        return f"'{name.text}' is not the name of a star that the archive has files of. {KNOWN}"
    what = "a Gaia source id" if name.kind == "gaia" else "a position"
    return (
        f"The archive keeps its files by APOGEE id or sdss_id, and '{name.text}' is {what}. Open a table with it, or"
        " give the star's APOGEE id or sdss_id."
    )
