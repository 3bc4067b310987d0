"""The network of the model spectrum: from labels and atmosphere to the weights of principal components.

The loss is the mean over spectra of their rms, not of its square: the aim is the usual spectrum, and a few cool ones
would decide a mean of squares.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NetworkSettings:
    """How it learns."""

    components: int = 250
    hidden: int = 256
    passes: int = 200
    batch: int = 256
    rate: float = 2e-3
    warm_up: int = 300
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of normalised spectra: `mean` (7514,) and orthonormal `rows` (k, 7514)."""

    mean: NDArray[np.float32]
    rows: NDArray[np.float32]

    def weights(self, flux: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of some spectra (n, 7514). Shape (n, k)."""
        return np.asarray((flux - self.mean) @ self.rows.T)


def principal_components(flux: NDArray[np.float32], settings: NetworkSettings) -> Components:
    """The leading components of spectra (n, 7514), rounded to half precision as they ship."""
    torch.manual_seed(settings.seed)
    mean = flux.mean(axis=0)
    spare = min(settings.components + 150, *flux.shape)
    _, _, v = torch.svd_lowrank(torch.from_numpy(flux - mean), q=spare, niter=3)
    rows = v[:, : settings.components].T.to(torch.float16).float().numpy()
    return Components(mean, np.ascontiguousarray(rows))


def learn(inputs: Array, weights: NDArray[np.float32], settings: NetworkSettings) -> nn.Sequential:
    """Train on standardised inputs (n, 26) and the weights of their spectra (n, k), in units of the first's spread."""
    torch.manual_seed(settings.seed)
    net = nn.Sequential(
        nn.Linear(inputs.shape[1], settings.hidden),
        nn.SiLU(),
        nn.Linear(settings.hidden, settings.hidden),
        nn.SiLU(),
        nn.Linear(settings.hidden, weights.shape[1]),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=settings.rate)
    x, y = torch.from_numpy(inputs.astype(np.float32)), torch.from_numpy(weights)
    for step, rows in enumerate(_batches(len(x), settings)):
        optimizer.param_groups[0]["lr"] = _rate(step, len(x), settings)
        loss: Tensor = ((net(x[rows]) - y[rows]).square().sum(dim=1) + 1e-8).sqrt().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


def _batches(n: int, settings: NetworkSettings) -> Iterator[Tensor]:
    for _ in range(settings.passes):
        order = torch.randperm(n)
        yield from order[: n // settings.batch * settings.batch].split(settings.batch)


def _rate(step: int, n: int, settings: NetworkSettings) -> float:
    """Up over the warm-up, and down along a cosine."""
    whole = settings.passes * (n // settings.batch)
    return settings.rate * min(1, step / settings.warm_up) * 0.5 * (1 + math.cos(math.pi * step / whole))
