"""First stage: the branch that sees every pixel learns Teff, log g and [Fe/H].

No gradient comes to it from the elements but through the auxiliary pair, so it can learn alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

from inspector.science.architecture import FULL_SPECTRUM_LABELS, ApogeeBCNNCensored
from weights.training.fast_forward import Dropout, FastNet
from weights.training.observations import Nights
from weights.training.stage import FLUX_SCALE, Settings, Stage, loss

STELLAR = Settings(passes=9, batch=128, rate=3e-3, decay=0.8, draws=2)

FACTORS = {"conv1.weight": FLUX_SCALE, "dense_1.weight": 0.2, "dense_2.weight": 0.4}
"""Layers that read flux step larger; those with many inputs smaller: steps add up over inputs that go together."""

_LAYERS = ("conv1", "conv2", "dense_1", "dense_2", "dense_teffloggfeh", "dense_teffloggfeh_var")


def stellar_stage(module: ApogeeBCNNCensored, nights: Nights, settings: Settings = STELLAR) -> Stage:
    """The first stage, about to begin."""
    fast = FastNet(module)
    mean, std = (scaling[list(FULL_SPECTRUM_LABELS)] for scaling in (module.labels_mean, module.labels_std))

    def loss_of(rows: Tensor, dropout: Dropout) -> Tensor:
        flux = nights.flux[rows].float().repeat(settings.draws, 1)
        hidden = fast.full_spectrum(flux, dropout)
        value = module.dense_teffloggfeh(hidden).unflatten(0, (settings.draws, -1))
        log_variance = module.dense_teffloggfeh_var(hidden).unflatten(0, (settings.draws, -1)).mean(dim=0)
        truth = (nights.truth(rows)[:, list(FULL_SPECTRUM_LABELS)] - mean) / std
        return loss(value, log_variance, truth.float(), settings)

    names = [name for name, _ in module.named_parameters() if name.split(".")[0] in _LAYERS]
    return Stage(settings, module, loss_of, {name: FACTORS.get(name, 1.0) for name in names})


def mean_features(module: ApogeeBCNNCensored, flux: Tensor, draws: int, seed: int, part: int = 256) -> Tensor:
    """The branch's last layer, averaged over dropout draws: its heads are linear, so this is all they tell on average.

    Parameters
    ----------
    module : ApogeeBCNNCensored
    flux : Tensor, shape (n, 7514)
        Normalised flux minus `input_mean`.
    draws, seed, part : int
        `part` spectra go at once.

    Returns
    -------
    Tensor, shape (n, 96)
    """
    fast, dropout = FastNet(module), Dropout((seed, 2))
    with torch.no_grad():
        means = []
        for some in flux.split(part):
            x = some.float()
            means.append(torch.stack([fast.full_spectrum(x, dropout) for _ in range(draws)]).mean(dim=0))
    return torch.cat(means)
