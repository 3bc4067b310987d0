"""A star out of any file APOGEE publishes, on disk or in memory."""

from __future__ import annotations

import os
from hashlib import sha256

import numpy as np

from inspector.files.astropy_errors import quiet
from inspector.files.file_content import file_name
from inspector.files.fits_header import cut_heads
from inspector.files.spectra.fits_file import open_fits_bytes, read_bytes
from inspector.files.spectra.product_detection import reader_of
from inspector.science.star import Star
from inspector.science.star_info import SourceFile


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
        ``star.info`` is what the file says of the star, ``observation`` and ``processing`` of each of ``star.spectra``
        what it says of that spectrum. Each spectrum has the ``star.info`` too, as ``star``, with the file it is from.

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
    headers = cut_heads([hdu.head for hdu in hdus])
    file = SourceFile(hdus[0].file, path, sha256(data).hexdigest(), headers)
    with quiet(), np.errstate(all="ignore"):  # absurd numbers overflow; what is not finite then counts as bad
        return reader_of(hdus).read(hdus, file)
