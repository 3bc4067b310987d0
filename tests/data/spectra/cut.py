"""Cut real SDSS files to what the tests read: ``python tests/data/spectra/cut.py FOLDER_OF_WHOLE_FILES``.

Flux, error, bitmask, header and tables stay as they are, quirks included. The images that no reader uses (sky,
telluric correction, LSF) become zeros, and of a star with many visits the first few are kept; what was cut is
said in a HISTORY card.
"""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits

HERE = Path(__file__).parent
BUNDLED = HERE.parents[2] / "assets" / "stars"

KEPT_VISITS = {"apStar-r6-2M03442721+3220288": 4, "apStar-r8-2M19390532+4027346": 3}
"""Of the stars with many visits; their headers and tables still tell of all."""

FIRST_UNUSED = {"apStar": 4, "apVisit": 5}
"""First image that no reader uses; the wavelengths of an apVisit stand before it."""


def cut(path: Path) -> bytes:
    """The file's smaller twin, gzipped."""
    with fits.open(path, memmap=False) as hdus:
        first = FIRST_UNUSED.get(path.name.split("-")[0], len(hdus))
        for hdu in hdus[first:]:
            if isinstance(hdu, fits.ImageHDU) and hdu.data is not None:
                hdu.data = np.zeros_like(hdu.data)
        if path.stem in KEPT_VISITS:
            _keep_visits(hdus, KEPT_VISITS[path.stem])
        hdus[0].header.add_history("Cut for tests: sky, telluric and LSF images are zero")
        buffer = io.BytesIO()
        hdus.writeto(buffer, output_verify="ignore")
    return gzip.compress(buffer.getvalue(), 9, mtime=0)


def _keep_visits(hdus: fits.HDUList, visits: int) -> None:
    for hdu in hdus[1:]:
        if isinstance(hdu, fits.ImageHDU) and hdu.data is not None and hdu.data.ndim == 2 and len(hdu.data) > visits:
            hdu.data = hdu.data[: 2 + visits]
    hdus[0].header["NVISITS"] = visits
    hdus[0].header.add_history(f"Cut for tests: the first {visits} visits are kept")


if __name__ == "__main__":
    for whole in sorted(Path(sys.argv[1]).glob("*.fits")):
        if not (BUNDLED / whole.name).exists():
            (HERE / f"{whole.name}.gz").write_bytes(cut(whole))
