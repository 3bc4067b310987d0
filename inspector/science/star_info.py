"""What a file says of its star, of each observation, and of how a spectrum was made; what it does not say is None."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self


@dataclass(frozen=True)
class SourceFile:
    """The file a star was read from.

    Attributes
    ----------
    name : str
        The last part of its path, fit to be shown.
    path : str
        As it was given; for an upload, its name.
    sha256 : str
        Of its bytes as they lie, in hex: the key that rows and links hold on to.
    headers : tuple of bytes
        Of its HDUs, as they lie, for `inspector.files.fits_header.listed`.
    """

    name: str = ""
    path: str = ""
    sha256: str = ""
    headers: tuple[bytes, ...] = dataclasses.field(default=(), repr=False)


@dataclass(frozen=True)
class StarInfo:
    """What a file says of its star.

    Attributes
    ----------
    product : str
        ``apStar``, ``apVisit``, ``aspcapStar``, ``mwmStar`` or ``mwmVisit``.
    file : SourceFile
    release, version : str
        Data release or reduction (``dr17``, ``r6``), and the pipeline's version.
    apogee_id, sdss_id, gaia_id, catalogid : str
        Ids as text: they pass 2^53.
    ra, dec, glon, glat : float
        Degrees.
    j, h, k : float
        2MASS magnitudes.
    telescope, field : str
        ``apo25m``, ``lco25m`` or ``apo1m``; the name of the field on the sky.
    n_visits : int
        Visits the coadd is made of.
    starflag, andflag : int
        APOGEE_STARFLAG bits set in any visit, and in all.
    v_helio, v_scatter : float
        Barycentric velocity and its scatter over the visits, km/s.
    rv_teff, rv_logg, rv_feh : float
        Of the template that velocities were measured with: K, dex, dex.
    catalogue : mapping of str to (float, float)
        Calibrated labels of the survey's catalogue: name to value and error, in label units; without those withheld.
    """

    product: str = ""
    file: SourceFile = SourceFile()
    release: str | None = None
    version: str | None = None
    apogee_id: str | None = None
    sdss_id: str | None = None
    gaia_id: str | None = None
    catalogid: str | None = None
    ra: float | None = None
    dec: float | None = None
    glon: float | None = None
    glat: float | None = None
    j: float | None = None
    h: float | None = None
    k: float | None = None
    telescope: str | None = None
    field: str | None = None
    n_visits: int | None = None
    starflag: int | None = None
    andflag: int | None = None
    v_helio: float | None = None
    v_scatter: float | None = None
    rv_teff: float | None = None
    rv_logg: float | None = None
    rv_feh: float | None = None
    catalogue: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        """The best name there is: the APOGEE id, else the SDSS id, else the file's stem."""
        if self.apogee_id is not None:
            return self.apogee_id
        if self.sdss_id is not None:
            return f"SDSS {self.sdss_id}"
        stem = re.sub(r"(\.fits)?(\.gz|\.bz2|\.xz|\.fz)?$", "", self.file.name)
        return stem or ("unnamed" if self.file.name else "")

    def completed_by(self, other: StarInfo) -> Self:
        """With what `other` knows and this does not."""
        unknown = [f.name for f in fields(self) if getattr(self, f.name) is None]
        return replace(self, **{name: getattr(other, name) for name in unknown})


@dataclass(frozen=True)
class Observation:
    """What a file says of one visit, or of the visits a coadd is made of.

    Attributes
    ----------
    mjd : int
        Modified Julian date, whole days.
    date : str
        Date and time as the file writes them.
    fiber : int
    plate : str
    telescope, field, release : str
        As in `StarInfo`.
    v_rad : float
        Velocity relative to the observer, km/s.
    v_helio : float
        Barycentric velocity, km/s.
    v_error : float
        Error of both as the file states it, km/s.
    bc : float
        Barycentric correction, km/s.
    flags : int
        APOGEE_STARFLAG bits.
    in_stack : bool
        Whether the pipeline took the visit into its coadd.
    n_visits : int
        Visits of a coadd.
    file : str
        Name of the visit's own file.
    """

    mjd: int | None = None
    date: str | None = None
    fiber: int | None = None
    plate: str | None = None
    telescope: str | None = None
    field: str | None = None
    release: str | None = None
    v_rad: float | None = None
    v_helio: float | None = None
    v_error: float | None = None
    bc: float | None = None
    flags: int | None = None
    in_stack: bool | None = None
    n_visits: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class Processing:
    """How a spectrum came to be what it is.

    Attributes
    ----------
    how : str
        In words: ``pixel-weighted coadd of 3 visits, by the APOGEE pipeline``; empty for a visit as its file has it.
    made_here : bool
        Whether it was combined or resampled by this program, and no file holds it so.
    normalized_by : str
        Who divided it by a continuum before (``ASPCAP``); empty where the flux is a flux.
    """

    how: str = ""
    made_here: bool = False
    normalized_by: str = ""
