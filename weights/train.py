"""Train the demonstration network.

    python -m weights.train ../shared/synthetic ../shared/spectra weights/runs/main

Seeded and resumable with ``--resume``.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from inspector.files.weights import load_network
from inspector.science.labels import LABEL_NAMES
from weights.judge import Judge
from weights.learning import Settings, Trainer
from weights.material import CleanSpectra, model_error, read_patterns, read_split
from weights.observe import Observatory, Telescope
from weights.realstars import real_stars


def run(
    trainer: Trainer,
    split_train: CleanSpectra,
    observatory: Observatory,
    judge: Judge,
    folder: Path,
    every: int,
) -> None:
    """Train to the end, checkpointing every epoch and judging now and then; progress to the screen."""
    started, first = time.monotonic(), trainer.epoch
    best = math.inf
    while trainer.epoch < trainer.settings.epochs:
        mean_loss = trainer.train_epoch(split_train, observatory)
        trainer.save(folder / "checkpoint.pt")
        each = (time.monotonic() - started) / (trainer.epoch - first)
        left = each * (trainer.settings.epochs - trainer.epoch) / 60
        print(f"epoch {trainer.epoch:3d}  loss {mean_loss:8.4f}  {trainer.n_dead:4d} were dead", end="")
        print(f"  {each:5.1f} s each, {left:5.1f} min left", flush=True)
        if trainer.epoch % every == 0 or trainer.epoch == trainer.settings.epochs:
            module = trainer.averaged()
            scatter = judge.scatter(module)
            score = float(np.mean(scatter / module.labels_std.numpy()))
            print(f"  score {score:.4f}  " + "  ".join(f"{n} {s:.3g}" for n, s in zip(LABEL_NAMES, scatter)))
            print("\n".join(judge.real_table(module)), flush=True)
            if score < best:
                best = score
                torch.save(module.state_dict(), folder / "best.pt")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Train the demonstration network.")
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("spectra", type=Path, help="folder of real spectra")
    parser.add_argument("run", type=Path, help="folder for checkpoints")
    parser.add_argument("--resume", action="store_true", help="continue from the folder's checkpoint")
    parser.add_argument("--every", type=int, default=5, help="epochs between judgings")
    parser.add_argument("--model-error", type=float, default=Telescope.model_error)
    parser.add_argument("--depth", type=float, default=Telescope.depth[1], help="largest scatter of line depths")
    parser.add_argument("--wiggle", type=float, default=Telescope.wiggle[1], help="largest size of continuum wiggles")
    parser.add_argument("--start", type=Path, help="weights to begin from instead of random ones")
    for name in ("epochs", "batch", "seed", "repeats", "revive"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Settings, name))
    for name in ("rate", "decay", "beta", "l2", "ramp", "average", "mean_of"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(Settings, name))
    args = parser.parse_args()
    torch.set_num_threads(1)  # a second thread does the observing
    telescope = Telescope(model_error=args.model_error, depth=(0.0, args.depth), wiggle=(args.wiggle / 4, args.wiggle))
    begin = load_network(args.start) if args.start else None
    names = (
        "epochs",
        "batch",
        "seed",
        "repeats",
        "revive",
        "rate",
        "decay",
        "beta",
        "l2",
        "ramp",
        "average",
        "mean_of",
    )
    start = begin.card.sha256 if begin else ""
    settings = Settings(telescope=telescope, start=start, **{name: getattr(args, name) for name in names})
    args.run.mkdir(parents=True, exist_ok=True)
    (args.run / "settings.json").write_text(json.dumps(asdict(settings), indent=1))
    print(settings, flush=True)
    split, patterns = read_split(args.synthetic), read_patterns(args.spectra)
    observatory = Observatory(telescope, patterns, torch.from_numpy(model_error(args.synthetic)))
    trainer = Trainer.start(settings, split.train, observatory, begin.module if begin else None)
    if args.resume:
        trainer.load(args.run / "checkpoint.pt")
    judge = Judge.of(split.validation, patterns, tuple(real_stars(args.synthetic, args.spectra)))
    run(trainer, split.train, observatory, judge, args.run, args.every)


if __name__ == "__main__":
    main()
