"""How long a star takes to read and a spectrum to normalise, against the least that work can take.

Run ``python tests/benchmarks/bench_reading.py``. Reading is compared with astropy alone, opening the file and
touching the same arrays; normalising with the bare call of astroNN. Ratios of times from one run mean
something on any machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import makers  # noqa: E402  # beside the tests, which are not a package

from inspector.files.spectra.star_file import read_star  # noqa: E402
from inspector.science.astronn import apogee_continuum  # noqa: E402
from inspector.science.continuum import normalize  # noqa: E402

REAL_SPECTRA = TESTS.parents[1] / "shared" / "spectra"
REPEATS = 9

ARRAYS = {"apStar": (1, 2, 3), "apVisit": (1, 2, 3, 4), "aspcapStar": (1, 2, 3)}  # HDUs with the spectra
COLUMNS = ("flux", "ivar", "pixel_flags")


def milliseconds(call: Callable[[], Any]) -> float:
    """The shortest CPU time of some calls, after one that warms up, in ms."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.thread_time()
        call()
        times.append(time.thread_time() - start)
    return 1e3 * min(times)


def bare(path: Path, kind: str) -> list[Any]:
    """Astropy alone: the arrays of all spectra in the file, as native floats."""
    with warnings.catch_warnings(), fits.open(path, memmap=False) as hdus:
        warnings.simplefilter("ignore")  # cards that are no FITS, in real files
        if kind in ARRAYS:
            return [np.asarray(hdus[i].data, dtype=np.float64) for i in ARRAYS[kind]]
        tables = [hdu for hdu in hdus[1:] if hdu.header["NAXIS2"]]
        return [np.asarray(t.data[name], dtype=np.float64) for t in tables for name in COLUMNS]


def report_reading(files: Iterable[tuple[str, Path]]) -> None:
    print(f"{'reading':44} {'ours ms':>8} {'astropy ms':>11} {'ratio':>6}")
    for kind, path in files:
        ours, least = (
            milliseconds(lambda path=path: read_star(path)),
            milliseconds(lambda path=path, kind=kind: bare(path, kind)),
        )
        print(f"{path.stem:44} {ours:8.2f} {least:11.2f} {ours / least:6.2f}")


def report_normalizing(path: Path) -> None:
    spectrum = read_star(path).coadd
    ours = milliseconds(lambda: normalize(spectrum))
    least = milliseconds(
        lambda: apogee_continuum(spectrum.flux.copy(), spectrum.error.copy(), bitmask=spectrum.bitmask, dr=17)
    )
    print(f"{'normalising':44} {'ours ms':>8} {'astroNN ms':>11} {'ratio':>6}")
    print(f"{path.stem:44} {ours:8.2f} {least:11.2f} {ours / least:6.2f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = [(kind, write(Path(folder) / f"made-{kind}.fits")) for kind, write in makers.WRITERS.items()]
        real = [(path.name.split("-")[0], path) for path in sorted(REAL_SPECTRA.glob("*.fits"))]
        report_reading(made + real)
        report_normalizing(made[0][1])


if __name__ == "__main__":
    main()
