"""APOGEE bitmasks by name: pixels (APOGEE_PIXMASK) and stars (APOGEE_STARFLAG).

Source: the SDSS bitmask pages of DR17; which pixel bits astroNN masks, ``astroNN.apogee.apogee_continuum``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Bit:
    """One bit of a mask: its name, one sentence, and whether the survey calls it bad."""

    bit: int
    name: str
    description: str
    bad: bool = False


PIXEL_BITS: tuple[Bit, ...] = (
    Bit(0, "BADPIX", "Known bad pixel, or no data reached it.", True),
    Bit(1, "CRPIX", "Cosmic ray.", True),
    Bit(2, "SATPIX", "Saturated.", True),
    Bit(3, "UNFIXABLE", "Could not be repaired.", True),
    Bit(4, "BADDARK", "Bad in the dark frame.", True),
    Bit(5, "BADFLAT", "Bad in the flat field.", True),
    Bit(6, "BADERR", "Very large error.", True),
    Bit(7, "NOSKY", "No sky available.", True),
    Bit(8, "LITTROW_GHOST", "In the Littrow ghost, may be affected."),
    Bit(9, "PERSIST_HIGH", "In a region of high persistence."),
    Bit(10, "PERSIST_MED", "In a region of medium persistence."),
    Bit(11, "PERSIST_LOW", "In a region of low persistence."),
    Bit(12, "SIG_SKYLINE", "Near a significant sky emission line."),
    Bit(13, "SIG_TELLURIC", "Near a significant telluric absorption line."),
    Bit(14, "NOT_ENOUGH_PSF", "Less than half of the point-spread function is on good pixels.", True),
    Bit(16, "FERRE_MASK", "Masked in the ASPCAP fit."),
)
"""APOGEE_PIXMASK; ``bad`` is the reduction pipeline's verdict, not astroNN's."""

STAR_BITS: tuple[Bit, ...] = (
    Bit(0, "BAD_PIXELS", "Many bad pixels.", True),
    Bit(1, "COMMISSIONING", "Commissioning data (before September 2011)."),
    Bit(2, "BRIGHT_NEIGHBOR", "A neighbour is more than 10 times brighter."),
    Bit(3, "VERY_BRIGHT_NEIGHBOR", "A neighbour is more than 100 times brighter.", True),
    Bit(4, "LOW_SNR", "Signal-to-noise below 5."),
    Bit(9, "PERSIST_HIGH", "More than 20% of the pixels lie in the high persistence region."),
    Bit(10, "PERSIST_MED", "More than 20% of the pixels lie in the medium persistence region."),
    Bit(11, "PERSIST_LOW", "More than 20% of the pixels lie in the low persistence region."),
    Bit(12, "PERSIST_JUMP_POS", "A positive jump between chips: persistence."),
    Bit(13, "PERSIST_JUMP_NEG", "A negative jump between chips: persistence."),
    Bit(16, "SUSPECT_RV_COMBINATION", "The visit and the template velocities disagree."),
    Bit(17, "SUSPECT_BROAD_LINES", "The lines are broader than the template's."),
    Bit(18, "BAD_RV_COMBINATION", "The visit and the template velocities disagree badly.", True),
    Bit(19, "RV_REJECT", "A visit was rejected: its velocities disagree."),
    Bit(20, "RV_SUSPECT", "A visit is suspect: its velocities differ."),
    Bit(21, "MULTIPLE_SUSPECT", "Perhaps more than one star."),
    Bit(22, "RV_FAIL", "No velocity could be found.", True),
    Bit(23, "SUSPECT_ROTATION", "Perhaps rotating fast, outside the template grid."),
    Bit(24, "MTPFLUX_LT_75", "The fibre's block has less than 75% of the flux expected."),
    Bit(25, "MTPFLUX_LT_50", "The fibre's block has less than 50% of the flux expected."),
)
"""APOGEE_STARFLAG, which SDSS-V calls ``spectrum_flags``."""

ASTRONN_BITS: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7, 12)
"""The pixel bits astroNN sets to 1 (it leaves NOT_ENOUGH_PSF and takes SIG_SKYLINE)."""


def any_bit(bitmask: ArrayLike, bits: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where any of `bits` is set. Same shape as `bitmask`."""
    hit: NDArray[np.bool_] = (np.asarray(bitmask) & sum(1 << bit for bit in bits)) != 0
    return hit


def set_bits(value: int, table: tuple[Bit, ...]) -> tuple[Bit, ...]:
    """The bits of `table` set in `value`, lowest first."""
    return tuple(bit for bit in table if int(value) >> bit.bit & 1)
