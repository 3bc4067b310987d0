"""How long a table of a million rows and 200 columns takes to open and to ask, and what memory it adds.

Run ``python tests/benchmarks/bench_catalogue.py [ROWS]``. The table is made in a temporary folder. Times are compared
with reading the same file once, block by block, which is the least a column of a FITS table can cost.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from inspector.files.tables.catalogue_opening import open_catalogue
from inspector.science.labels import LABELS

COLUMNS = 200
QUEUE = ("star_id", "teff", "logg", "fe_h", "snr", "result_flags", "flag_warn", "flag_bad")
"""What the queue and the diagram ask for at once."""

_FORMS = {
    "sdss_id": "K",
    "obj": "18A",
    "gaia_dr3_source_id": "K",
    "ra": "D",
    "dec": "D",
    "telescope": "6A",
    "field": "19A",
}
_TYPES = {"K": ">i8", "J": ">i4", "E": ">f4", "D": ">f8", "L": "u1", "18A": "S18", "6A": "S6", "19A": "S19"}


def forms() -> dict[str, str]:
    """Name and FITS type of every column, as Astra's tables have them, filled up with others."""
    labels = [prefix + label.name for label in LABELS for prefix in ("", "e_", "raw_", "raw_e_")]
    found = _FORMS | {"snr": "E"} | dict.fromkeys(labels, "E")
    found |= {"result_flags": "J", "flag_warn": "L", "flag_bad": "L"}
    return found | {f"other_{i}": "E" for i in range(COLUMNS - len(found))}


def write(path: Path, rows: int) -> None:
    """The table, in blocks of rows."""
    generator = np.random.default_rng(1)
    columns = forms()
    dtype = np.dtype([(name, _TYPES[form]) for name, form in columns.items()])
    empty = [fits.Column(name, form, array=[]) for name, form in columns.items()]
    header = fits.BinTableHDU.from_columns(empty, name="APOGEE").header
    header["NAXIS2"] = rows
    with path.open("wb") as stream:
        stream.write(fits.PrimaryHDU().header.tostring().encode() + header.tostring().encode())
        for start in range(0, rows, 20_000):
            block = np.zeros(min(20_000, rows - start), dtype=dtype)
            for name, form in columns.items():
                if form == "E":
                    block[name] = generator.normal(size=len(block))
            number = np.arange(start, start + len(block))
            block["sdss_id"], block["gaia_dr3_source_id"] = number + 1, number + 2**61
            block["obj"] = [f"2M{n:08d}+{n:07d}" for n in number]
            block["teff"], block["telescope"], block["flag_warn"] = 3000 + number % 3000, "apo25m", ord("F")
            block["ra"], block["dec"] = number % 360, np.degrees(np.arcsin(2 * number / rows - 1))
            stream.write(block.tobytes())
        stream.write(bytes(-rows * dtype.itemsize % 2880))


def resident() -> int:
    """Bytes of memory this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def timed(what: str, call: Callable[[], Any], least: float, before: int) -> Any:
    """The call's answer; prints its time and the memory added since the start."""
    start = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - start
    print(f"{what:44} {seconds:8.3f} s {seconds / least:8.2f} {(resident() - before) / 1e6:8.0f} MB")
    return answer


def least_time(path: Path) -> float:
    """Seconds to read the file once, in blocks."""
    start = time.perf_counter()
    with path.open("rb", buffering=0) as stream:
        buffer = bytearray(8 << 20)
        while stream.readinto(buffer):
            pass
    return time.perf_counter() - start


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "astraAllStarAstroNN-0.0.0.fits"
        write(path, rows)
        least_time(path)
        least = least_time(path)
        print(f"{path.stat().st_size / 1e9:.2f} GB, {rows:,} rows, {len(forms())} columns")
        print(f"{'':44} {'':>10} {'reads':>8} {'added':>11}\n{'reading the file once':44} {least:8.3f} s {1:8.2f}")
        before = resident()
        catalogue = timed("opening", lambda: open_catalogue(path), least, before)
        timed("the queue's columns", lambda: catalogue.columns(QUEUE), least, before)
        timed("the same again", lambda: catalogue.columns(QUEUE), least, before)
        timed("one more column", lambda: catalogue.column("mg_h"), least, before)
        timed(
            "key and labels of 100 rows", lambda: [catalogue.labels(i * 997 % rows) for i in range(100)], least, before
        )
        timed("all values of 100 rows", lambda: [catalogue.row(i * 997 % rows) for i in range(100)], least, before)
        timed(
            "finding an APOGEE id, columns not read",
            lambda: catalogue.find(f"2M{rows - 1:08d}+{rows - 1:07d}"),
            least,
            before,
        )
        timed("finding an APOGEE id", lambda: catalogue.find("2M00000007+0000007"), least, before)
        timed("finding a position, columns not read", lambda: catalogue.find("10.0 20.0"), least, before)
        timed("finding a position", lambda: catalogue.find("10.0 20.0"), least, before)
        timed(
            "every 20th column, one by one", lambda: [catalogue.column(n) for n in catalogue.names[::20]], least, before
        )


if __name__ == "__main__":
    main()
