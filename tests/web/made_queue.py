"""A results table of made stars, one of whose spectra is nowhere."""

from __future__ import annotations

from pathlib import Path

from astropy.table import Table
from makers import write_apstar

NAMES = ["2M00000001+0000001", "2M00000002+0000002", "2M00000003+0000003", "2M00000004+0000004", "2M00000005+0000005"]
TEFF = [4500.0, 5200.0, 3900.0, 4100.0, 6000.0]
FLAGGED = [True, False, True, True, False]
MISSING = 3
"""The row without a spectrum."""


def write_queue(folder: Path) -> tuple[Path, Path]:
    """The table, and the folder with the spectra; the third row is about the star's second visit."""
    spectra = folder / "spectra"
    spectra.mkdir()
    for row, name in enumerate(NAMES):
        if row != MISSING:
            write_apstar(spectra / f"apStar-r6-{name}.fits", n_visits=2, OBJID=name)
    rows = {
        "star_id": NAMES,
        "file": [f"apStar-r6-{name}.fits" for name in NAMES],
        "spectrum": ["coadd", "coadd", "visit 2 · MJD 55875", "coadd", "coadd"],
        "snr": [50.0, 40.0, 30.0, 20.0, 10.0],
        "teff": TEFF,
        "logg": [2.0, 2.5, 1.0, 1.5, 4.4],
        "fe_h": [0.0, -0.1, -0.2, -0.3, -0.4],
        "flag_warn": FLAGGED,
        "flag_bad": [False] * len(NAMES),
    }
    path = folder / "flagged.ecsv"
    Table(rows).write(path, format="ascii.ecsv")
    return path, spectra
