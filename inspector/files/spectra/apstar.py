"""apStar and asStar: one star's coadds and visits on the common grid, r5 to DR17 and SDSS-V.

Source: https://data.sdss.org/datamodel/files/APOGEE_REDUX/APRED_VERS/stars/TELESCOPE/FIELD/apStar.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspector.files.fits_hdus import Hdu
from inspector.files.fits_header import Header
from inspector.files.spectra.spectrum_arrays import MAX_ROWS, make_spectrum, visit_name
from inspector.files.spectra.star_keywords import mjd_of, named_visit, star_info
from inspector.science.spectrum import N_PIXELS, Spectrum
from inspector.science.star import Star
from inspector.science.star_info import Observation, Processing, SourceFile, StarInfo

KIND = "apStar"

_FIRST_VISIT_ROW = 2


def refuse(hdus: Sequence[Hdu]) -> str | None:
    """Why this is not an apStar; None if it is."""
    if len(hdus) < 4:
        return f"an apStar has at least 4 HDUs (flux, error and mask after the header), this has {len(hdus)}"
    for i in (1, 2, 3):
        shape = hdus[i].shape
        if len(shape) not in (1, 2) or shape[-1] != N_PIXELS:
            return f"HDU {i} has shape {shape}; in an apStar it is ({N_PIXELS},) or (rows, {N_PIXELS})"
    if not hdus[3].is_integer:
        return "HDU 3 holds real numbers; in an apStar it is an integer bit mask"
    return None


def read(hdus: Sequence[Hdu], file: SourceFile) -> Star:
    """Read an apStar that `refuse` let pass.

    Row 0, the pixel-weighted coadd, is the coadd. Row 1 is the globally weighted coadd (or, beside a single visit,
    empty) and is left out. Rows 2 and on are the visits. A file of one visit holds it as row 0: it is then both the
    coadd and, so that its MJD and fibre can be seen, the only entry of ``visits``, on the same arrays.

    Raises
    ------
    FileError
        If the arrays do not match or are on another grid.
    """
    header = hdus[0].header
    _check(hdus)
    flux, error = (np.atleast_2d(hdus[i].image()) for i in (1, 2))  # (rows, 8575)
    bitmask = np.atleast_2d(hdus[3].mask())
    info = star_info(header, KIND, file)
    coadd = make_spectrum(flux[0], error[0], bitmask[0], "coadd", header.number("SNR"))
    coadd = replace(coadd, processing=Processing(_how(info, len(flux))))
    visits = _visits(header, flux, error, bitmask, coadd, info)
    return Star(coadd, visits).with_info(info.completed_by(_of_visit_file(header)))


def _check(hdus: Sequence[Hdu]) -> None:
    shapes = [hdus[i].shape for i in (1, 2, 3)]
    if len(set(shapes)) != 1:
        raise hdus[1].problem(f"to 3 have shapes {shapes}, which do not belong together; the file is damaged")
    if len(shapes[0]) == 2 and shapes[0][0] > MAX_ROWS:
        raise hdus[1].problem(f"holds {shapes[0][0]} spectra; at most {MAX_ROWS} are read")
    header = hdus[0].header
    start, step = header.number("CRVAL1"), header.number("CDELT1")
    if start is None or step is None:
        return
    if not np.allclose((start, step), (4.179, 6e-6), rtol=0, atol=1e-10):
        raise hdus[0].problem(f"states the grid 10^({start} + {step} i) Å; the network needs 10^(4.179 + 6e-6 i)")


def _how(info: StarInfo, rows: int) -> str:
    if info.n_visits == 1:
        return "the only visit"
    count = info.n_visits or max(rows - _FIRST_VISIT_ROW, 0) or "the"
    return f"pixel-weighted coadd of {count} visits, by the APOGEE pipeline"


def _visits(
    header: Header,
    flux: NDArray[np.float64],
    error: NDArray[np.float64],
    bitmask: NDArray[np.int64],
    coadd: Spectrum,
    info: StarInfo,
) -> tuple[Spectrum, ...]:
    if len(flux) <= _FIRST_VISIT_ROW:
        return (_shared(coadd, header),) if info.n_visits == 1 else ()
    rows = enumerate(zip(flux, error, bitmask, strict=True), start=1 - _FIRST_VISIT_ROW)
    return tuple(_visit(header, i, *arrays) for i, arrays in rows if i >= 1)


def _visit(
    header: Header, i: int, flux: NDArray[np.float64], error: NDArray[np.float64], bitmask: NDArray[np.int64]
) -> Spectrum:
    observation = _observation(header, i)
    spectrum = make_spectrum(flux, error, bitmask, visit_name(i, observation.mjd), _snr(header, i))
    return replace(spectrum, observation=observation)


def _shared(coadd: Spectrum, header: Header) -> Spectrum:
    """The single visit: the coadd's own arrays under the visit's name."""
    observation, snr = _observation(header, 1), _snr(header, 1)
    return replace(
        coadd,
        name=visit_name(1, observation.mjd),
        snr=coadd.snr if snr is None else snr,
        observation=observation,
        processing=Processing(),
    )


def _snr(header: Header, i: int) -> float | None:
    """Of visit `i`; SNRVISi of 0 means unknown."""
    snr = header.number(f"SNRVIS{i}")
    return snr if snr and snr > 0 else None


def _observation(header: Header, i: int) -> Observation:
    """What the header says of visit `i`, counted from 1."""
    file = header.text(f"SFILE{i}")
    named = named_visit(file)
    fiber = header.integer(f"FIBER{i}")
    return Observation(
        mjd=mjd_of(header.get(f"JD{i}")) if named.mjd is None else named.mjd,
        date=header.text(f"DATE{i}"),
        fiber=named.fiber if fiber is None else fiber,
        plate=named.plate,
        v_rad=header.number(f"VRAD{i}"),
        v_helio=header.number(f"VHELIO{i}", f"VHBARY{i}"),
        v_error=header.number(f"VERR{i}"),
        bc=header.number(f"BC{i}"),
        flags=header.integer(f"FLAG{i}"),
        file=file,
    )


def _of_visit_file(header: Header) -> StarInfo:
    """Release and observatory, which older files state in their visits' names alone."""
    file = header.text("SFILE1") or ""
    return StarInfo(release=named_visit(file).release, telescope="lco25m" if file.startswith("asVisit") else None)
