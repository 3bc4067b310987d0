"""Which product a FITS file is, by content: each reader is asked in turn whether the file is its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from inspector.exceptions import NotRecognised
from inspector.files.fits_hdus import Hdu
from inspector.files.spectra import apstar, apvisit, aspcapstar, mwm
from inspector.files.spectra.unsupported_products import name_of
from inspector.science.star import Star
from inspector.science.star_info import SourceFile


class Reader(Protocol):
    """What a reader's module offers."""

    KIND: str

    def refuse(self, hdus: Sequence[Hdu], /) -> str | None:
        """Why these parts are not of its product; None if they are."""

    def read(self, hdus: Sequence[Hdu], file: SourceFile, /) -> Star:
        """The star of a file that was not refused."""


READERS: tuple[Reader, ...] = (apstar, apvisit, aspcapstar, mwm)
"""At most one of them takes any file: what they ask for excludes the others."""


def reader_of(hdus: Sequence[Hdu]) -> Reader:
    """The reader that takes this file.

    Raises
    ------
    NotRecognised
        If none does: names the file where it is of a known kind, and carries each reader's reason.
    """
    reasons = {}
    for reader in READERS:
        reason = reader.refuse(hdus)
        if reason is None:
            return reader
        reasons[reader.KIND] = reason
    if named := name_of(hdus):
        raise NotRecognised(f"{hdus[0].file} is {named}.", reasons)
    listed = "; ".join(f"not {kind}: {reason}" for kind, reason in reasons.items())
    raise NotRecognised(f"{hdus[0].file} is a FITS file of an unknown kind ({listed}).", reasons)
