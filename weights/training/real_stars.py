"""Real spectra with labels known from elsewhere: the only test of the step from models to the sky."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector import normalize, read_star
from inspector.science.astronn import apogee_continuum
from inspector.science.labels import FE_H, LOGG, TEFF
from inspector.science.spectrum import N_PIXELS

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class RealStar:
    """A real spectrum, normalised, and what is known of it.

    Attributes
    ----------
    name : str
    flux : ndarray, shape (7514,)
        Normalised as the app does.
    reference : (float, float, float)
        Teff in K, log g, [Fe/H]; NaN where nothing is known.
    source : str
        Where the reference comes from.
    judged : bool
        Whether the reference is good enough to judge by (not a mere RV template).
    """

    name: str
    flux: NDArray[np.float64]
    reference: tuple[float, float, float]
    source: str
    judged: bool


_APSTAR = (
    ("apStar-dr17-2M19485057+5005279", (4734.0, 4.63, NAN), "Gaia-Kepler, asteroseismology", True),
    ("apStar-r6-2M17334253-1654573", (3788.0, 1.31, -0.06), "ASPCAP, uncalibrated", True),
    ("apStar-dr17-2M17335483-2753043", (3677.0, 0.53, -0.29), "RV pipeline's fit", False),
    ("apStar-r6-2M00005143+5615568", (4700.0, NAN, NAN), "J - K colour of a giant", False),
    ("apStar-r6-2M03290406+3117075", (3300.0, 5.0, NAN), "RV template (M dwarf)", False),
    ("apStar-r6-2M03442721+3220288", (3100.0, 5.0, NAN), "RV template (M dwarf)", False),
    ("apStar-r6-2M12241699+2453335", (5500.0, 1.0, -1.5), "RV template (S/N 10)", False),
    ("apStar-r8-2M19390532+4027346", (6500.0, 3.73, NAN), "RV template; log g known (hot binary)", False),
)
_ASPCAPSTAR = (
    (
        "aspcapStar-r6-l30e.2-2M08501918+1056436",
        (3170.0, 4.43, -0.29),
        "ASPCAP, uncalibrated (M dwarf)",
        False,
    ),
)


def real_stars(synthetic: Path, spectra: Path) -> Iterator[RealStar]:
    """Every real spectrum of the material."""
    yield from _atlases(synthetic)
    yield _mean_spectrum(synthetic)
    for name, reference, source, judged in (*_ASPCAPSTAR, *_APSTAR):
        yield RealStar(name, normalize(read_star(spectra / f"{name}.fits").coadd).flux, reference, source, judged)


MEAN_LABELS = (
    4654.9, 2.330, -0.186, -0.211, 0.144, -0.081, -0.101, -0.050, -0.063, -0.077, -0.172, -0.076,
    -0.085, -0.097, -0.112, -0.035, -0.140, -0.147, -0.172, -0.124, -0.101, -0.099,
)  # fmt: skip
"""Of the 30,067 stars whose mean spectrum is part of the material, as astroNN's parameters have them."""


def known_stars(synthetic: Path) -> Iterator[tuple[RealStar, NDArray[np.float64]]]:
    """The real spectra whose 22 labels are known: Sun, Arcturus and the mean of many giants."""
    with np.load(synthetic / "atlas.npz", allow_pickle=False) as d:
        labels = d["labels"][[1, 3]].astype(float)
    yield from zip(_atlases(synthetic), labels)
    yield _mean_spectrum(synthetic), np.array(MEAN_LABELS)


def _atlases(folder: Path) -> Iterator[RealStar]:
    """The FTS atlases, with a uniform error of 1%."""
    with np.load(folder / "atlas.npz", allow_pickle=False) as d:
        flux, labels = d["flux_q"] * float(d["flux_scale"]), d["labels"].astype(float)
        for row in (1, 3):
            seen = apogee_continuum(flux[row][None], np.full((1, N_PIXELS), 0.01), dr=17)[0][0]
            teff, logg, fe = labels[row, [TEFF, LOGG, FE_H]].round(2).tolist()
            yield RealStar(str(d["source"][row]), seen, (teff, logg, fe), "literature", True)


def _mean_spectrum(folder: Path) -> RealStar:
    with np.load(folder / "pixel_correction.npz", allow_pickle=False) as d:
        mean = d["input_mean"].astype(float)
    return RealStar("mean of 30,067 real spectra", mean, (4655.0, 2.33, -0.12), "mean ASPCAP labels", True)
