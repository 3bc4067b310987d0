"""Answers of the network to observations whose truth is known, drawn as a user's are."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from inspector import Network, sample
from weights.training.synthetic_grid import CleanSpectra, ErrorPatterns
from weights.training.telescope import Observatory, Telescope
from weights.validation.coverage import Answers

CHUNK = 256
"""Spectra observed at once."""


def answers(
    network: Network, flux: Tensor, truth: np.ndarray, snr: np.ndarray, star: np.ndarray, draws: int = 50
) -> Answers:
    """Value and raw errors for each observation, by `inspector.sample` with the observation's own seed.

    Parameters
    ----------
    network : Network
    flux : Tensor, shape (n, 7514)
        Normalised flux.
    truth : ndarray, shape (n, 22)
    snr, star : ndarray, shape (n,)
    draws : int
        Of each observation.
    """
    asked = [sample(network, row, draws, None) for row in flux.double().numpy()]
    value, model, predictive = (
        np.stack([getattr(posterior, name) for posterior in asked])
        for name in ("value", "model_error", "predictive_error")
    )
    return Answers(truth, value, model, predictive, snr, star)


def observe(
    clean: CleanSpectra,
    patterns: ErrorPatterns,
    telescope: Telescope,
    repeats: int,
    seed: int,
) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Independent observations of each clean spectrum, each at its own S/N, drawn from the telescope's.

    Returns
    -------
    flux : Tensor, shape (n · repeats, 7514)
    snr : ndarray, shape (n · repeats,)
    star : ndarray of int, shape (n · repeats,)
    """
    rng = torch.Generator().manual_seed(seed)
    observatory = Observatory(telescope, patterns)
    star = np.repeat(np.arange(len(clean)), repeats)
    low, high = (math.log(s) for s in telescope.snr)
    snr = torch.rand(len(star), generator=rng).mul_(high - low).add_(low).exp_()
    flux = [
        observatory.observe(torch.from_numpy(clean.flux(star[part])), rng, snr[part][:, None])
        for part in np.array_split(np.arange(len(star)), -(-len(star) // CHUNK))
    ]
    return torch.cat(flux), snr.numpy().astype(float), star
