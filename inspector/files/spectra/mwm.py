"""mwmStar and mwmVisit: SDSS-V's star files, APOGEE and BOSS, Apache Point and Las Campanas in one.

Source: https://data.sdss.org/datamodel/files/MWM_ASTRA/V_ASTRA/spectra/star/ (DR19)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from inspector.exceptions import FileError
from inspector.files.fits_hdus import Hdu
from inspector.files.spectra.spectrum_arrays import MAX_ROWS, combine, error_from_ivar, make_spectrum, visit_name
from inspector.files.spectra.star_keywords import star_info
from inspector.files.untrusted_text import identifier, number
from inspector.science.spectrum import N_PIXELS, WAVELENGTH, Spectrum
from inspector.science.star import Star
from inspector.science.star_info import Observation, Processing, SourceFile, StarInfo

KIND = "mwmStar or mwmVisit"

_NEEDED = ("flux", "ivar", "pixel_flags")


def refuse(hdus: Sequence[Hdu]) -> str | None:
    """Why this is neither an mwmStar nor an mwmVisit; None if it is one."""
    tables = [hdu for hdu in hdus if hdu.is_table]
    if not tables:
        return "has no table, where an mwm file keeps its spectra"
    if not any(all(name in hdu.columns for name in _NEEDED) for hdu in tables):
        return f"no table has the columns {', '.join(_NEEDED)}"
    return None


def read(hdus: Sequence[Hdu], file: SourceFile) -> Star:
    """Read an mwm file that `refuse` let pass: its APOGEE rows, from both observatories.

    An mwmStar holds one coadd per telescope. The one with the highest S/N is the coadd; ``visits`` is empty, or holds
    the other telescopes' coadds, named so (``coadd 2 · lco25m``), that they can be looked at too.

    An mwmVisit holds visits and no coadd. The coadd is made here, of the visits marked ``in_stack`` of the telescope
    with the most signal (line spread functions differ), and says so in ``coadd.processing``.

    Raises
    ------
    FileError
        If the file holds BOSS spectra alone, no row at all, or arrays on another grid.
    """
    filled = [hdu for hdu in _tables(hdus) if hdu.rows]
    apogee = [hdu for hdu in filled if _is_apogee(hdu)]
    if not apogee:
        raise FileError(_nothing(hdus[0].file, bool(filled)))
    _check_rows(apogee)
    product = product_of(hdus)
    is_visits = product == "mwmVisit"
    spectra = [spectrum for hdu in apogee for spectrum in _spectra(hdu)]
    coadd, visits = _as_visits(spectra) if is_visits else _as_coadds(spectra)
    info = star_info(hdus[0].header, product, file)
    info = info.completed_by(_of_rows(apogee[0], coadd.observation))
    return Star(coadd, visits).with_info(replace(info, n_visits=len(visits)) if is_visits else info)


def product_of(hdus: Sequence[Hdu]) -> str:
    """Which of the two a file is that `refuse` let pass."""
    return "mwmVisit" if any("mjd" in hdu.columns for hdu in _tables(hdus)) else "mwmStar"


def _tables(hdus: Sequence[Hdu]) -> list[Hdu]:
    """The tables that can hold spectra."""
    return [hdu for hdu in hdus if hdu.is_table and all(name in hdu.columns for name in _NEEDED)]


def _nothing(file: str, boss: bool) -> str:
    if boss:
        return f"{file}: holds only BOSS optical spectra; the network needs APOGEE's. Choose a star APOGEE observed."
    return f"{file}: every table is empty, there is no spectrum in it."


def _check_rows(apogee: Sequence[Hdu]) -> None:
    """Refuse what would fill the memory, before any array is made."""
    rows = sum(hdu.rows for hdu in apogee)
    if rows > MAX_ROWS:
        raise FileError(f"{apogee[0].file}: its tables hold {rows} APOGEE spectra; at most {MAX_ROWS} are read.")


def _is_apogee(hdu: Hdu) -> bool:
    named = hdu.header.text("INSTRMNT", "EXTNAME") or ""
    return named.upper().startswith("APOGEE") or hdu.width("flux") == N_PIXELS


def _spectra(hdu: Hdu) -> list[Spectrum]:
    """Each row as a spectrum, not yet named."""
    _check(hdu)
    flux, bitmask = (
        np.asarray(hdu.column("flux"), dtype=np.float64),
        hdu.column("pixel_flags"),
    )  # (rows, 8575)
    error = error_from_ivar(np.asarray(hdu.column("ivar"), dtype=np.float64))
    return [
        replace(
            make_spectrum(flux[i], error[i], bitmask[i], "", _number(hdu, "snr", i)), observation=_observation(hdu, i)
        )
        for i in range(hdu.rows)
    ]


def _check(hdu: Hdu) -> None:
    widths = {name: hdu.width(name) for name in _NEEDED}
    if set(widths.values()) != {N_PIXELS}:
        raise hdu.problem(f"has spectra of {widths} pixels; the apStar grid has {N_PIXELS}")
    if hdu.column("pixel_flags").dtype != np.int64:
        raise hdu.problem("should hold whole numbers in pixel_flags; download the file again")
    if not np.allclose(_wavelength(hdu), WAVELENGTH, rtol=0, atol=0.02):
        raise hdu.problem("is on another wavelength grid than the apStar's, which the network needs")


def _wavelength(hdu: Hdu) -> Any:
    """Wavelength in Å: the column's, or the header's, or where neither is stated the apStar grid's."""
    if hdu.width("wavelength") == N_PIXELS:
        return hdu.column("wavelength")[0]
    first, step = hdu.header.number("CRVAL"), hdu.header.number("CDELT")
    if first is None or step is None or not 0 < first < 10 or not 0 < step < 1e-3:
        return WAVELENGTH
    return 10 ** (first + step * np.arange(N_PIXELS))


def _observation(hdu: Hdu, i: int) -> Observation:
    """What row `i` says of itself; the column v_rad is barycentric, v_rel relative to the observer."""
    return Observation(
        mjd=_integer(hdu, "mjd", i),
        date=_text(hdu, "date_obs", i),
        fiber=_integer(hdu, "fiber", i),
        plate=_text(hdu, "plate", i),
        telescope=_text(hdu, "telescope", i) or hdu.header.text("OBSRVTRY"),
        field=_text(hdu, "field", i),
        release=_text(hdu, "release", i),
        v_rad=_number(hdu, "v_rel", i),
        v_helio=_number(hdu, "v_rad", i),
        bc=_number(hdu, "bc", i),
        flags=_integer(hdu, "spectrum_flags", i),
        in_stack=bool(hdu.column("in_stack")[i, 0]) if hdu.width("in_stack") else None,
        n_visits=_integer(hdu, "n_visits", i),
    )


def _number(hdu: Hdu, name: str, i: int) -> float | None:
    return number(hdu.column(name)[i, 0]) if hdu.width(name) else None


def _integer(hdu: Hdu, name: str, i: int) -> int | None:
    values = hdu.column(name) if hdu.width(name) else None
    return int(values[i, 0]) if values is not None and values.dtype == np.int64 and values[i, 0] >= 0 else None


def _text(hdu: Hdu, name: str, i: int) -> str | None:
    if not hdu.width(name):
        return None
    return (hdu.texts(name)[i] if hdu.is_text(name) else str(_integer(hdu, name, i) or "")) or None


def _as_coadds(spectra: list[Spectrum]) -> tuple[Spectrum, tuple[Spectrum, ...]]:
    """The best coadd, and the others."""
    ordered = sorted(spectra, key=lambda s: -s.snr if s.snr == s.snr else np.inf)
    best, *others = ordered
    how = f"coadd by the APOGEE pipeline, {best.observation.telescope or 'one telescope'}"
    coadd = replace(best, name="coadd", processing=Processing(how))
    names = [f"coadd {i} · {s.observation.telescope or 'other telescope'}" for i, s in enumerate(others, start=2)]
    return coadd, tuple(replace(s, name=name) for s, name in zip(others, names, strict=True))


def _as_visits(spectra: list[Spectrum]) -> tuple[Spectrum, tuple[Spectrum, ...]]:
    """Our coadd of the visits that belong in it, and all visits."""
    named = [replace(s, name=visit_name(i, s.observation.mjd)) for i, s in enumerate(spectra, start=1)]
    stack = [s for s in named if s.observation.in_stack is not False]
    which = "in_stack" if stack else "all (none is marked in_stack)"
    chosen, telescope = _most_signal(stack or named)
    mean = f"inverse-variance mean of {len(chosen)}" if len(chosen) > 1 else f"{chosen[0].name} alone,"
    how = f"{mean} of {len(named)} visits: {which}, {telescope}; combined here"
    return replace(combine(chosen, how), observation=Observation(telescope=telescope)), tuple(named)


def _most_signal(visits: list[Spectrum]) -> tuple[list[Spectrum], str]:
    """The visits of the telescope with the largest Σ S/N², and its name."""
    telescopes: dict[str, list[Spectrum]] = {}
    for visit in visits:
        telescopes.setdefault(visit.observation.telescope or "one telescope", []).append(visit)
    name = max(telescopes, key=lambda t: sum(s.snr**2 for s in telescopes[t] if s.snr == s.snr))
    return telescopes[name], name


def _of_rows(hdu: Hdu, coadd: Observation) -> StarInfo:
    """What the rows, rather than the primary header, say of the star."""
    return StarInfo(
        apogee_id=_text(hdu, "obj", 0),
        sdss_id=identifier(_integer(hdu, "sdss_id", 0)),
        gaia_id=identifier(_integer(hdu, "gaia_dr3_source_id", 0)),
        catalogid=identifier(_integer(hdu, "catalogid", 0)),
        telescope=coadd.telescope,
        field=coadd.field,
        release=coadd.release,
        n_visits=coadd.n_visits,
        starflag=coadd.flags,
        v_helio=coadd.v_helio,
        rv_teff=_number(hdu, "doppler_teff", 0),
        rv_logg=_number(hdu, "doppler_logg", 0),
        rv_feh=_number(hdu, "doppler_fe_h", 0),
    )
