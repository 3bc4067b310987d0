"""Small tables in each layout that people open, row by row the same few stars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Table

from inspector.files.astropy_errors import quiet
from inspector.files.tables.result_table import write_table
from inspector.science.flag_rules import FLAGS
from inspector.science.labels import LABELS
from inspector.science.result_columns import COLUMNS

APOGEE_IDS = ("2M17335483-2753043", "2M19485057+5005279", "AP00000000+0000000", "2M00000000+0000000", "")
SDSS_IDS = (114892017, 54392901, 77, 123456, 99999)
GAIA_IDS = (4061234567890123456, 2096876543210987654, 0, -1, 9007199254740993)
RA, DEC = (263.478472, 297.210749, 0.0, 10.5, 359.9999), (-27.884529, 50.091084, 0.0, -5.25, 89.9999)
TEFF, LOGG, FE_H = (
    (4650.5, 4500.0, 5777.25, 3900.0, math.nan),
    (2.5, 1.5, 4.4, 0.5, math.nan),
    (0.1, -0.5, 0, -1, math.nan),
)
SNR = (120.0, 80.5, 30.25, -9999.0, 10.0)
RESULT_FLAGS = (0, 1, 6, 7, 2048)
TELESCOPES = ("apo25m", "apo25m", "lco25m", "apo1m", "lco25m")
FIELDS = ("000+02", "K16_081+11", "M67-RV", "calibration", "120-30")
N = len(APOGEE_IDS)

ELEMENTS = (
    *("C", "CI", "N", "O", "Na", "Mg", "Al", "Si", "S", "K"),
    *("Ca", "Ti", "TiII", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Ce"),
)
"""Elements of X_H in an allStar table, which lists them itself."""

Columns = Mapping[str, tuple[str, Sequence[Any]]]


def value(label: int, row: int) -> float:
    """What a made table says of a label: the three known ones, and of an abundance a number of its own."""
    known = {"teff": TEFF, "logg": LOGG, "fe_h": FE_H}.get(LABELS[label].name)
    return float(known[row]) if known else (math.nan if row == N - 1 else label / 100 + row / 1000)


def error(label: int, row: int, raw: bool = False) -> float:
    """Its error; the raw one is half of it."""
    return math.nan if row == N - 1 else (label + 1) / (200 if raw else 100) + row / 500


def own_rows() -> list[dict[str, Any]]:
    """Rows as a batch run writes them; ``spectrum`` is the coadd but for one visit."""
    rows = []
    for i in range(N):
        row: dict[str, Any] = {column.name: column.blank for column in COLUMNS}
        row |= {
            "star_id": APOGEE_IDS[i] or f"SDSS {SDSS_IDS[i]}",
            "file": f"apStar-{i}.fits",
            "path": f"/data/a/apStar-{i}.fits",
        }
        row |= {"file_sha256": f"{i:064x}", "spectrum": "visit 2" if i == 2 else "coadd", "weights_hash": "ab" * 32}
        row |= {"snr": abs(SNR[i]), "mc_num": 100, "seed": 2**63 - 1 - i, "dropout_rate": 0.3}
        for j, label in enumerate(LABELS):
            row |= {label.name: value(j, i), f"raw_{label.name}": value(j, i), f"e_{label.name}": error(j, i)}
            row[f"raw_e_{label.name}"] = error(j, i, raw=True)
        row["result_flags"] = RESULT_FLAGS[i]
        row |= {flag.name: bool(RESULT_FLAGS[i] >> flag.bit & 1) for flag in FLAGS}
        row |= {
            "flag_warn": RESULT_FLAGS[i] != 0,
            "remark": "=1+1" if i == 1 else "",
            "reason": "no flux" if i == 4 else "",
        }
        rows.append(row)
    return rows


def write_own(path: Path) -> Path:
    """A table of ``inspector batch``, in the format its extension names."""
    write_table(own_rows(), path)
    return path


def _spelled(name: str, upper: bool) -> str:
    return name.upper() if upper else name


def hdu_of(columns: Columns, name: str = "", upper: bool = False) -> fits.BinTableHDU:
    """A FITS table."""
    made = [fits.Column(_spelled(n, upper), form, array=np.array(values)) for n, (form, values) in columns.items()]
    return fits.BinTableHDU.from_columns(made, name=name)


def write_fits(path: Path, *hdus: fits.BinTableHDU) -> Path:
    """A file of these parts; packed if its name says so."""
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path, overwrite=True)
    return path


def astra_columns(visits: bool = False) -> dict[str, tuple[str, Sequence[Any]]]:
    """Columns of Astra's AstroNN tables."""
    columns: dict[str, tuple[str, Sequence[Any]]] = {
        "sdss_id": ("K", SDSS_IDS),
        "sdss4_apogee_id": ("18A", APOGEE_IDS),
        "gaia_dr3_source_id": ("K", GAIA_IDS),
        "catalogid": ("K", [63050396092955182 + i for i in range(N)]),
        "ra": ("D", RA),
        "dec": ("D", DEC),
        "v_astra": ("5A", ["0.6.0"] * N),
        "release": ("5A", ["sdss5", "dr17", "dr17", "dr17", "sdss5"]),
        "filetype": ("7A", ["apStar"] * N),
        "apred": ("4A", ["1.3"] + ["dr17"] * (N - 1)),
        "apstar": ("5A", ["stars"] * N),
        "obj": ("18A", [*APOGEE_IDS[:4], "2M99999999+9999999"]),
        "telescope": ("6A", TELESCOPES),
        "field": ("19A", FIELDS),
        "healpix": ("J", [-1, 100, 2000, 30, 4]),
        "prefix": ("2A", ["ap", "ap", "as", "ap", "as"]),
        "snr": ("E", SNR),
    }
    if visits:
        columns |= {
            "plate": ("8A", ["5094", "", "10", "11", "12"]),
            "mjd": ("J", [55874, -1, 58000, 58001, 58002]),
            "fiber": ("J", [88, 1, 2, -9999, 300]),
            "visit_pk": ("K", [9, 8, 0, 7, 6]),
        }
    for j, label in enumerate(LABELS):
        columns[label.name] = ("E", [value(j, i) for i in range(N)])
        columns[f"e_{label.name}"] = ("E", [error(j, i) for i in range(N)])
        columns[f"raw_{label.name}"] = ("E", [value(j, i) for i in range(N)])
        columns[f"raw_e_{label.name}"] = ("E", [error(j, i, raw=True) for i in range(N)])
    columns["result_flags"] = ("J", RESULT_FLAGS)
    columns["flag_warn"] = ("L", [flags != 0 for flags in RESULT_FLAGS])
    columns |= {flag.name: ("L", [bool(f >> flag.bit & 1) for f in RESULT_FLAGS]) for flag in FLAGS}
    return columns


def some(columns: Columns, rows: Sequence[int]) -> dict[str, tuple[str, Sequence[Any]]]:
    """The same columns of some rows."""
    return {name: (form, [values[i] for i in rows]) for name, (form, values) in columns.items()}


def write_astra(path: Path, visits: bool = False, upper: bool = False) -> Path:
    """astraAllStarAstroNN, or with `visits` astraAllVisitAstroNN: an empty BOSS table, then APOGEE's."""
    columns = astra_columns(visits)
    return write_fits(path, hdu_of(some(columns, []), "BOSS", upper), hdu_of(columns, "APOGEE", upper))


def write_astra_star(path: Path) -> Path:
    """astraStarAstroNN: four tables, of which APOGEE's two have two rows and one."""
    columns = astra_columns()
    rows = {"BOSS/APO": [], "BOSS/LCO": [], "APOGEE/APO": [0, 1], "APOGEE/LCO": [2]}
    return write_fits(path, *(hdu_of(some(columns, own), name) for name, own in rows.items()))


def write_vac(path: Path) -> Path:
    """apogee_astroNN-DR17: upper case, errors after the name, -9999 for what is missing."""
    spelled = {"c_1_h": "CI_H", "ti_2_h": "TIII_H"}
    columns: dict[str, tuple[str, Sequence[Any]]] = {
        "APOGEE_ID": ("18A", APOGEE_IDS),
        "LOCATION_ID": ("I", [4000 + i for i in range(N)]),
        "RA_APOGEE": ("D", RA),
        "DEC_APOGEE": ("D", DEC),
        "TELESCOPE": ("6A", TELESCOPES),
    }
    for j, label in enumerate(LABELS):
        name = spelled.get(label.name, label.name.upper())
        columns[name] = ("E", [np.nan_to_num(value(j, i), nan=-9999) for i in range(N)])
        columns[f"{name}_ERR"] = ("E", [np.nan_to_num(error(j, i), nan=-9999) for i in range(N)])
    columns["GALVR"] = ("D", [1.5 * i for i in range(N)])
    return write_fits(path, hdu_of(columns))


def write_allstar(path: Path, elements: bool = True) -> Path:
    """allStar-dr17: ASPCAP's labels, abundances in one column, the elements named in the third table."""
    x_h = [[j / 10 + i for j in range(len(ELEMENTS))] for i in range(N)]
    columns: dict[str, tuple[str, Sequence[Any]]] = {
        "FILE": ("64A", [f"apStar-dr17-{name}.fits" if name else "" for name in APOGEE_IDS]),
        "APOGEE_ID": ("18A", APOGEE_IDS),
        "TELESCOPE": ("8A", TELESCOPES),
        "FIELD": ("19A", FIELDS),
        "GAIAEDR3_SOURCE_ID": ("K", GAIA_IDS),
        "RA": ("D", RA),
        "DEC": ("D", DEC),
        "K": ("E", [9.5, 99.9999, 8, 7, 6]),
        "SNR": ("E", SNR),
        "STARFLAG": ("K", [0, 512, 1, 2, 3]),
        "ASPCAPFLAG": ("K", [0] * N),
        "TEFF": ("E", TEFF),
        "TEFF_ERR": ("E", [error(0, i) for i in range(N)]),
        "LOGG": ("E", LOGG),
        "FE_H": ("E", FE_H),
        "X_H": ("20E", x_h),
        "X_H_ERR": ("20E", np.array(x_h) / 100),
        "FPARAM_COV": ("81E", np.zeros((N, 81))),
        "VISIT_PK": ("PJ()", [np.array([1, 2], dtype=np.int32)] * N),
    }
    names = np.array([list(ELEMENTS)], dtype="S4")
    third = fits.BinTableHDU.from_columns([fits.Column("ELEM_SYMBOL", "80A", dim="(4,20)", array=names)])
    second = hdu_of({"NOTHING": ("J", [1])})
    return write_fits(path, hdu_of(columns), second, *([third] if elements else []))


def write_plain(path: Path) -> Path:
    """A short table of anybody's, in the format its extension names: ``Star``, ``Teff_NN``, ``[Fe/H]`` …"""
    table = Table(
        {
            "Star": APOGEE_IDS,
            "source_id": np.array([max(gaia, 0) for gaia in GAIA_IDS]),
            "RAJ2000": RA,
            "DEJ2000": DEC,
            "Teff_NN": TEFF,
            "Teff_NN_err": [error(0, i) for i in range(N)],
            "[Fe/H]": FE_H,
            "Code": ["0012", "0", "12", "007", "x"],
        }
    )
    form = {".fits": "fits", ".ecsv": "ascii.ecsv", ".vot": "votable", ".parquet": "parquet", ".csv": "ascii.csv"}
    with quiet():  # astropy warns of the bracket in a name
        table.write(path, format=form[path.suffix], overwrite=True)
    return path
