"""What several tests share."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"
BUNDLED = Path(__file__).resolve().parents[1] / "assets" / "stars"


@pytest.fixture(scope="session")
def real_spectra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real file of every product; those that are not bundled are cut (``data/spectra/cut.py``)."""
    folder = tmp_path_factory.mktemp("real")
    for whole in BUNDLED.glob("*.fits"):
        shutil.copy(whole, folder)
    for packed in (DATA / "spectra").glob("*.fits.gz"):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder
