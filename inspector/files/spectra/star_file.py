"""A star out of any file APOGEE publishes: each reader is asked in turn, by content."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

import numpy as np

from inspector.errors import NotRecognised
from inspector.files.astropy_errors import quiet
from inspector.files.spectra import apstar, apvisit, aspcapstar, mwm
from inspector.files.spectra.fits_file import file_name, open_fits_bytes, read_bytes
from inspector.files.spectra.fits_hdus import Hdu
from inspector.files.spectra.fits_header import cut_heads
from inspector.files.spectra.unsupported_products import name_of
from inspector.science.spectrum import Spectrum, Star


class Reader(Protocol):
    """What a reader's module offers."""

    KIND: str

    def refuse(self, hdus: Sequence[Hdu], /) -> str | None: ...

    def read(self, hdus: Sequence[Hdu], /) -> Star: ...


READERS: tuple[Reader, ...] = (apstar, apvisit, aspcapstar, mwm)
"""At most one of them takes any file: what they ask for excludes the others."""


def read_star(path: str | os.PathLike[str]) -> Star:
    """Read a star from an apStar, apVisit, aspcapStar, mwmStar or mwmVisit file.

    The file may be packed with gzip, bzip2 or xz, or its images tile-compressed (.fz; Rice and gzip), and its name
    plays no part. Whatever the file, all spectra come out on the apStar grid in the star's rest frame, as native
    float64; flux keeps its NaN; a pixel without a usable error has error 1e10 and BADPIX.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Star
        Its ``meta`` keys are those of `inspector.files.spectra.star_keywords.star_meta`, with ``snr``, and
        ``catalogue`` for an aspcapStar; a visit's are ``mjd``, ``date``, ``fiber``, ``plate``, ``v_rad``, ``v_helio``,
        ``bc`` (km/s),
        ``snr``, ``flags``, ``in_stack``, ``file``, as far as the file has them. Each of ``spectra`` says where it is
        from: ``meta["star_id"]``, the star's id, ``meta["source"]``, the name of the file read, ``meta["path"]``, its
        path as given, and ``meta["file_sha256"]``, the hash of its bytes as they lie. The star's own ``meta`` has
        the last two as well, and ``heads``, its headers' bytes, for `inspector.files.spectra.fits_header.listed`.

    Raises
    ------
    FileError
        If the file is missing, unreadable, damaged, too large, or has no APOGEE spectrum.
    NotRecognised
        If no reader knows it; carries each reader's reason.
    """
    given = os.fsdecode(path)
    return _read(read_bytes(path), given, given)


def read_star_bytes(data: bytes, name: str) -> Star:
    """Read a star from a file's content, as a browser uploads it; as `read_star`, with the same limits.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call it; only its last part is used, and only to be shown.
    """
    return _read(data, name, file_name(name))


def _read(data: bytes, name: str, path: str) -> Star:
    hdus = open_fits_bytes(data, name)
    star = _star(hdus)
    star = replace(star, meta={**star.meta, "heads": cut_heads([hdu.head for hdu in hdus])})
    return with_origin(star, {"path": path, "file_sha256": sha256(data).hexdigest()})


def _star(hdus: tuple[Hdu, ...]) -> Star:
    reasons = {}
    with quiet(), np.errstate(all="ignore"):  # absurd numbers overflow; what is not finite then counts as bad
        for reader in READERS:
            reason = reader.refuse(hdus)
            if reason is None:
                return reader.read(hdus)
            reasons[reader.KIND] = reason
        named = name_of(hdus)
    if named:
        raise NotRecognised(f"{hdus[0].file} is {named}.", reasons)
    listed = "; ".join(f"not {kind}: {reason}" for kind, reason in reasons.items())
    raise NotRecognised(f"{hdus[0].file} is a FITS file of a kind not known here ({listed}).", reasons)


def with_origin(star: Star, origin: Mapping[str, str]) -> Star:
    """The star with its id, file and `origin` in the meta of each spectrum, which may leave its star behind."""

    def sign(spectrum: Spectrum) -> Spectrum:
        whose = {"star_id": star.id, "source": star.meta["file"]}
        return replace(spectrum, meta={**spectrum.meta, **whose, **origin})

    coadd = sign(star.coadd)
    visits = tuple(coadd if visit is star.coadd else sign(visit) for visit in star.visits)
    return replace(star, coadd=coadd, visits=visits, meta={**star.meta, **origin})
