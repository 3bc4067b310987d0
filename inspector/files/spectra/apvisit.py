"""apVisit and asVisit: one visit on the three detectors, in the observer's frame.

Source: https://data.sdss.org/datamodel/files/APOGEE_REDUX/APRED_VERS/visit/TELESCOPE/FIELD/PLATE_ID/MJD5/apVisit.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import FileError
from inspector.files.fits_hdus import Hdu
from inspector.files.fits_header import Header
from inspector.files.spectra.spectrum_arrays import make_spectrum, visit_name
from inspector.files.spectra.star_keywords import mjd_of, star_info
from inspector.files.untrusted_text import number
from inspector.science.number_format import fixed
from inspector.science.resample import BAD_ERROR, BADPIX, resample
from inspector.science.spectrum import N_PIXELS
from inspector.science.star import Star
from inspector.science.star_info import Observation, Processing, SourceFile, StarInfo

KIND = "apVisit"

SPEED_OF_LIGHT = 299792.458
"""km/s."""

PIXELS_A_RESOLUTION_ELEMENT = {"red": 5.0, "green": 4.25, "blue": 3.5}
"""Of a dithered visit, 4096 pixels per detector; NRES in the apStar headers of DR17."""

_DITHERED = 4096
_TABLE = 11
_MAX_SPEED = 3000.0  # km/s; nothing bound to the Galaxy moves faster


def refuse(hdus: Sequence[Hdu]) -> str | None:
    """Why this is not an apVisit; None if it is."""
    if len(hdus) < 5:
        return f"an apVisit has at least 5 HDUs (flux, error, mask, wavelength after the header), this has {len(hdus)}"
    for i in (1, 2, 3, 4):
        shape = hdus[i].shape
        if len(shape) != 2 or shape[0] != 3 or shape[1] not in (_DITHERED // 2, _DITHERED):
            return f"HDU {i} has shape {shape}; in an apVisit it is (3, {_DITHERED}): three detectors"
    return None


def read(hdus: Sequence[Hdu], file: SourceFile) -> Star:
    """Read an apVisit that `refuse` let pass, shift it to rest and resample it onto the apStar grid.

    The visit stands in the star's place of a coadd, under its own name (``visit · MJD 55874``). Pixels no detector
    covers have NaN flux, error `BAD_ERROR` and BADPIX.

    Raises
    ------
    FileError
        If the arrays do not match, the wavelengths are not APOGEE's, or no velocity is known.
    """
    header = hdus[0].header
    v_rad = _velocity(hdus)
    flux, error, bitmask = _on_grid(hdus, v_rad)
    info = replace(star_info(header, KIND, file), n_visits=1)
    observation = replace(visit_of(header, file.name), v_rad=v_rad)
    how = f"shifted by {fixed(v_rad, 3, 'km/s')} to rest and resampled onto the apStar grid here"
    visit = make_spectrum(flux, error, bitmask, visit_name(None, observation.mjd), header.number("SNR"))
    visit = replace(visit, observation=observation, processing=Processing(how, made_here=True))
    return Star(visit, (visit,)).with_info(info.completed_by(_of_table(hdus)))


def _velocity(hdus: Sequence[Hdu]) -> float:
    """The velocity relative to the observer, in km/s."""
    header = hdus[0].header
    barycentric, correction = header.number("VHELIO", "VHBARY"), header.number("BC")
    v_rad = header.number("VRAD", "VREL")
    if v_rad is None and barycentric is not None and correction is not None:
        v_rad = barycentric - correction
    if v_rad is None:
        v_rad = _table_number(hdus, "vrel")
    if v_rad is None:
        raise FileError(
            f"{hdus[0].file}: no velocity. The header has neither VRAD nor VHELIO with BC, so this visit cannot be"
            " shifted to rest. Open the star's apStar file instead."
        )
    if abs(v_rad) > _MAX_SPEED:
        raise FileError(f"{hdus[0].file}: a velocity of {fixed(v_rad, 0, 'km/s')} cannot be a star's; VRAD is wrong.")
    return v_rad


def _on_grid(hdus: Sequence[Hdu], v_rad: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Flux, error, mask on the apStar grid. Shapes (8575,)."""
    if len({hdu.shape for hdu in hdus[1:5]}) != 1:
        raise hdus[1].problem("to 4 differ in shape; the file is damaged")
    flux, error, wavelength = (hdus[i].image() for i in (1, 2, 4))  # (3, n)
    bitmask = hdus[3].mask()
    rest = wavelength / (1 + v_rad / SPEED_OF_LIGHT)
    out = np.full(N_PIXELS, np.nan), np.full(N_PIXELS, BAD_ERROR), np.full(N_PIXELS, BADPIX, dtype=np.int64)
    for chip in range(3):
        order = _rising(hdus[4], wavelength[chip])
        colour = _colour(wavelength[chip])
        period = max(PIXELS_A_RESOLUTION_ELEMENT[colour] * flux.shape[1] / _DITHERED / 2, 1.0)
        one = resample(rest[chip][order], flux[chip][order], error[chip][order], bitmask[chip][order], period)
        covered = ~np.isnan(one[0])
        for whole, part in zip(out, one, strict=True):
            whole[covered] = part[covered]
    return out


def _rising(hdu: Hdu, wavelength: NDArray[np.float64]) -> slice:
    """The slice that makes the wavelengths rise."""
    step = np.diff(wavelength) if np.isfinite(wavelength).all() else np.zeros(1)
    inside = wavelength.min() > 15000 and wavelength.max() < 17100
    if not inside or not ((step > 0).all() or (step < 0).all()):
        raise hdu.problem("should hold wavelengths in Å, steadily falling between 15000 and 17100; it does not")
    return slice(None, None, 1 if step[0] > 0 else -1)


def _colour(wavelength: NDArray[np.float64]) -> str:
    middle = float(np.median(wavelength))
    return "blue" if middle < 15830 else "green" if middle < 16450 else "red"


def visit_of(header: Header, file: str) -> Observation:
    """What the primary header says of the visit."""
    return Observation(
        mjd=header.integer("MJD5", "MJD") or mjd_of(header.get("JD-MID")) or mjd_of(header.get("JD")),
        date=header.text("DATE-OBS"),
        fiber=header.integer("FIBERID"),
        plate=header.text("PLATE"),
        v_helio=header.number("VHELIO", "VHBARY"),
        bc=header.number("BC"),
        flags=header.integer("STARFLAG"),
        file=file,
    )


def _table(hdus: Sequence[Hdu]) -> Hdu | None:
    """The visit's own table, where it has a row."""
    table = hdus[_TABLE] if len(hdus) > _TABLE else None
    return table if table is not None and table.is_table and table.rows > 0 else None


def _table_number(hdus: Sequence[Hdu], name: str) -> float | None:
    table = _table(hdus)
    return number(table.column(name)[0, 0]) if table is not None and table.width(name) else None


def _of_table(hdus: Sequence[Hdu]) -> StarInfo:
    """The field, which newer visits name in their table alone."""
    table = _table(hdus)
    return StarInfo(field=(table.texts("field")[0] or None) if table is not None and table.width("field") else None)
