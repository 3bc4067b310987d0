"""A network with seeded random weights, for every test that needs an answer and not a good one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from inspector.files.checkpoints.state_dict import state_hash
from inspector.science.architecture import ApogeeBCNNCensored, Sizes
from inspector.science.labels import LABELS, LOGG, TEFF
from inspector.science.network import Network
from inspector.science.spectrum import N_CHIP_PIXELS
from inspector.science.weights_card import WeightsCard
from inspector.science.windows import element_windows


def random_network(seed: int = 0, **sizes: Any) -> Network:
    """A network whose weights and scaling follow from `seed` alone; `sizes` are those of `Sizes`.

    Its labels lie about those of a red giant, its log-variance about -4; torch's own random state is not touched.
    """
    windows = element_windows()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pixels = tuple(int(n) for n in windows.sum(axis=1))
        module = ApogeeBCNNCensored(windows.copy(), Sizes(window=pixels, **sizes))
    with torch.no_grad():
        for head in (module.dense_teffloggfeh_var, *module.elem_dense_var):
            head.bias.sub_(4)
        module.input_mean.copy_(torch.from_numpy(np.random.default_rng(seed).uniform(0.95, 1, N_CHIP_PIXELS)))
        module.labels_mean.copy_(_of_giants(teff=4650, logg=2.3, abundance=-0.1))
        module.labels_std.copy_(_of_giants(teff=300, logg=0.6, abundance=0.3))
    card = WeightsCard(f"random {seed}", state_hash(module), "none: random numbers")
    return Network(module, card)


def _of_giants(teff: float, logg: float, abundance: float) -> torch.Tensor:
    """One number a label. Shape (22,)."""
    numbers = torch.full((len(LABELS),), abundance, dtype=torch.float64)
    numbers[TEFF], numbers[LOGG] = teff, logg
    return numbers
