"""Whose spectra a file holds, out of its headers alone: what tells a row's file among thousands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inspector.exceptions import FileError
from inspector.files.compression import FITS
from inspector.files.file_content import file_name, open_regular
from inspector.files.fits_hdus import MAX_HDUS, Hdu, located
from inspector.files.spectra import apvisit, mwm
from inspector.files.spectra.fits_file import open_fits_bytes, read_bytes
from inspector.files.spectra.product_detection import reader_of
from inspector.files.spectra.star_keywords import named_visit, star_info
from inspector.science.star_info import Observation, SourceFile, StarInfo

_PARTS = 5
"""Parts of a file that tell its product."""


@dataclass(frozen=True)
class FileIdentity:
    """What a file's headers say.

    Attributes
    ----------
    star : StarInfo
        Whose spectra; its ``file`` has no hash.
    visit : Observation or None
        Which visit, where the file is that of one.
    """

    star: StarInfo
    visit: Observation | None = None


def identify(path: str | os.PathLike[str], name: str | None = None, whole: bool = False) -> FileIdentity:
    """Whose spectra a file holds, without reading them (of a packed file: after unpacking it).

    Parameters
    ----------
    path : path-like
    name : str, optional
        What to call it, where it does not lie under its own name.
    whole : bool
        Whether the bytes of every part must be there.

    Raises
    ------
    FileError
        If it cannot be read, is cut short, or no reader knows it.
    """
    name = name or file_name(path)
    try:
        with open_regular(path) as stream:
            plain = stream.read(len(FITS)) == FITS
            hdus = [hdu for hdu, _ in located(stream, name, MAX_HDUS if whole else _PARTS)] if plain else []
    except OSError as error:
        raise FileError(f"{name} cannot be read ({error.strerror}). Check its permissions.") from error
    if not plain or any(hdu.header.get("ZIMAGE") is True for hdu in hdus):
        hdus = list(open_fits_bytes(read_bytes(path), name))
    return _identity(hdus, SourceFile(name, os.fsdecode(path)))


def _identity(hdus: Sequence[Hdu], file: SourceFile) -> FileIdentity:
    kind = reader_of(hdus).KIND
    product = mwm.product_of(hdus) if kind == mwm.KIND else kind
    header = hdus[0].header
    star = star_info(header, product, file)
    named = named_visit(file.name if product == apvisit.KIND else header.text("SFILE1"))
    star = replace(star, release=star.release or named.release)
    if product != apvisit.KIND:
        return FileIdentity(star)
    seen = apvisit.visit_of(header, file.name)
    kept = {word: getattr(seen, word) or getattr(named, word) for word in ("mjd", "plate", "fiber")}
    return FileIdentity(star, replace(seen, **kept))
