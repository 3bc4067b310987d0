"""Write what the tests of the shipped weights carry: ``python -m weights fixtures SYNTHETIC SPECTRA``.

Observations no network was trained on with their truth, and what the weights say of the bundled star.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from inspector import Network, NoiseModel, analyze, load_network, load_noise_model, read_star
from inspector.files.bundled_files import bundled_path
from inspector.science.labels import LABEL_NAMES
from weights import FOLDER
from weights.training.model_spectrum import Material
from weights.training.synthetic_grid import (
    CleanSpectra,
    ErrorPatterns,
    read_extra,
    read_patterns,
    read_split,
    split_rows,
)
from weights.training.telescope import Telescope
from weights.validation.answers import observe
from weights.validation.calibrate import SNR

TARGET = FOLDER.parent / "tests" / "data"
STAR = "stars/apStar-dr17-2M17335483-2753043.fits"
N_STARS = 100
SEED = 31
FLUX_SCALE = 1 / 8000
N_MODELLED = 40


def write_held_out(clean: CleanSpectra, patterns: ErrorPatterns, target: Path) -> None:
    """`N_STARS` observations of `clean`, quantised far below their noise."""
    chosen = clean.take(np.linspace(0, len(clean) - 1, N_STARS).astype(int))
    flux, snr, star = observe(chosen, patterns, Telescope(snr=SNR), 1, SEED)
    quantised = np.clip(np.round(flux.numpy() / FLUX_SCALE), 0, 2**16 - 1).astype(np.uint16)
    labels = chosen.labels[star].astype(np.float32)
    np.savez_compressed(target, flux_q=quantised, flux_scale=FLUX_SCALE, snr=snr, labels=labels)


def write_model_sample(material: Material, target: Path) -> None:
    """`N_MODELLED` held-out clean spectra, normalised, with what the model spectrum needs to know of them."""
    rows = np.linspace(0, len(material.labels) - 1, N_MODELLED).astype(int)
    np.savez_compressed(
        target,
        flux_q=np.round(material.flux[rows] / FLUX_SCALE).astype(np.uint16),
        flux_scale=FLUX_SCALE,
        labels=material.labels[rows].astype(np.float32),
        atmosphere=material.atmosphere[rows].astype(np.float32),
    )


def write_recorded(network: Network, noise: NoiseModel, target: Path) -> None:
    """The hash of the weights and their answer for the bundled star (100 draws, seed 0)."""
    result = analyze(read_star(bundled_path(STAR)).coadd, network, noise, mc_num=100, seed=0)
    recorded = {
        "sha256": network.card.sha256,
        "value": dict(zip(LABEL_NAMES, result.value.round(5).tolist())),
        "error": dict(zip(LABEL_NAMES, result.error.round(5).tolist())),
    }
    target.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("spectra", type=Path, help="folder of real spectra")


def run(args: argparse.Namespace) -> None:
    """Write both files."""
    TARGET.mkdir(exist_ok=True)
    clean, patterns = read_split(args.synthetic).test, read_patterns(args.spectra)
    write_held_out(clean, patterns, TARGET / "heldout_observations.npz")
    extra = read_extra(args.synthetic)
    held_out = Material.of(clean, extra[split_rows(len(extra))[2]])
    write_model_sample(held_out, TARGET / "heldout_models.npz")
    write_recorded(load_network(), load_noise_model(), TARGET / "shipped_weights.json")
