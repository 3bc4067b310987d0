"""What a header says of its star, whichever keyword this survey phase writes it under."""

from __future__ import annotations

import re

from inspector.files.fits_header import Header
from inspector.files.untrusted_text import clean
from inspector.science.star_info import Observation, SourceFile, StarInfo

_VISIT_FILE = re.compile(r"a[ps]Visit-(\w[\w.]*)-(\w+)-(\d{5})-(\d{1,3})\b")


def star_info(header: Header, product: str, file: SourceFile) -> StarInfo:
    """What the primary header says of the star; what it has no sensible value for stays None."""
    return StarInfo(
        product=product,
        file=file,
        release=header.text("RELEASE"),
        version=header.text("V_APRED", "V_ASTRA", "APRED"),
        apogee_id=header.text("OBJID", "APOGEEID", "APOGEE_ID", "OBJ"),
        sdss_id=header.identifier("SDSS_ID"),
        gaia_id=header.identifier("GAIA3_ID", "GAIA_DR3", "GAIAID"),
        catalogid=header.identifier("CAT_ID", "CATID", "CATALOGID"),
        ra=header.number("RA"),
        dec=header.number("DEC"),
        glon=header.number("GLON", "L"),
        glat=header.number("GLAT", "B"),
        j=_magnitude(header.number("J", "JMAG", "J_MAG")),
        h=_magnitude(header.number("H", "HMAG", "H_MAG")),
        k=_magnitude(header.number("K", "KMAG", "K_MAG")),
        telescope=header.text("TELESCOP", "TELESCOPE"),
        field=header.text("FIELD"),
        n_visits=header.integer("NVISITS"),
        starflag=header.integer("STARFLAG"),
        andflag=header.integer("ANDFLAG"),
        v_helio=header.number("VHELIO", "VHBARY"),
        v_scatter=header.number("VSCATTER"),
        rv_teff=header.number("RV_TEFF", "RVTEFF"),
        rv_logg=header.number("RV_LOGG", "RVLOGG"),
        rv_feh=header.number("RV_FEH", "RVFEH"),
    )


def _magnitude(value: float | None) -> float | None:
    return value if value is not None and -5 < value < 50 else None  # 99.99 is a fill value


def named_visit(file: str | None) -> Observation:
    """Release, plate, MJD and fibre out of a visit file's name (``apVisit-r6-5094-55874-088.fits``)."""
    found = _VISIT_FILE.match(file or "")
    if not found:
        return Observation()
    release, plate, mjd, fiber = found.groups()
    return Observation(release=clean(release), plate=plate, mjd=int(mjd), fiber=int(fiber))


def mjd_of(julian_date: object) -> int | None:
    """The whole MJD of a Julian date; None for anything that is not a date of this century."""
    if isinstance(julian_date, int | float) and 2.45e6 < julian_date < 2.49e6:
        return int(julian_date - 2400000.5)
    return None
