"""Train the model spectrum that ships: ``python -m weights model SYNTHETIC SPECTRA``; about three minutes.

It learns the clean spectra of the grid, normalised as the app normalises, by their labels and by what else shapes
their lines. How wrong it is, it is told by held-out spectra and by three real ones whose labels are known.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.files.checkpoints.spectrum_model_file import SHIPPED, save_spectrum_model
from inspector.science.alignment import align
from inspector.science.labels import FE_H, LOGG, TEFF
from inspector.science.line_profile import SPEED_OF_LIGHT
from inspector.science.model_spectrum import (
    LOGG_CELL,
    SHALLOW,
    TEFF_CELL,
    Atmosphere,
    SpectrumModel,
    quadratic_terms,
    relative_labels,
)
from inspector.science.spectrum import CHIP_PIXELS, N_CHIP_PIXELS
from weights import FOLDER
from weights.training.model_network import NetworkSettings, learn, principal_components
from weights.training.real_stars import RealStar, known_stars
from weights.training.synthetic_grid import CleanSpectra, read_extra, read_split, split_rows
from weights.training.telescope import normalize

Array = NDArray[np.float64]

FWHM = 2.3548
"""Of a Gaussian, in standard deviations."""

PART = 500
"""Spectra normalised at once."""

EDGES = (0.05, 99.95)
"""Percentiles of [X/Fe] between which the model is said to hold."""

FAULTY = 0.03
"""Rms misfit above which a spectrum of the grid is a failed synthesis: of the others none comes near. 1% of them are,
all of giants below 4150 K and log g 1.1, their lines a third as deep as those of like stars."""

SMOOTHING = 7
"""Pixels over which the misfit of three real stars is averaged: the width of a line."""


@dataclass(frozen=True, eq=False)
class Material:
    """Normalised clean spectra: flux (n, 7514), labels (n, 22) and atmospheres (n, 4)."""

    flux: NDArray[np.float32]
    labels: Array
    atmosphere: Array

    def take(self, rows: NDArray[np.bool_]) -> Material:
        """Some of the spectra."""
        return Material(self.flux[rows], self.labels[rows], self.atmosphere[rows])

    @classmethod
    def of(cls, clean: CleanSpectra, extra: Array) -> Material:
        """Of clean spectra and the extra columns of the grid."""
        return cls(normalized(clean), clean.labels, atmospheres(extra))


def atmospheres(extra: Array) -> Array:
    """The fields of `Atmosphere` from vmicro, vmacro, 12C/13C, v sin i and resolution. Shape (n, 4)."""
    vmicro, vmacro, ratio, rotation, resolution = extra.T
    width = (vmacro / 2) ** 2 + (SPEED_OF_LIGHT / resolution / FWHM) ** 2
    return np.column_stack([vmicro, np.log10(ratio), width, rotation**2])


def normalized(clean: CleanSpectra) -> NDArray[np.float32]:
    """Clean spectra as the app normalises them, their errors even. Shape (n, 7514)."""
    out = np.empty((len(clean), N_CHIP_PIXELS), dtype=np.float32)
    for start in range(0, len(clean), PART):
        flux = torch.from_numpy(clean.flux(slice(start, start + PART))[:, CHIP_PIXELS]).double()
        bad = torch.zeros_like(flux, dtype=torch.bool)
        out[start : start + PART] = normalize(flux, torch.full_like(flux, 0.01), bad).numpy()
    return out


def trained(material: Material, settings: NetworkSettings) -> SpectrumModel:
    """The model of some material, its error yet unknown."""
    inputs = np.column_stack([relative_labels(material.labels), material.atmosphere])
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0)
    components = principal_components(material.flux, settings)
    weights = components.weights(material.flux)
    unit = float(weights[:, 0].std())
    net = learn((inputs - mean) / scale, weights / unit, settings)
    w1, b1, w2, b2, w3, b3 = (p.detach().numpy() for p in net.double().parameters())
    terms = quadratic_terms(material.labels)
    usual = np.asarray(np.linalg.lstsq(terms, material.atmosphere[:, :3], rcond=None)[0].T, dtype=np.float64)
    low, high, covered = valid_range(material.labels)
    return SpectrumModel(
        mean, scale, w1, b1, w2, b2, w3 * unit, b3 * unit, components.rows, components.mean.astype(np.float64), usual,
        np.zeros(N_CHIP_PIXELS), low, high, covered,
    )  # fmt: skip


def valid_range(labels: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Where labels lie: lowest and highest (22,) of Teff, log g, [X/Fe], and the occupied cells of Teff and log g."""
    relative = relative_labels(labels)
    low, high = np.percentile(relative, EDGES, axis=0)
    stellar = [TEFF, LOGG, FE_H]
    round_to = np.array([100.0, 0.1, 0.1])
    low[stellar] = np.floor(relative[:, stellar].min(axis=0) / round_to) * round_to
    high[stellar] = np.ceil(relative[:, stellar].max(axis=0) / round_to) * round_to
    cells = [((labels[:, i] - low[i]) // size).astype(int) for i, size in ((TEFF, TEFF_CELL), (LOGG, LOGG_CELL))]
    covered = np.zeros([int(c.max()) + 1 for c in cells], dtype=bool)
    covered[tuple(cells)] = True
    return low, high, covered


def misfits(model: SpectrumModel, held_out: Material, stars: Iterator[tuple[RealStar, Array]]) -> tuple[Array, Array]:
    """Mean square of (observed − model) / (depth + `SHALLOW`), of held-out spectra and of real stars. Each (7514,)."""
    synthetic = np.zeros(N_CHIP_PIXELS)
    for flux, labels in zip(held_out.flux, held_out.labels):
        synthetic += _relative(flux - model.flux(labels), model.flux(labels)) ** 2 / len(held_out.labels)
    real = []
    for star, labels in stars:
        flux = model.flux(labels)
        laid = align(star.flux, np.full(N_CHIP_PIXELS, 1e4), flux, 0.0)
        real.append(_relative(star.flux - laid.flux, flux) ** 2)
    box = np.ones(SMOOTHING) / SMOOTHING
    mean = np.mean(real, axis=0)
    return synthetic, np.convolve(mean, box, "same") / np.convolve(np.ones_like(mean), box, "same")


def _relative(misfit: Array, flux: Array) -> Array:
    return np.asarray(misfit / (np.clip(1 - flux, 0, None) + SHALLOW))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("--passes", type=int, default=NetworkSettings.passes)


def run(args: argparse.Namespace) -> None:
    """Train, judge and write the model that ships."""
    torch.set_num_threads(1)
    split, extra = read_split(args.synthetic), read_extra(args.synthetic)
    train, validation, test = (
        Material.of(clean, extra[rows])
        for clean, rows in zip((split.train, split.validation, split.test), split_rows(len(extra)))
    )
    model = trained(train, replace(NetworkSettings(), passes=args.passes))
    model = judged(model, train, validation, args.synthetic)
    print(f"{FOLDER.name}/{SHIPPED}: {save_spectrum_model(model, FOLDER / SHIPPED)}")
    for name, rms in accuracy(model, test).items():
        print(f"{name}: median {np.median(rms):.3%}, 90% below {np.percentile(rms, 90):.3%}")


def judged(model: SpectrumModel, train: Material, validation: Material, synthetic: Path) -> SpectrumModel:
    """The model with the range in which it holds, and its error."""
    low, high, covered = valid_range(sound(model, train).labels)
    clean, real = misfits(model, sound(model, validation), known_stars(synthetic))
    return replace(model, low=low, high=high, covered=covered, relative_error=np.sqrt(clean + real))


def sound(model: SpectrumModel, material: Material) -> Material:
    """The spectra that are no failed syntheses."""
    return material.take(accuracy(model, material)["own atmosphere"] < FAULTY)


def accuracy(model: SpectrumModel, held_out: Material) -> dict[str, Array]:
    """Rms of held-out spectra against the model, with their own atmosphere and with the usual one. Each (n,)."""
    own = [model.flux(labels, Atmosphere(*a)) for labels, a in zip(held_out.labels, held_out.atmosphere)]
    usual = [model.flux(labels) for labels in held_out.labels]
    flux = held_out.flux
    return {
        "own atmosphere": np.sqrt(np.mean((own - flux) ** 2, axis=1)),
        "usual atmosphere": np.sqrt(np.mean((usual - flux) ** 2, axis=1)),
    }
