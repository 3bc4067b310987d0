"""How a network in training is judged: fixed validation observations, and real stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.science.labels import FE_H, LOGG, TEFF
from inspector.science.network import ApogeeBCNNCensored
from weights.asking import draw
from weights.material import CleanSpectra, ErrorPatterns
from weights.observe import Observatory, Telescope
from weights.realstars import RealStar

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
        value, _ = draw(module, self.flux, self.draws, SEED_JUDGE)
        return np.asarray(np.sqrt(np.mean((value.mean(dim=0).numpy() - self.labels) ** 2, axis=0)))

    def real_table(self, module: ApogeeBCNNCensored) -> list[str]:
        """A line for each real star."""
        flux = torch.from_numpy(np.stack([star.flux for star in self.real])).float()
        value, _ = draw(module, flux, 50, SEED_JUDGE)
        rows = value.mean(dim=0)[:, [TEFF, LOGG, FE_H]].tolist()
        return [
            f"    {star.name[-32:]:32s} {t:5.0f} {g:5.2f} {f:+5.2f}   known {star.reference}"
            for star, (t, g, f) in zip(self.real, rows)
        ]
