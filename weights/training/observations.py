"""Observations kept: each clean spectrum observed once a night, some nights long.

Enough nights serve as well as fresh ones in every pass, and a pass then costs no observing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from inspector.science.spectrum import N_CHIP_PIXELS
from weights.training.synthetic_grid import CleanSpectra
from weights.training.telescope import Observatory

PART = 200
"""Spectra observed at once."""


@dataclass(frozen=True, eq=False)
class Nights:
    """What the network learns from.

    Attributes
    ----------
    flux : Tensor of float16, shape (nights · n, 7514)
        Normalised flux minus `input_mean`: differences from 1 are small, and so is their rounding.
    input_mean : Tensor, shape (7514,)
    labels : Tensor, shape (n, 22)
        Of the clean spectra, which come in the same order every night.
    """

    flux: Tensor
    input_mean: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.flux)

    def first(self, nights: int) -> Nights:
        """The first nights alone."""
        return replace(self, flux=self.flux[: nights * len(self.labels)])

    def and_then(self, other: Nights) -> Nights:
        """These nights and others of the same spectra."""
        return replace(self, flux=torch.cat([self.flux, other.flux]))

    def truth(self, rows: Tensor) -> Tensor:
        """The labels of some observations."""
        return self.labels[rows % len(self.labels)]


def derived_seed(*parts: int) -> int:
    """One seed from several, for generators that take a single number."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> 1)


def observe_night(clean: CleanSpectra, observatory: Observatory, seed: int, night: int) -> Tensor:
    """Each clean spectrum once. Normalised flux, shape (n, 7514)."""
    rng = torch.Generator().manual_seed(derived_seed(seed, night))
    parts = np.array_split(np.arange(len(clean)), max(1, len(clean) // PART))
    return torch.cat([observatory.observe(torch.from_numpy(clean.flux(rows)), rng) for rows in parts])


def observe_nights(
    clean: CleanSpectra, observatory: Observatory, seed: int, nights: int, input_mean: Tensor | None = None
) -> Nights:
    """Independent observations of every spectrum; the first night's mean is the input mean if none is given."""
    kept = torch.empty((nights, len(clean), N_CHIP_PIXELS), dtype=torch.float16)
    for night in range(nights):
        seen = observe_night(clean, observatory, seed, night)
        input_mean = seen.double().mean(dim=0) if input_mean is None else input_mean
        kept[night] = seen - input_mean
    assert input_mean is not None  # there is a first night
    return Nights(kept.flatten(0, 1), input_mean, torch.from_numpy(clean.labels))
