"""How well a network in training does: on fixed validation observations, and on real stars."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector import Network, sample
from inspector.science.architecture import ApogeeBCNNCensored
from inspector.science.labels import FE_H, LOGG, TEFF
from inspector.science.weights_card import WeightsCard
from weights.training.real_stars import RealStar
from weights.training.synthetic_grid import CleanSpectra, ErrorPatterns
from weights.training.telescope import Observatory, Telescope

SEED_JUDGE = 7
"""Of the validation observations and their dropout."""


@dataclass(frozen=True)
class Judge:
    """Fixed validation observations and real stars, asked alike at every judging."""

    flux: Tensor
    labels: NDArray[np.float64]
    real: tuple[RealStar, ...]
    draws: int = 50

    @classmethod
    def of(cls, clean: CleanSpectra, patterns: ErrorPatterns, real: tuple[RealStar, ...]) -> Judge:
        """Observe the validation spectra once, at S/N 100, lines as the models have them."""
        telescope = Telescope(snr=(100.0, 100.0)).with_lines_as_modelled()
        rng = torch.Generator().manual_seed(SEED_JUDGE)
        flux = Observatory(telescope, patterns).observe(torch.from_numpy(clean.flux()), rng)
        return cls(flux, clean.labels, real)

    def scatter(self, module: ApogeeBCNNCensored) -> NDArray[np.float64]:
        """Root mean square error of each label. Shape (22,)."""
        value = mean_answers(module, self.flux.double().numpy(), self.draws)
        return np.asarray(np.sqrt(np.mean((value - self.labels) ** 2, axis=0)))

    def real_table(self, module: ApogeeBCNNCensored) -> list[str]:
        """A line for each real star."""
        value = mean_answers(module, np.stack([star.flux for star in self.real]), self.draws)
        rows = value[:, [TEFF, LOGG, FE_H]].tolist()
        return [
            f"    {star.name[-32:]:32s} {t:5.0f} {g:5.2f} {f:+5.2f}   known {star.reference}"
            for star, (t, g, f) in zip(self.real, rows)
        ]


def mean_answers(module: ApogeeBCNNCensored, flux: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    """Labels of normalised spectra (n, 7514) by a copy of the network, run as users run it. Shape (n, 22)."""
    network = Network(copy.deepcopy(module), WeightsCard("in training", "", "the run under way"))
    return np.stack([sample(network, row, draws, SEED_JUDGE).value for row in flux])
