"""What a person wants to know of a star, whichever keyword this survey phase writes it under."""

from __future__ import annotations

import re
from typing import Any

from inspector.files.spectra.fits_header import Header
from inspector.files.untrusted_text import clean

_TEXTS = {
    "apogee_id": ("OBJID", "APOGEEID", "APOGEE_ID", "OBJ"),
    "telescope": ("TELESCOP", "TELESCOPE"),
    "field": ("FIELD",),
    "version": ("V_APRED", "V_ASTRA", "APRED"),
    "release": ("RELEASE",),
}
_IDENTIFIERS = {
    "sdss_id": ("SDSS_ID",),
    "gaia_id": ("GAIA3_ID", "GAIA_DR3", "GAIAID"),
    "catalogid": ("CAT_ID", "CATID", "CATALOGID"),
}
_NUMBERS = {
    "ra": ("RA",),
    "dec": ("DEC",),
    "glon": ("GLON", "L"),
    "glat": ("GLAT", "B"),
    "j": ("J", "JMAG", "J_MAG"),
    "h": ("H", "HMAG", "H_MAG"),
    "k": ("K", "KMAG", "K_MAG"),
    "v_helio": ("VHELIO", "VHBARY"),
    "v_scatter": ("VSCATTER",),
    "rv_teff": ("RV_TEFF", "RVTEFF"),
    "rv_logg": ("RV_LOGG", "RVLOGG"),
    "rv_feh": ("RV_FEH", "RVFEH"),
}
_INTEGERS = {"n_visits": ("NVISITS",), "starflag": ("STARFLAG",), "andflag": ("ANDFLAG",)}

_VISIT_FILE = re.compile(r"a[ps]Visit-(\w[\w.]*)-(\w+)-(\d{5})-(\d{1,3})\b")


def known(values: dict[str, Any]) -> dict[str, Any]:
    """`values` without those the file does not know."""
    return {key: value for key, value in values.items() if value is not None}


def star_meta(header: Header, kind: str, file: str) -> dict[str, Any]:
    """What the primary header says of the star; a key the file has no sensible value for is absent.

    Returns
    -------
    dict
        ``kind`` and ``file`` always; ids as str; ``ra``, ``dec``, ``glon``, ``glat`` in deg; ``j``,
        ``h``, ``k`` in mag; ``v_helio``, ``v_scatter`` in km/s; ``rv_teff`` (K), ``rv_logg``, ``rv_feh`` of the
        template the pipeline measured velocities with; ``starflag``, ``andflag``, ``n_visits`` as int.
    """
    said: dict[str, Any] = {"kind": kind, "file": file}
    said |= {key: header.text(*names) for key, names in _TEXTS.items()}
    said |= {key: header.identifier(*names) for key, names in _IDENTIFIERS.items()}
    said |= {key: header.number(*names) for key, names in _NUMBERS.items()}
    said |= {key: header.integer(*names) for key, names in _INTEGERS.items()}
    for magnitude in ("j", "h", "k"):
        if said[magnitude] is not None and not -5 < said[magnitude] < 50:  # 99.99 is a fill value
            said[magnitude] = None
    return known(said)


def star_id(meta: dict[str, Any]) -> str:
    """The best name there is: the APOGEE id, else the SDSS id, else the file's stem."""
    if "apogee_id" in meta:
        return str(meta["apogee_id"])
    if "sdss_id" in meta:
        return f"SDSS {meta['sdss_id']}"
    return re.sub(r"(\.fits)?(\.gz|\.bz2|\.xz|\.fz)?$", "", str(meta["file"])) or "unnamed"


def visit_file(text: str | None) -> dict[str, Any]:
    """Release, plate, MJD and fibre out of a visit file's name (``apVisit-r6-5094-55874-088.fits``)."""
    found = _VISIT_FILE.match(text or "")
    if not found:
        return {}
    release, plate, mjd, fiber = found.groups()
    return {"release": clean(release), "plate": plate, "mjd": int(mjd), "fiber": int(fiber)}


def mjd_of(julian_date: object) -> int | None:
    """The whole MJD of a Julian date; None for anything that is no date of this century."""
    plausible = isinstance(julian_date, int | float) and 2.45e6 < julian_date < 2.49e6
    return int(julian_date - 2400000.5) if plausible else None  # type: ignore[operator]  # just checked
