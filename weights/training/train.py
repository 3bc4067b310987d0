"""Train the demonstration network: ``python -m weights train SYNTHETIC SPECTRA RUN``.

First the branch that sees every pixel, then the elements beside it; about two hours on two cores, and
5 GB of memory for the observations. Seeded and resumable with ``--resume``.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from inspector.science.architecture import FULL_SPECTRUM_LABELS
from inspector.science.labels import LABEL_NAMES
from weights.training.element_stage import ELEMENTS, element_stage
from weights.training.full_spectrum_stage import STELLAR, mean_features, stellar_stage
from weights.training.monitor import Judge
from weights.training.observations import observe_nights
from weights.training.real_stars import real_stars
from weights.training.stage import Stage, new_module
from weights.training.synthetic_grid import read_patterns, read_split
from weights.training.telescope import Observatory, Telescope

FEATURE_DRAWS = 16
"""Over which the first stage's last layer is averaged for the second."""

ELEMENT_NIGHTS = 8
"""Nights of the first stage that the second sees, and as many on which the models err in single lines alone: how deep
a line is tells an abundance, and errors of all lines together drown it."""


def run_stage(stage: Stage, n: int, judge: Judge, labels: list[int], checkpoint: Path) -> None:
    """Train a stage to its end, judging and checkpointing after every pass; progress to the screen."""
    if checkpoint.exists():
        stage.load(checkpoint)
    started, first = time.monotonic(), stage.passes
    while stage.passes < stage.settings.passes:
        mean_loss = stage.train_pass(n)
        stage.save(checkpoint)
        each = (time.monotonic() - started) / (stage.passes - first) / 60
        left = each * (stage.settings.passes - stage.passes)
        scatter = judge.scatter(stage.module)
        score = float(np.mean((scatter / stage.module.labels_std.numpy())[labels]))
        print(f"pass {stage.passes:3d}  loss {mean_loss:8.4f}  score {score:.4f}", end="")
        print(f"  {each:5.1f} min each, {left:5.1f} min left")
        print("  " + "  ".join(f"{LABEL_NAMES[i]} {scatter[i]:.3g}" for i in labels))
        print("\n".join(judge.real_table(stage.module)), flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("spectra", type=Path, help="folder of real spectra")
    parser.add_argument("run", type=Path, help="folder for checkpoints")
    parser.add_argument("--resume", action="store_true", help="continue from the folder's checkpoints")
    parser.add_argument("--nights", type=int, default=24, help="observations kept of each spectrum")
    parser.add_argument("--stellar-passes", type=int, default=STELLAR.passes)
    parser.add_argument("--element-passes", type=int, default=ELEMENTS.passes)
    parser.add_argument("--seed", type=int, default=STELLAR.seed)


def run(args: argparse.Namespace) -> None:
    """Train both stages."""
    first = replace(STELLAR, passes=args.stellar_passes, seed=args.seed)
    second = replace(ELEMENTS, passes=args.element_passes, seed=args.seed)
    telescope = Telescope()
    args.run.mkdir(parents=True, exist_ok=True)
    checkpoints = [args.run / "stellar.pt", args.run / "elements.pt"]
    if not args.resume:
        for checkpoint in checkpoints:
            checkpoint.unlink(missing_ok=True)
    stages = {
        "nights": args.nights,
        "stellar": first,
        "elements": second,
        "element_nights": 2 * ELEMENT_NIGHTS,
        "telescope": telescope,
    }
    said = {name: value if isinstance(value, int) else asdict(value) for name, value in stages.items()}
    (args.run / "settings.json").write_text(json.dumps(said, indent=1))

    split, patterns = read_split(args.synthetic), read_patterns(args.spectra)
    judge = Judge.of(split.validation, patterns, tuple(real_stars(args.synthetic, args.spectra)))
    nights = observe_nights(split.train, Observatory(telescope, patterns), args.seed, args.nights)
    print(f"{len(nights)} observations", flush=True)
    module = new_module(nights, args.seed)
    run_stage(stellar_stage(module, nights, first), len(nights), judge, list(FULL_SPECTRUM_LABELS), checkpoints[0])
    single = Observatory(telescope.with_single_lines_wrong(), patterns)
    others = observe_nights(split.train, single, args.seed + 1, ELEMENT_NIGHTS, nights.input_mean)
    nights = nights.first(ELEMENT_NIGHTS).and_then(others)
    features = mean_features(module, nights.flux, FEATURE_DRAWS, args.seed)
    stage = element_stage(module, nights, features, second)
    run_stage(stage, len(nights), judge, list(range(len(LABEL_NAMES))), checkpoints[1])
