"""Fit the noise model, whose errors hold the truth as often as they say: ``python -m weights calibrate``.

Observes each held-out spectrum several times over, asks the shipped weights, and fits. How well that
holds is judged on stars left out of the fit. Writes ``AstroNN_corrections.pkl`` and ``noise_model.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from inspector import load_network
from inspector.files.checkpoints.noise_model_file import save_noise_model
from inspector.science.labels import LABELS
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel
from inspector.science.weights_card import WeightsCard
from weights import FOLDER
from weights.training.synthetic_grid import CleanSpectra, ErrorPatterns, read_patterns, read_split
from weights.training.telescope import Telescope
from weights.validation.answers import answers, observe
from weights.validation.coverage import Answers, coverage, cross_corrected, fit_all

SNR = (30.0, 300.0)
REPEATS = 3
DRAWS = 50
SEED = 11
FOLDS = 5


def held_out(network: Network, clean: CleanSpectra, patterns: ErrorPatterns) -> Answers:
    """Observe every held-out spectrum `REPEATS` times between S/N 30 and 300 and ask the network."""
    flux, snr, star = observe(clean, patterns, Telescope(snr=SNR), REPEATS, SEED)
    return answers(network, flux, clean.labels[star], snr, star, DRAWS)


def noise_model(asked: Answers, card: WeightsCard) -> NoiseModel:
    """The noise model of these weights, with what it was measured on."""
    reference = (
        f"Demonstration weights {card.short_hash}: {len(asked)} synthetic observations of"
        f" {len(np.unique(asked.star))} held-out spectra at S/N {SNR[0]:g} to {SNR[1]:g}."
        " Not for the weights of SDSS."
    )
    return NoiseModel(*fit_all(asked), "AstroNN_corrections.pkl", reference, card.sha256)


def coverage_table(asked: Answers, model: NoiseModel) -> list[str]:
    """Markdown: each label's correction, its coverage before and after, and the widths.

    The corrected coverage is of stars the fit had not seen (`FOLDS`-fold).
    """
    corrected = cross_corrected(asked, FOLDS)
    low = asked.snr < np.sqrt(SNR[0] * SNR[1])
    columns = (
        coverage(asked.miss, asked.total_error),
        coverage(asked.miss, corrected),
        coverage(asked.miss[low], corrected[low]),
        coverage(asked.miss[~low], corrected[~low]),
    )
    rows = [
        "| label | scale | offset | raw coverage | corrected | S/N 30-95 | S/N 95-300 | median raw error | corrected |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for i, label in enumerate(LABELS):
        digits = 1 if label.unit == "K" else 3
        shares = " | ".join(f"{100 * column[i]:.1f}%" for column in columns)
        widths = " | ".join(f"{np.median(e[:, i]):.{digits}f}" for e in (asked.total_error, corrected))
        rows.append(f"| {label.symbol} | {model.scale[i]:.3f} | {model.offset[i]:.{digits}f} | {shares} | {widths} |")
    return rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("spectra", type=Path, help="folder of real spectra")


def run(args: argparse.Namespace) -> None:
    """Fit the noise model of the shipped weights."""
    torch.set_num_threads(1)
    network = load_network(None)
    asked = held_out(network, read_split(args.synthetic).test, read_patterns(args.spectra))
    model = noise_model(asked, network.card)
    save_noise_model(model, FOLDER / "AstroNN_corrections.pkl")
    save_noise_model(model, FOLDER / "noise_model.json")
    print(model.reference)
    print("\n".join(coverage_table(asked, model)))
