"""apStar and asStar: one star's coadds and visits on the common grid, r5 to DR17 and SDSS-V.

Source: https://data.sdss.org/datamodel/files/APOGEE_REDUX/APRED_VERS/stars/TELESCOPE/FIELD/apStar.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.files.spectra.fits_hdus import Hdu
from inspector.files.spectra.fits_header import Header
from inspector.files.spectra.spectrum_arrays import MAX_ROWS, make_spectrum, visit_name
from inspector.files.spectra.star_keywords import known, mjd_of, star_id, star_meta, visit_file
from inspector.science.spectrum import N_PIXELS, Spectrum, Star

KIND = "apStar"

_FIRST_VISIT_ROW = 2


def refuse(hdus: Sequence[Hdu]) -> str | None:
    """Why this is no apStar; None if it is one."""
    if len(hdus) < 4:
        return f"has {len(hdus)} HDUs, an apStar at least 4 (flux, error and mask after the header)"
    for i in (1, 2, 3):
        shape = hdus[i].shape
        if len(shape) not in (1, 2) or shape[-1] != N_PIXELS:
            return f"HDU {i} has shape {shape}, an apStar's ({N_PIXELS},) or (rows, {N_PIXELS})"
    if not hdus[3].is_integer:
        return "HDU 3 holds real numbers, an apStar's is an integer bit mask"
    return None


def read(hdus: Sequence[Hdu]) -> Star:
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
    meta = star_meta(header, KIND, hdus[0].file)
    coadd = make_spectrum(flux[0], error[0], bitmask[0], "coadd", header.number("SNR"), {"how": _how(meta, flux)})
    visits = _visits(header, flux, error, bitmask, coadd, meta)
    meta |= {"snr": coadd.snr, **_from_visit_file(header, meta)}
    return Star(star_id(meta), coadd, visits, meta)


def _check(hdus: Sequence[Hdu]) -> None:
    shapes = [hdus[i].shape for i in (1, 2, 3)]
    if len(set(shapes)) != 1:
        raise hdus[1].problem(f"to 3 have shapes {shapes}, which do not belong together; the file is damaged")
    if len(shapes[0]) == 2 and shapes[0][0] > MAX_ROWS:
        raise hdus[1].problem(f"holds {shapes[0][0]} spectra; at most {MAX_ROWS} are read")
    header = hdus[0].header
    grid = header.number("CRVAL1"), header.number("CDELT1")
    if None not in grid and not np.allclose(grid, (4.179, 6e-6), rtol=0, atol=1e-10):  # type: ignore[arg-type]
        raise hdus[0].problem(f"states the grid 10^({grid[0]} + {grid[1]} i) Å; the network needs 10^(4.179 + 6e-6 i)")


def _how(meta: dict[str, Any], flux: NDArray[np.float64]) -> str:
    if meta.get("n_visits") == 1:
        return "the only visit"
    count = meta.get("n_visits") or max(len(flux) - _FIRST_VISIT_ROW, 0) or "the"
    return f"pixel-weighted coadd of {count} visits, by the APOGEE pipeline"


def _visits(
    header: Header,
    flux: NDArray[np.float64],
    error: NDArray[np.float64],
    bitmask: NDArray[np.int64],
    coadd: Spectrum,
    meta: dict[str, Any],
) -> tuple[Spectrum, ...]:
    if len(flux) <= _FIRST_VISIT_ROW:
        only = _visit_meta(header, 1)
        single = meta.get("n_visits") == 1
        return (_shared(coadd, only),) if single else ()
    rows = enumerate(zip(flux, error, bitmask, strict=True), start=1 - _FIRST_VISIT_ROW)
    return tuple(_visit(header, i, *arrays) for i, arrays in rows if i >= 1)


def _visit(header: Header, i: int, flux: Any, error: Any, bitmask: Any) -> Spectrum:
    said = _visit_meta(header, i)
    spectrum = make_spectrum(flux, error, bitmask, visit_name(i, said.get("mjd")), said.get("snr"), said)
    return replace(spectrum, meta={**said, "snr": spectrum.snr})


def _shared(coadd: Spectrum, said: dict[str, Any]) -> Spectrum:
    """The single visit: the coadd's own arrays under the visit's name."""
    snr = said.get("snr", coadd.snr)
    return replace(coadd, name=visit_name(1, said.get("mjd")), snr=snr, meta={**said, "snr": snr})


def _visit_meta(header: Header, i: int) -> dict[str, Any]:
    """What the header says of visit `i`, counted from 1; SNRVISi of 0 means unknown."""
    file = header.text(f"SFILE{i}")
    named = visit_file(file)
    named.pop("release", None)
    snr = header.number(f"SNRVIS{i}")
    said = {
        "mjd": named.get("mjd", mjd_of(header.get(f"JD{i}"))),
        "date": header.text(f"DATE{i}"),
        "fiber": header.integer(f"FIBER{i}"),
        "v_rad": header.number(f"VRAD{i}"),
        "v_helio": header.number(f"VHELIO{i}", f"VHBARY{i}"),
        "bc": header.number(f"BC{i}"),
        "snr": snr if snr and snr > 0 else None,
        "flags": header.integer(f"FLAG{i}"),
        "file": file,
    }
    return {**named, **known(said)}


def _from_visit_file(header: Header, meta: dict[str, Any]) -> dict[str, Any]:
    """Release and observatory, which older files state in their visits' names alone."""
    file = header.text("SFILE1") or ""
    said = {
        "release": visit_file(file).get("release"),
        "telescope": "lco25m" if file.startswith("asVisit") else None,
    }
    return {key: value for key, value in known(said).items() if key not in meta}
