"""Ask the network about observations whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from inspector.science.network import ApogeeBCNNCensored
from weights.coverage import Answers
from weights.fastnet import Dropout, FastNet
from weights.material import CleanSpectra, ErrorPatterns
from weights.observe import Observatory, Telescope

CHUNK = 256


def draw(module: ApogeeBCNNCensored, flux: Tensor, draws: int, seed: int) -> tuple[Tensor, Tensor]:
    """Posterior draws for many normalised spectra.

    Parameters
    ----------
    module : ApogeeBCNNCensored
    flux : Tensor, shape (n, 7514)
        Normalised flux.
    draws, seed : int

    Returns
    -------
    value, log_variance : Tensor, shape (draws, n, 22)
        In label units; of the scaled labels.
    """
    fast, dropout = FastNet(module), Dropout((seed, 1))
    centred = (flux - module.input_mean).float()
    values, log_variances = [], []
    with torch.no_grad():
        for _ in range(draws):
            out = [fast(part, dropout) for part in centred.split(CHUNK)]
            values.append(torch.cat([v for v, _ in out]))
            log_variances.append(torch.cat([s for _, s in out]))
    value = torch.stack(values).double() * module.labels_std + module.labels_mean
    return value, torch.stack(log_variances).double()


def answers(
    module: ApogeeBCNNCensored,
    flux: Tensor,
    truth: np.ndarray,
    snr: np.ndarray,
    star: np.ndarray,
    draws: int = 50,
    seed: int = 0,
) -> Answers:
    """Value and raw errors for each observation."""
    value, log_variance = draw(module, flux, draws, seed)
    predictive = torch.exp(0.5 * log_variance.mean(dim=0)) * module.labels_std
    return Answers(truth, value.mean(dim=0).numpy(), value.std(dim=0).numpy(), predictive.numpy(), snr, star)


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
