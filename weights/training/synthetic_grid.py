"""What the network learns from: the clean synthetic spectra, and how real observations err.

The folders are those of the material's README; nothing here is needed by the app or its tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector import read_star
from inspector.pipeline.prepare import distinct_spectra
from inspector.science.bitmask import ASTRONN_BITS, any_bit
from inspector.science.labels import LABEL_NAMES
from inspector.science.spectrum import CHIP_PIXELS

PARTS = ("train_part1.npz", "train_part2.npz", "train_part3.npz")
SPLIT_SEED = 20250617
N_VALIDATION = 300
N_TEST = 1000


@dataclass(frozen=True, eq=False)
class CleanSpectra:
    """Noise-free spectra with their labels.

    Attributes
    ----------
    flux_q : ndarray of uint16, shape (n, 8575)
        True-continuum-normalised flux in units of `flux_scale`.
    flux_scale : float
    labels : ndarray, shape (n, 22)
        In label units and order.
    """

    flux_q: NDArray[np.uint16]
    flux_scale: float
    labels: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.labels)

    def flux(self, rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.float32]:
        """Shape (n, 8575)."""
        return self.flux_q[rows] * np.float32(self.flux_scale)

    def take(self, rows: NDArray[np.intp]) -> CleanSpectra:
        """Some of the spectra."""
        return CleanSpectra(self.flux_q[rows], self.flux_scale, self.labels[rows])


def _clean(stored: Any) -> CleanSpectra:
    if tuple(stored["label_names"]) != LABEL_NAMES:
        raise ValueError("The material's labels are not in the order of inspector.science.labels.")
    return CleanSpectra(stored["flux_q"], float(stored["flux_scale"]), stored["labels"].astype(float))


def read_clean(path: Path) -> CleanSpectra:
    """One file of the synthetic grid."""
    with np.load(path, allow_pickle=False) as stored:
        return _clean(stored)


@dataclass(frozen=True)
class Split:
    """Clean spectra by purpose: no spectrum serves two."""

    train: CleanSpectra
    validation: CleanSpectra
    test: CleanSpectra


def read_split(folder: Path) -> Split:
    """The training grid of `folder`, split by spectrum with `SPLIT_SEED`."""
    parts = [read_clean(folder / name) for name in PARTS]
    whole = CleanSpectra(
        np.concatenate([part.flux_q for part in parts]),
        parts[0].flux_scale,
        np.concatenate([part.labels for part in parts]),
    )
    return Split(*(whole.take(rows) for rows in split_rows(len(whole))))


def split_rows(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Which of the grid's `n` spectra train, validate and test."""
    order = np.random.default_rng(SPLIT_SEED).permutation(n)
    test, validation, train = np.split(order, [N_TEST, N_TEST + N_VALIDATION])
    return np.sort(train), np.sort(validation), np.sort(test)


def read_extra(folder: Path) -> NDArray[np.float64]:
    """What shapes the lines besides the labels, of the whole grid: vmicro, vmacro, 12C/13C, v sin i, resolution.

    Shape (n, 5); km/s but for the ratio and the resolving power.
    """
    parts = []
    for name in PARTS:
        with np.load(folder / name, allow_pickle=False) as stored:
            if tuple(stored["extra_names"][:5]) != ("vmicro", "vmacro", "c12c13", "vsini", "resolution"):
                raise ValueError(f"The extra columns of {name} are not the known ones.")
            parts.append(stored["extra"][:, :5].astype(float))
    return np.concatenate(parts)


@dataclass(frozen=True)
class Controlled:
    """One abundance changed at a time.

    Attributes
    ----------
    spectra : CleanSpectra
    base : ndarray of int
        Which base star each spectrum belongs to.
    changed : ndarray of str
        The label changed, or ``base``.
    delta : ndarray
        By how much, dex.
    base_names : ndarray of str
    """

    spectra: CleanSpectra
    base: NDArray[np.int64]
    changed: NDArray[np.str_]
    delta: NDArray[np.float64]
    base_names: NDArray[np.str_]


def read_controlled(folder: Path) -> Controlled:
    """``controlled.npz``."""
    with np.load(folder / "controlled.npz", allow_pickle=False) as d:
        return Controlled(_clean(d), d["base"], d["changed"], d["delta"].astype(float), d["base_names"])


@dataclass(frozen=True, eq=False)
class ErrorPatterns:
    """How errors and bad pixels lie along real spectra.

    Attributes
    ----------
    error : ndarray, shape (n, 7514)
        Error over the spectrum's median error; 1e10 and more where the pipeline says so.
    bad : ndarray of bool, shape (n, 7514)
        Pixels astroNN sets to 1.
    snr : ndarray, shape (n,)
        Median signal-to-noise per pixel of the spectrum the pattern is from.
    """

    error: NDArray[np.float32]
    bad: NDArray[np.bool_]
    snr: NDArray[np.float32]


def read_patterns(folder: Path) -> ErrorPatterns:
    """The coadds and visits of every apStar file in `folder`, as users read them.

    Of the flux only its median is taken.
    """
    error, bad, snr = [], [], []
    for spectrum in (one for path in sorted(folder.glob("apStar-*.fits")) for one in distinct_spectra(read_star(path))):
        usual = spectrum.error[CHIP_PIXELS]
        error.append(np.clip(usual / np.median(usual), 0.05, 1e12))
        bad.append(any_bit(spectrum.bitmask[CHIP_PIXELS], ASTRONN_BITS))
        flux = spectrum.flux[CHIP_PIXELS].astype(np.float32)  # as the files have it, and its median to the bit
        snr.append(np.nanmedian(flux) / np.median(usual))
    return ErrorPatterns(np.stack(error).astype(np.float32), np.stack(bad), np.array(snr, dtype=np.float32))
