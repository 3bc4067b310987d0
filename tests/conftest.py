"""What several tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL_SPECTRA = Path(__file__).resolve().parents[2] / "shared" / "spectra"


@pytest.fixture(scope="session")
def real_spectra() -> Path:
    """The folder of real spectra, which lies beside the repository and not in it."""
    if not REAL_SPECTRA.is_dir():
        pytest.skip("needs the real spectra in ../shared/spectra, which are not part of the repository")
    return REAL_SPECTRA
