"""One spectrum as a table, pixel by pixel, with units and where it came from: FITS, ECSV or CSV."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.units import Unit, dimensionless_unscaled
from numpy.typing import NDArray

from inspector.science.continuum import on_apstar_grid
from inspector.science.labels import ELEMENTS
from inspector.science.masking import known_error
from inspector.science.spectrum import N_PIXELS, NormalizedSpectrum, Spectrum
from inspector.science.windows import element_windows

FLUX_UNIT = "1e-17 erg / (s cm2 Angstrom)"

_CARD = 68
"""Characters of text that fit one header card."""


def spectrum_table(spectrum: Spectrum, normalized: NormalizedSpectrum | None, origin: Mapping[str, str]) -> Table:
    """What the network was given and what it was made from.

    Parameters
    ----------
    spectrum : Spectrum
    normalized : NormalizedSpectrum or None
        None where it cannot be normalised: its columns are then NaN, and no pixel counts as replaced.
    origin : mapping
        Where it came from, for the table's ``meta``.

    Returns
    -------
    Table
        8575 rows: ``wavelength`` (vacuum Å), ``flux``, ``error`` (NaN where there is none), ``continuum``,
        ``normalized_flux``, ``normalized_error`` (1 where replaced, as the network sees it; NaN in the chip gaps),
        ``bitmask``, ``replaced`` (astroNN wrote 1), ``window_<element>`` for each of `ELEMENTS`, and ``model``,
        ``normalized_model`` where the file has a best-fitting model.
    """
    unit = flux_unit(spectrum)
    columns = {
        **_measured(spectrum, unit),
        **_normalized(normalized, unit),
        **_model(spectrum, normalized, unit),
        **_windows(),
    }
    table = Table(meta=dict(origin))
    for name, (values, unit, description) in columns.items():
        table[name] = values
        table[name].unit = unit
        table[name].description = description
    return table


def write_spectrum(table: Table, kind: str) -> bytes:
    """A table of `spectrum_table` as a file's content; `kind` is a key of `WRITERS`."""
    return WRITERS[kind](table)


_Column = tuple[NDArray[Any], Any, str]


def _measured(spectrum: Spectrum, unit: Unit) -> dict[str, _Column]:
    return {
        "wavelength": (spectrum.wavelength, Unit("Angstrom"), "Vacuum wavelength in the star's rest frame"),
        "flux": (spectrum.flux, unit, "Flux as in the file"),
        "error": (known_error(spectrum), unit, "1-sigma error of flux; NaN where the file has none"),
        "bitmask": (spectrum.bitmask, None, "APOGEE_PIXMASK bits"),
    }


def flux_unit(spectrum: Spectrum) -> Unit:
    """Of flux, error and continuum; a spectrum that was normalised before has none."""
    return dimensionless_unscaled if spectrum.processing.normalized_by else Unit(FLUX_UNIT)


def _normalized(normalized: NormalizedSpectrum | None, unit: Unit) -> dict[str, _Column]:
    nothing = np.full(N_PIXELS, np.nan)
    parts = (normalized.continuum, normalized.flux, normalized.error) if normalized is not None else ()
    continuum, flux, error = map(on_apstar_grid, parts) if parts else (nothing, nothing, nothing)
    good = np.ones(N_PIXELS) if normalized is None else on_apstar_grid(normalized.good.astype(np.float64), fill=1.0)
    return {
        "continuum": (continuum, unit, "Fitted continuum"),
        "normalized_flux": (flux, None, "Flux over continuum, as the network sees it"),
        "normalized_error": (error, None, "1-sigma error of normalized_flux; 1 where replaced"),
        "replaced": (good == 0, None, "Whether the pixel was masked and its normalised flux replaced by 1"),
    }


def _model(spectrum: Spectrum, normalized: NormalizedSpectrum | None, unit: Unit) -> dict[str, _Column]:
    model = spectrum.model
    if model is None:
        return {}
    columns: dict[str, _Column] = {"model": (model, unit, "Best-fitting model of the file")}
    if normalized is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = model / on_apstar_grid(normalized.continuum)
        columns["normalized_model"] = (flat, None, "Model over continuum")
    return columns


def _windows() -> dict[str, _Column]:
    return {
        f"window_{element}": (on_apstar_grid(window.astype(np.float64), 0.0) > 0, None, f"In a window of {element}")
        for element, window in zip(ELEMENTS, element_windows(), strict=True)
    }


def _fits(table: Table) -> bytes:
    plain = table.copy()
    plain.meta = {}
    hdu = fits.table_to_hdu(plain)
    hdu.name = "SPECTRUM"
    for i, name in enumerate(table.colnames, start=1):
        hdu.header[f"TCOMM{i}"] = _ascii(table[name].description)
    primary = fits.PrimaryHDU()
    for key, value in table.meta.items():
        primary.header[key.upper()[:8]] = _ascii(str(value))
    buffer = io.BytesIO()
    fits.HDUList([primary, hdu]).writeto(buffer)
    return buffer.getvalue()


def _text(form: str) -> Callable[[Table], bytes]:
    def write(table: Table) -> bytes:
        buffer = io.StringIO()
        table.write(buffer, format=form)
        return buffer.getvalue().encode()

    return write


def _ascii(text: str) -> str:
    """What a header card holds: printable ASCII; a longer text is cut."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in text)
    return plain[:_CARD]


WRITERS: Mapping[str, Callable[[Table], bytes]] = {
    "fits": _fits,
    "ecsv": _text("ascii.ecsv"),
    "csv": _text("ascii.csv"),
}
"""How a table becomes the bytes of a file, by the file's extension."""
