"""Second stage: every element's branch learns its abundance, beside a full-spectrum branch that no longer changes.

What that branch hands on is computed once for every observation, so a pass costs a tenth of a pass
through the whole network. The auxiliary pair, two numbers of its last layer, learns with the elements.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from inspector.science.architecture import ApogeeBCNNCensored
from inspector.science.labels import ELEMENT_LABELS
from weights.training.fast_forward import Dropout, relu_drop
from weights.training.observations import Nights
from weights.training.stage import FLUX_SCALE, Settings, Stage, loss

ELEMENTS = Settings(passes=18, batch=256, rate=4e-3, decay=0.7, draws=8)

MAX_NORM = 0.5
"""Of each row of the auxiliary pair's weights, as astroNN."""

FEW_INPUTS = 32
"""With n times as many, a layer's weights step the square root of n times smaller."""

_AUXILIARY = "dense_aux_fullspec"
_AUXILIARY_FACTOR = 0.3


def element_stage(module: ApogeeBCNNCensored, nights: Nights, features: Tensor, settings: Settings = ELEMENTS) -> Stage:
    """The second stage, about to begin.

    Parameters
    ----------
    module : ApogeeBCNNCensored
        With its first stage behind it.
    nights : Nights
    features : Tensor, shape (len(nights), 96)
        See `weights.training.full_spectrum_stage.mean_features`.
    settings : Settings
    """
    pixels = [torch.nonzero(mask.detach())[:, 0] for mask in module.aspcap_masks]
    with torch.no_grad():
        stellar = module.dense_teffloggfeh(features)  # (n, 3)
    mean, std = (scaling[ELEMENT_LABELS] for scaling in (module.labels_mean, module.labels_std))

    def loss_of(rows: Tensor, dropout: Dropout) -> Tensor:
        flux = nights.flux[rows].float()
        shared = torch.cat([module.dense_aux_fullspec(features[rows]), stellar[rows]], dim=1)  # (n, 5)
        drawn = [element_draws(module, e, flux[:, p], shared, dropout, settings.draws) for e, p in enumerate(pixels)]
        value, unseen, log_variance = (torch.stack(parts, dim=-1) for parts in zip(*drawn))
        truth = (nights.truth(rows)[:, ELEMENT_LABELS] - mean) / std
        return loss(value, log_variance, truth.float(), settings, unseen)

    @torch.no_grad()
    def after_step() -> None:
        weight = module.dense_aux_fullspec.weight
        weight.copy_(torch.renorm(weight, 2, 0, MAX_NORM))

    return Stage(settings, module, loss_of, _factors(module), after_step)


def element_draws(
    module: ApogeeBCNNCensored, e: int, flux: Tensor, shared: Tensor, dropout: Dropout, draws: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Draws of one element, the dropout before its heads averaged over: they are linear.

    Parameters
    ----------
    module : ApogeeBCNNCensored
    e : int
        Which element.
    flux : Tensor, shape (n, pixels)
        In the element's window.
    shared : Tensor, shape (n, 5)
        Auxiliary pair and Teff, log g, [Fe/H].
    dropout : Dropout
    draws : int

    Returns
    -------
    value : Tensor, shape (draws, n)
    unseen : Tensor, shape (n,)
        Variance that the averaged dropout would add to a draw.
    log_variance : Tensor, shape (n,)
        Mean over draws.
    """
    first, second, head, var_head = (module.per_element(f"elem_dense{kind}")[e] for kind in ("1", "2", "_out", "_var"))
    n, width = len(flux), second.out_features
    dropped = relu_drop(first(flux).repeat(draws, 1), dropout)  # no dropout before it: alike in all draws
    hidden = functional.relu(second(dropped)).unflatten(0, (draws, n))
    own, beside = head.weight[0, :width], functional.linear(shared, head.weight[:, width:], head.bias)[:, 0]
    unseen = (hidden.square() @ own.square()).mean(dim=0) * (dropout.scale - 1)
    log_variance = (hidden @ var_head.weight[0, :width]).mean(dim=0)
    log_variance = log_variance + functional.linear(shared, var_head.weight[:, width:], var_head.bias)[:, 0]
    return hidden @ own + beside, unseen, log_variance


def _factors(module: ApogeeBCNNCensored) -> dict[str, float]:
    """Layers that read flux step larger; layers with many inputs smaller."""
    factors = {}
    for name, parameter in module.named_parameters():
        if name.startswith(_AUXILIARY):
            factors[name] = _AUXILIARY_FACTOR
        elif name.startswith("elem_"):
            crowd = 1.0 if parameter.ndim < 2 else max(1.0, parameter.shape[1] / FEW_INPUTS)
            reads_flux = name.startswith("elem_dense1") and parameter.ndim > 1
            factors[name] = (FLUX_SCALE if reads_flux else 1.0) / math.sqrt(crowd)
    return factors
