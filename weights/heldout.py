"""Write the small held-out set the tests carry: observations no network was trained on, with their truth.

    python -m weights.heldout ../shared/synthetic ../shared/spectra
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from weights.asking import observe
from weights.calibrate import SNR
from weights.material import read_patterns, read_split
from weights.observe import Telescope

TARGET = Path(__file__).parents[1] / "tests" / "data" / "heldout_observations.npz"
N_STARS = 100
SEED = 31
FLUX_SCALE = 1 / 8000


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Write the held-out set of the tests.")
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("spectra", type=Path, help="folder of real spectra")
    args = parser.parse_args()
    test = read_split(args.synthetic).test
    chosen = test.take(np.linspace(0, len(test) - 1, N_STARS).astype(int))
    flux, snr, star = observe(chosen, read_patterns(args.spectra), Telescope(snr=SNR), 1, SEED)
    quantised = np.clip(np.round(flux.numpy() / FLUX_SCALE), 0, 2**16 - 1).astype(np.uint16)
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        TARGET, flux_q=quantised, flux_scale=FLUX_SCALE, snr=snr, labels=chosen.labels[star].astype(np.float32)
    )
    print(f"{TARGET.name}: {N_STARS} observations, {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
