"""A star out of any file APOGEE publishes: each reader is asked in turn, by content."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from inspector.errors import NotRecognised
from inspector.files import apstar, apvisit, aspcap, mwm
from inspector.files.fits import open_fits, open_fits_bytes
from inspector.files.hdus import Hdu
from inspector.science.spectrum import Star


class Reader(Protocol):
    """What a reader's module offers."""

    KIND: str

    def refuse(self, hdus: Sequence[Hdu], /) -> str | None: ...

    def read(self, hdus: Sequence[Hdu], /) -> Star: ...


READERS: tuple[Reader, ...] = (apstar, apvisit, aspcap, mwm)
"""At most one of them takes any file: what they ask for excludes the others."""


def read_star(path: str | os.PathLike[str]) -> Star:
    """Read a star from an apStar, apVisit, aspcapStar, mwmStar or mwmVisit file, gzipped or not.

    The file's name plays no part. Whatever the file, all spectra come out on the apStar grid in the star's rest
    frame, as native float64; flux keeps its NaN; a pixel without a usable error has error 1e10 and BADPIX.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Star
        Its ``meta`` keys are those of `inspector.files.meta.star_meta`, with ``snr``, and ``catalogue`` for an
        aspcapStar; a visit's are ``mjd``, ``date``, ``fiber``, ``plate``, ``v_rad``, ``v_helio``, ``bc`` (km/s),
        ``snr``, ``flags``, ``in_stack``, ``file``, as far as the file has them.

    Raises
    ------
    FileError
        If the file is missing, unreadable, damaged, too large, or has no APOGEE spectrum.
    NotRecognised
        If no reader knows it; carries each reader's reason.
    """
    return _star(open_fits(path))


def read_star_bytes(data: bytes, name: str) -> Star:
    """Read a star from a file's content, as a browser uploads it; as `read_star`, with the same limits.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call it; only its last part is used, and only to be shown.
    """
    return _star(open_fits_bytes(data, name))


def _star(hdus: tuple[Hdu, ...]) -> Star:
    reasons = {}
    for reader in READERS:
        reason = reader.refuse(hdus)
        if reason is None:
            with np.errstate(
                all="ignore"
            ):  # absurd numbers overflow; what comes of it is not finite, and so bad
                return reader.read(hdus)
        reasons[reader.KIND] = reason
    listed = "; ".join(f"not an {kind}: {reason}" for kind, reason in reasons.items())
    raise NotRecognised(f"{hdus[0].file} is a FITS file of a kind not known here ({listed}).", reasons)
