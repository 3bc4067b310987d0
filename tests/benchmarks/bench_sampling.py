"""How fast the draws come: ratios to the literal loop within one run.

    python tests/benchmarks/bench_sampling.py

Prints, for 100 draws of one spectrum, the loop (100 forward passes with dropout) over `sample`; for many
stars, spectra per second over those of the loop's batches of 256; where the time of a block goes; and how
near it is to the arithmetic limit, the same multiplications as plain matrix products. Figures are the
median of rounds in which the two sides take turns, so that a machine's moods meet both.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from random_network import random_network

from inspector.science.dropout_sampler import Sampler
from inspector.science.folded_network import fold
from inspector.science.sampling import BLOCK, sample

MC_NUM = 100


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(a: Callable[[], object], b: Callable[[], object], rounds: int = 9) -> tuple[float, float, float]:
    """Median seconds of `a`, of `b`, and the median of their ratio, round by round."""
    a(), b()
    times = np.array([(seconds(a), seconds(b)) for _ in range(rounds)])
    return float(np.median(times[:, 0])), float(np.median(times[:, 1])), float(np.median(times[:, 0] / times[:, 1]))


def products(module: torch.nn.Module) -> Callable[[], None]:
    """The multiplications that 100 draws cannot do without, as bare matrix products."""
    folded = fold(module)
    with folded.workspace() as work:
        rows, pooled = torch.rand_like(work.inputs).view(-1, len(folded.kernel)), torch.rand_like(work.pooled)
    dense = folded.dense.flatten(0, 1)
    out, hidden = torch.empty(len(rows), folded.kernel.shape[1]), torch.empty(BLOCK, dense.shape[1])

    def run() -> None:
        for _ in range(MC_NUM // BLOCK):
            torch.mm(rows, folded.kernel, out=out)
            torch.mm(pooled, dense, out=hidden)

    return run


def main() -> None:
    network = random_network()
    module = network.module
    rng = np.random.default_rng(0)
    flux = 1 - np.abs(rng.normal(0, 0.08, (256, 7514)))
    x = torch.from_numpy(flux - module.input_mean.numpy()).float()[:, None]

    def loop(inputs: torch.Tensor, passes: int) -> None:
        for _ in range(passes):
            module(inputs, lambda hidden: functional.dropout(hidden, 0.3))

    with torch.inference_mode():
        print(f"{torch.get_num_threads()} threads, {MC_NUM} draws")
        slow, fast, ratio = compare(lambda: loop(x[:1], MC_NUM), lambda: sample(network, flux[0], MC_NUM))
        print(f"one spectrum     loop {slow * 1e3:8.1f} ms   sample {fast * 1e3:7.1f} ms   ratio {ratio:5.1f}")

        bare, fast, share = compare(products(module), lambda: sample(network, flux[0], MC_NUM))
        print(f"arithmetic limit bare {bare * 1e3:8.1f} ms   sample {fast * 1e3:7.1f} ms   share {share:5.2f}")

        stars, passes = 24, 4  # of the loop's hundred passes over a batch of 256
        slow, fast, _ = compare(
            lambda: loop(x, passes), lambda: [sample(network, f, MC_NUM) for f in flux[:stars]], rounds=3
        )
        theirs, ours = 256 / (slow * MC_NUM / passes), stars / fast
        print(f"many stars       loop {theirs:8.1f} /s   sample {ours:7.1f} /s   ratio {ours / theirs:5.1f}")

        sampler = Sampler(module, flux[0], 0.3)
        whole, prepare, _ = compare(lambda: sampler.block(0, 1), lambda: Sampler(module, flux[0], 0.3))
        with fold(module).workspace() as work:
            masks = sampler._masks(work, 0, 1)
            branch = [masks[0][:, : fold(module).n_first].clone(), masks[1].clone(), masks[2].clone()]
            drawing, full, _ = compare(
                lambda: sampler._masks(work, 0, 1), lambda: sampler._full_spectrum(work, *branch)
            )
        print(f"where it goes    prepare a spectrum {prepare * 1e3:.1f} ms; a block of {BLOCK}: {whole * 1e3:.1f} ms,")
        print(f"                 of which masks {drawing / whole:.0%}, full-spectrum branch {full / whole:.0%}")


if __name__ == "__main__":
    main()
