"""The batch command: files a second for any number of workers, and where a star's time goes.

    python tests/benchmarks/bench_batch.py [FILES]

Generated apStar files, random weights. Ratios within one run.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import makers
import torch
from random_network import random_network

from inspector.files.spectra.star_file import read_star
from inspector.pipeline.batch import BatchSettings, run_batch
from inspector.science.continuum import normalize
from inspector.science.noise_model import NoiseModel
from inspector.science.sampling import sample

THREADS = torch.get_num_threads()


def main(files: int) -> None:
    network, noise_model = random_network(), NoiseModel.identity()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"star-{i:05d}.fits" for i in range(files)]
        for path in paths:
            makers.write_apstar(path, n_visits=2)
        serial = 0.0
        for workers in sorted({0, 1, os.cpu_count() or 1}):
            settings = BatchSettings(coadd_only=True, workers=workers, askers=max(1, workers))
            torch.set_num_threads(1 if workers > 1 else THREADS)  # as the command does
            start = time.perf_counter()
            run_batch(paths, Path(folder) / "out.fits", network, noise_model, settings)
            rate = files / (time.perf_counter() - start)
            serial = serial or rate
            print(f"{workers} workers: {rate:6.1f} files/s, {rate / serial:4.2f} of serial")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory of this process: {peak:.0f} MB over {files} files")
        steps(paths[:20], network)


def steps(paths: list[Path], network: object) -> None:
    """Share of reading, normalising and sampling in a star's time."""
    spent = dict.fromkeys(("read", "normalise", "sample"), 0.0)
    for path in paths:
        marks = [time.perf_counter()]
        spectrum = read_star(path).coadd
        marks.append(time.perf_counter())
        flux = normalize(spectrum).flux
        marks.append(time.perf_counter())
        sample(network, flux)
        marks.append(time.perf_counter())
        for name, a, b in zip(spent, marks, marks[1:]):
            spent[name] += b - a
    total = sum(spent.values())
    print("a star's time: " + ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in spent.items()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
