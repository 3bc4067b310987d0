"""Which spectrum a row of a table speaks of, in the terms of the survey's archive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SpectrumKey:
    """What identifies one spectrum; None where nothing is said.

    Attributes
    ----------
    path : str
        Where its file lay when the row was written.
    file : str
        Name of that file.
    file_sha256 : str
        Of that file's bytes.
    spectrum : str
        Which spectrum of the file: ``coadd`` or a visit's name; None means the coadd.
    apogee_id, sdss_id, gaia_id, catalogid : str
        Of the star. Ids of 64 bits are texts: a browser would round them.
    ra, dec : float
        Degrees, J2000.
    telescope, field, healpix : str
        Where the archive keeps the file.
    release, apred, apstar, prefix, v_astra, filetype : str
        Which reduction made it.
    plate, mjd, fiber, visit_pk : str
        Which visit it is.
    """

    path: str | None = None
    file: str | None = None
    file_sha256: str | None = None
    spectrum: str | None = None
    apogee_id: str | None = None
    sdss_id: str | None = None
    gaia_id: str | None = None
    catalogid: str | None = None
    ra: float | None = None
    dec: float | None = None
    telescope: str | None = None
    field: str | None = None
    healpix: str | None = None
    release: str | None = None
    apred: str | None = None
    apstar: str | None = None
    prefix: str | None = None
    v_astra: str | None = None
    filetype: str | None = None
    plate: str | None = None
    mjd: str | None = None
    fiber: str | None = None
    visit_pk: str | None = None

    @property
    def star(self) -> str:
        """The best name of the star there is; empty if the row names none."""
        if self.apogee_id:
            return self.apogee_id
        if self.sdss_id:
            return f"SDSS {self.sdss_id}"
        return self.gaia_id or self.file or ""
