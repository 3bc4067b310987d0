"""What must hold of every star, whatever file it came from."""

from __future__ import annotations

from typing import get_args, get_type_hints

import makers
import numpy as np

from inspector.files.fits_header import LONGEST, listed


def is_of_its_type(said, name):
    """Whether a value is what its annotation promises, and nothing of numpy's."""
    value, promised = getattr(said, name), get_type_hints(type(said))[name]
    if name == "catalogue":
        return all(type(x) is float for pair in value.values() for x in pair)
    return type(value) in (get_args(promised) or (promised,))


def check(star):
    """What holds for any star out of any file."""
    names = [s.name for s in star.spectra]
    assert star.coadd.name.startswith("visit · MJD" if star.info.product == "apVisit" else "coadd")
    assert len(set(names)) == len(names)
    for spectrum in star.spectra:
        for array, dtype in (
            (spectrum.flux, np.float64),
            (spectrum.error, np.float64),
            (spectrum.bitmask, np.int64),
        ):
            assert array.dtype == dtype and array.dtype.isnative and array.flags.c_contiguous
            assert not array.flags.writeable
        assert (spectrum.error > 0).all() and np.isfinite(spectrum.error).all()
        assert (spectrum.bitmask >= 0).all()
        assert spectrum.star is star.info
    assert star.info.product in makers.WRITERS and star.info.file.name
    cards = [card for _, cards in listed(star.info.file.headers) for card in cards]
    assert all(all(isinstance(part, str) and len(part) <= LONGEST for part in card) for card in cards)
    for said in (star.info, *(spectrum.observation for spectrum in star.spectra)):
        assert not any(isinstance(value, float) and not np.isfinite(value) for value in vars(said).values())
        assert all(is_of_its_type(said, name) for name in vars(said)), said
