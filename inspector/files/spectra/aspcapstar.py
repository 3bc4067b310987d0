"""aspcapStar: a spectrum ASPCAP normalised, its best-fitting model, and the catalogue's labels.

Source: https://data.sdss.org/datamodel/files/APOGEE_ASPCAP/APRED_VERS/ASPCAP_VERS/TELESCOPE/FIELD/aspcapStar.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inspector.files.fits_hdus import Hdu
from inspector.files.spectra.spectrum_arrays import make_spectrum
from inspector.files.spectra.star_keywords import star_info
from inspector.files.untrusted_text import number
from inspector.science.labels import LABEL_NAMES
from inspector.science.spectrum import N_PIXELS
from inspector.science.star import Star
from inspector.science.star_info import Processing, SourceFile, StarInfo

KIND = "aspcapStar"

X_H_ORDER: tuple[str, ...] = LABEL_NAMES[2:]
"""The elements X_H begins with since DR13 (C, CI, N, O, Na … Co, Ni): our label order, after Teff and log g."""

_TABLE = 4


def refuse(hdus: Sequence[Hdu]) -> str | None:
    """Why this is not an aspcapStar; None if it is."""
    if len(hdus) < 4:
        return f"an aspcapStar has at least 4 HDUs (flux, error, model after the header), this has {len(hdus)}"
    for i in (1, 2, 3):
        if hdus[i].shape not in ((N_PIXELS,), (1, N_PIXELS)):
            return f"HDU {i} has shape {hdus[i].shape}; in an aspcapStar it is ({N_PIXELS},)"
    if hdus[3].is_integer:
        return "HDU 3 holds whole numbers; in an aspcapStar it is the best-fitting model"
    return None


def read(hdus: Sequence[Hdu], file: SourceFile) -> Star:
    """Read an aspcapStar that `refuse` let pass.

    The flux is normalised already, by ASPCAP's rule and not by astroNN's: ``coadd.processing.normalized_by`` says so.
    It carries no mask: pixels without an error are BADPIX, all others 0. ``coadd.model`` is ASPCAP's best fit.
    """
    header = hdus[0].header
    flux, error, model = (hdus[i].image().reshape(N_PIXELS) for i in (1, 2, 3))
    model.setflags(write=False)
    nothing = np.zeros(N_PIXELS, dtype=np.int64)
    coadd = make_spectrum(flux, error, nothing, "coadd", header.number("SNR"))
    processing = Processing("coadd, continuum-normalised by ASPCAP", normalized_by="ASPCAP")
    coadd = replace(coadd, processing=processing, model=model)
    return Star(coadd, ()).with_info(_with_table(star_info(header, KIND, file), hdus))


def _with_table(info: StarInfo, hdus: Sequence[Hdu]) -> StarInfo:
    """With what the table of labels says of the star."""
    table = hdus[_TABLE] if len(hdus) > _TABLE else None
    if table is None or not table.is_table or table.rows < 1:
        return info
    said = StarInfo(
        apogee_id=(table.texts("apogee_id")[0] or None) if table.width("apogee_id") else None,
        starflag=_flags(table, "starflag"),
        andflag=_flags(table, "andflag"),
    )
    return replace(info.completed_by(said), catalogue=catalogue(table))


def _flags(table: Hdu, name: str) -> int | None:
    return int(table.column(name)[0, 0]) if table.width(name) else None


def catalogue(table: Hdu) -> dict[str, tuple[float, float]]:
    """The catalogue's calibrated labels.

    Teff and log g are PARAM[0] and PARAM[1] with the square roots of PARAM_COV's diagonal; abundances are X_H, in
    dex against the Sun, read only where the column has the elements of DR13 and later.

    Returns
    -------
    dict of str to (float, float)
        Value and error by label name; the error is NaN where the catalogue gives none.
    """
    parameters = _row(table, "param")
    covariance = _row(table, "param_cov")
    side = len(parameters)
    labels: dict[str, tuple[float | None, float]] = {}
    if side >= 2:
        variances = covariance[:: side + 1] if len(covariance) == side**2 else [None] * side
        labels |= {LABEL_NAMES[i]: (parameters[i], _root(variances[i])) for i in (0, 1)}
    values, errors = _row(table, "x_h"), _row(table, "x_h_err")
    if len(values) > len(X_H_ORDER):
        padded = errors if len(errors) == len(values) else [None] * len(values)
        labels |= {name: (values[i], _or_nan(padded[i])) for i, name in enumerate(X_H_ORDER)}
    return {name: (value, error) for name, (value, error) in labels.items() if value is not None}


def _row(table: Hdu, name: str) -> list[float | None]:
    """The first row's numbers; None for a fill value."""
    return [number(x) for x in table.column(name)[0]] if table.width(name) else []


def _root(variance: float | None) -> float:
    return float(np.sqrt(variance)) if variance is not None and variance > 0 else float("nan")


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
