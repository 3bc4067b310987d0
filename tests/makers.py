"""Generated files of every kind the readers know, with a spectrum that is known at every wavelength.

Each ``write_*`` writes a small file with astropy and returns its path. Extra keyword arguments become cards of the
primary header; a value of None removes the card.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from inspector.science.spectrum import CHIP_PIXELS, N_PIXELS, WAVELENGTH

LINES = np.random.default_rng(7).uniform(15150, 16950, 60)
DEPTHS = np.random.default_rng(8).uniform(0.05, 0.4, 60)
LEVEL = 500.0  # 1e-17 erg/s/cm²/Å
CHIP_RANGES = ((16940, 16476), (16432, 15860), (15807, 15146))  # Å, red first, wavelength falling
SPEED_OF_LIGHT = 299792.458


def true_flux(wavelength: NDArray[Any]) -> NDArray[np.float64]:
    """A star: a sloping continuum with 60 Gaussian lines of APOGEE's width. Same shape."""
    width = 15000 / 22500 / 2.355 * 1.4
    offset = (np.asarray(wavelength, dtype=np.float64)[..., None] - LINES) / width
    return LEVEL * (1 + (16000 - wavelength) / 8000) * (1 - (DEPTHS * np.exp(-(offset**2) / 2)).sum(axis=-1))


def on_grid(seed: int, snr: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Flux, error and mask on the apStar grid: noisy within the chips, 0, 1e10 and BADPIX outside."""
    chips = np.zeros(N_PIXELS, dtype=bool)
    chips[CHIP_PIXELS] = True
    clean = true_flux(WAVELENGTH)
    noisy = clean + np.random.default_rng(seed).normal(size=N_PIXELS) * clean / snr
    return (
        np.where(chips, noisy, 0),
        np.where(chips, clean / snr, 1e10),
        np.where(chips, 0, 1).astype(np.int64),
    )


def _primary(cards: dict[str, Any], extra: dict[str, Any]) -> fits.PrimaryHDU:
    hdu = fits.PrimaryHDU()
    for key, value in {**cards, **extra}.items():
        if value is not None:
            hdu.header[key] = value
    return hdu


def _write(path: Path, hdus: list[Any]) -> Path:
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def _star_cards(snr: float) -> dict[str, Any]:
    return {
        "OBJID": "2M00000000+0000000",
        "RA": 10.5,
        "DEC": -5.25,
        "H": 11.0,
        "J": 11.5,
        "K": 10.9,
        "SNR": snr,
    }


def write_apstar(path: Path, n_visits: int = 3, one_d: bool = False, snr: float = 100.0, **header: Any) -> Path:
    """An apStar: two coadds and the visits; for one visit a single row and an empty one, or 1-D where asked."""
    rows = [on_grid(0, snr)]
    if n_visits > 1:
        rows += [on_grid(0, snr), *(on_grid(i, snr / n_visits**0.5) for i in range(1, n_visits + 1))]
    elif not one_d:
        rows.append((np.zeros(N_PIXELS), np.zeros(N_PIXELS), np.zeros(N_PIXELS, dtype=np.int64)))
    flux, error, mask = (np.array(part)[0 if one_d else slice(None)] for part in zip(*rows, strict=True))
    cards = {**_star_cards(snr), "NVISITS": n_visits, "CRVAL1": 4.179, "CDELT1": 6e-6, "STARFLAG": 1028}
    for i in range(1, n_visits + 1):
        cards |= {
            f"SFILE{i}": f"apVisit-r6-5094-{55873 + i}-088.fits",
            f"JD{i}": 2455873.6 + i,
            f"FIBER{i}": 88,
        }
        cards |= {f"VRAD{i}": -10.0 * i, f"VHELIO{i}": -10.0 * i + 5, f"BC{i}": 5.0, f"SNRVIS{i}": 50.0 + i}
    images = [flux.astype(">f4"), error.astype(">f4"), mask.astype(">i2")]
    return _write(path, [_primary(cards, header), *(fits.ImageHDU(a) for a in images)])


def apvisit_arrays(v_rad: float, n_pixels: int, snr: float) -> list[NDArray[Any]]:
    """Flux, error, mask, wavelength of three detectors in the observer's frame. Each (3, n_pixels)."""
    pixel = np.linspace(0, 1, n_pixels)
    wavelength = np.array([first + (last - first) * (pixel + 0.05 * pixel**2) / 1.05 for first, last in CHIP_RANGES])
    clean = true_flux(wavelength / (1 + v_rad / SPEED_OF_LIGHT))
    noise = np.random.default_rng(3).normal(size=clean.shape) * clean / snr
    return [clean + noise, clean / snr, np.zeros(clean.shape, dtype=np.int16), wavelength]


def write_apvisit(
    path: Path,
    v_rad: float = 30.0,
    n_pixels: int = 4096,
    snr: float = 100.0,
    arrays: Any = None,
    **header: Any,
) -> Path:
    """An apVisit, moving at `v_rad` km/s; `arrays` replaces the four images."""
    cards = {**_star_cards(snr), "VRAD": v_rad, "BC": 5.0, "VHELIO": v_rad + 5, "MJD5": 55874, "FIBERID": 88}
    images = apvisit_arrays(v_rad, n_pixels, snr) if arrays is None else arrays
    return _write(path, [_primary(cards, header), *(fits.ImageHDU(a) for a in images)])


def write_aspcap(path: Path, snr: float = 100.0, n_elements: int = 26, **header: Any) -> Path:
    """An aspcapStar with a table of labels: Teff 4500, log g 2.5, [X/H] of 0.00, 0.01 … and one fill value."""
    flux, error, _ = on_grid(0, snr)
    continuum = LEVEL * (1 + (16000 - WAVELENGTH) / 8000)
    error = np.where(error < 1e10, error / continuum, 0)
    model = np.where(error > 0, true_flux(WAVELENGTH) / continuum, 0)
    x_h = np.arange(n_elements) / 100
    x_h[5] = -9999
    param, cov = np.array([4500, 2.5, 0.1, -0.2, 0, 0, 0, 0.5, 0]), np.diag([8100, 0.01, *[0.0] * 7]).ravel()
    columns = [
        fits.Column("APOGEE_ID", "18A", array=["2M00000000+0000000"]),
        fits.Column("STARFLAG", "J", array=[512]),
        fits.Column("PARAM", "9E", array=[param]),
        fits.Column("PARAM_COV", "81E", array=[cov]),
        fits.Column("X_H", f"{n_elements}E", array=[x_h]),
        fits.Column("X_H_ERR", f"{n_elements}E", array=[np.full(n_elements, 0.05)]),
    ]
    images = [fits.ImageHDU(a.astype(">f4")) for a in (flux / continuum, error, model)]
    cards = _star_cards(snr)
    cards["OBJ"] = cards.pop("OBJID")
    return _write(path, [_primary(cards, header), *images, fits.BinTableHDU.from_columns(columns)])


def _mwm_table(name: str, pixels: int, rows: list[dict[str, Any]], wavelength: bool) -> fits.BinTableHDU:
    """One table of an mwm file; each of `rows` gives its scalars and the seed and S/N of its spectrum."""
    spectra = [on_grid(row.pop("seed"), row["snr"]) for row in rows] if pixels == N_PIXELS else []
    if not spectra:
        spectra = [(np.ones(pixels), np.ones(pixels), np.zeros(pixels, dtype=np.int64)) for _ in rows]
    forms = {"sdss_id": "K", "telescope": "6A", "snr": "E", "spectrum_flags": "K", "v_rad": "E", "mjd": "J"}
    forms |= {"fiber": "J", "bc": "E", "in_stack": "L", "n_visits": "J", "obj": "18A"}
    star = ("sdss_id", "obj", "telescope", "snr", "spectrum_flags", "v_rad")
    names = (*star, "n_visits") if wavelength else (*star, "mjd", "fiber", "bc", "in_stack")
    columns = [fits.Column(n, forms[n], array=[row[n] for row in rows]) for n in names]
    flux, error, mask = (np.array([s[i] for s in spectra]).reshape(len(rows), pixels) for i in range(3))
    ivar = np.where(error < 1e9, error**-2.0, 0)
    columns += [fits.Column(n, f"{pixels}E", array=a) for n, a in (("flux", flux), ("ivar", ivar))]
    columns.append(fits.Column("pixel_flags", f"{pixels}K", array=mask))
    if wavelength:
        grid = 10 ** (4.179 + 6e-6 * np.arange(pixels))
        columns.append(fits.Column("wavelength", f"{pixels}E", array=np.tile(grid, (len(rows), 1))))
    table = fits.BinTableHDU.from_columns(columns, name=name)
    table.header.update({"INSTRMNT": name[: name.index("/")], "CRVAL": 4.179, "CDELT": 6e-6, "NPIXELS": pixels})
    return table


def _write_mwm(path: Path, tables: dict[str, list[dict[str, Any]]], wavelength: bool, header: dict[str, Any]) -> Path:
    cards = {
        "V_ASTRA": "0.6.0",
        "SDSS_ID": 54392901,
        "APOGEEID": "2M00000000+0000000",
        "RA": 10.5,
        "DEC": -5.25,
    }
    cards |= {"GAIA3_ID": 2096876543210987654, "CAT_ID": 63050396092955182, "H_MAG": 11.0}
    sizes = {"BOSS/APO": 4648, "BOSS/LCO": 4648, "APOGEE/APO": N_PIXELS, "APOGEE/LCO": N_PIXELS}
    made = [_mwm_table(name, pixels, tables.get(name, []), wavelength) for name, pixels in sizes.items()]
    return _write(path, [_primary(cards, header), *made])


def _mwm_row(seed: int, telescope: str, snr: float) -> dict[str, Any]:
    star = {"sdss_id": 54392901, "obj": "2M00000000+0000000", "telescope": telescope}
    visit = {"mjd": 59000 + seed, "fiber": seed, "bc": 5.0, "in_stack": True}
    return {**star, **visit, "seed": seed, "snr": snr, "spectrum_flags": 0, "v_rad": 12.5, "n_visits": 3}


def write_mwm_star(
    path: Path, apo: float | None = 100.0, lco: float | None = None, boss: bool = False, **header: Any
) -> Path:
    """An mwmStar with a coadd of that S/N from either observatory, and a BOSS one where asked."""
    tables = {"APOGEE/APO": [_mwm_row(1, "apo25m", apo)] if apo else []}
    tables["APOGEE/LCO"] = [_mwm_row(2, "lco25m", lco)] if lco else []
    tables["BOSS/APO"] = [_mwm_row(3, "apo25m", 20.0)] if boss else []
    return _write_mwm(path, tables, True, header)


def write_mwm_visit(
    path: Path,
    n_visits: int = 3,
    n_lco: int = 0,
    in_stack: Sequence[bool] = (),
    snr: float = 60.0,
    **header: Any,
) -> Path:
    """An mwmVisit with visits from either observatory; `in_stack` tells which of those at APO belong in a coadd."""
    apo = [_mwm_row(i, "apo25m", snr) for i in range(1, n_visits + 1)]
    for row, stacked in zip(apo, in_stack, strict=False):
        row["in_stack"] = stacked
    lco = [_mwm_row(100 + i, "lco25m", snr) for i in range(1, n_lco + 1)]
    return _write_mwm(path, {"APOGEE/APO": apo, "APOGEE/LCO": lco}, False, header)


WRITERS = {
    "apStar": write_apstar,
    "apVisit": write_apvisit,
    "aspcapStar": write_aspcap,
    "mwmStar": write_mwm_star,
    "mwmVisit": write_mwm_visit,
}
"""What makes a file of each kind."""
