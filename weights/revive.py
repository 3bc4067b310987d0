"""Units that answer no spectrum are given new weights.

A unit whose sum is negative for every spectrum has no gradient and never comes back. Large early
steps leave many such units, and a network with dropout needs its units: see *Choices* on the card.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.science.network import ApogeeBCNNCensored

ASLEEP = 0.005
"""A unit above zero for a smaller share of the spectra is dead."""


def revive(module: ApogeeBCNNCensored, flux: Tensor, rng: torch.Generator) -> int:
    """Give every dead unit random weights, and a bias that a good half of the spectra exceed.

    What follows a revived unit starts from zero, so the network answers as before.

    Parameters
    ----------
    module : ApogeeBCNNCensored
        Changed in place.
    flux : Tensor, shape (n, 7514)
        Some observations, minus `input_mean`.
    rng : torch.Generator

    Returns
    -------
    int
        How many units were dead.
    """
    with torch.no_grad():
        hidden = functional.relu(module.conv1(module.pad(flux[:, None])))
        n_dead, hidden = _revive_filters(module, module.pad(hidden), rng)
        for layer, followers in (
            (module.dense_1, [module.dense_2]),
            (module.dense_2, [module.dense_teffloggfeh, module.dense_teffloggfeh_var, module.dense_aux_fullspec]),
        ):
            n_dead += _revive_units(layer, hidden, followers, rng)
            hidden = functional.relu(layer(hidden))
        return n_dead + sum(_revive_element(module, e, flux, rng) for e in range(len(module.elem_dense1)))


def _revive_element(module: ApogeeBCNNCensored, e: int, flux: Tensor, rng: torch.Generator) -> int:
    """The two layers of one element's branch."""
    first, second = module.per_element("elem_dense1")[e], module.per_element("elem_dense2")[e]
    seen = flux[:, list(module.aspcap_masks)[e]]
    n_dead = _revive_units(first, seen, [second], rng)
    heads = [module.per_element(head)[e] for head in ("elem_dense_out", "elem_dense_var")]
    return n_dead + _revive_units(second, functional.relu(first(seen)), heads, rng)


def _revive_filters(module: ApogeeBCNNCensored, hidden: Tensor, rng: torch.Generator) -> tuple[int, Tensor]:
    """Filters of the second convolution; also what it then hands on, shape (n, 7512)."""
    conv, n_filters = module.conv2, module.conv2.out_channels
    windows = functional.unfold(hidden[:, :, None], (1, conv.kernel_size[0])).permute(0, 2, 1).flatten(0, 1)
    flat = nn.Linear(windows.shape[1], n_filters)
    flat.weight = nn.Parameter(conv.weight.flatten(1))
    assert conv.bias is not None
    flat.bias = nn.Parameter(conv.bias)
    dead = _asleep(flat(windows))
    n_dead = _revive_units(flat, windows, [], rng)
    conv.weight.copy_(flat.weight.view_as(conv.weight))
    module.dense_1.weight.view(len(module.dense_1.weight), -1, n_filters)[:, :, dead] = 0.0
    pooled = functional.max_pool1d(functional.relu(conv(hidden)), module.sizes.pool)
    return n_dead, pooled.permute(0, 2, 1).flatten(1)


def _asleep(sums: Tensor) -> Tensor:
    """Which columns are above zero too seldom."""
    return (sums > 0).float().mean(dim=0) < ASLEEP


def _revive_units(layer: nn.Linear, inputs: Tensor, followers: Sequence[nn.Linear], rng: torch.Generator) -> int:
    """The dead units of one layer; how many there were."""
    sums = layer(inputs)
    dead = _asleep(sums)
    n_dead = int(dead.sum())
    if not n_dead:
        return 0
    size = sums[:, ~dead].std(dim=0).median() if n_dead < len(dead) else torch.tensor(1.0)
    fresh = torch.randn((n_dead, inputs.shape[1]), generator=rng)
    sums = inputs @ fresh.T
    fresh *= (size / sums.std(dim=0).clamp(min=1e-6))[:, None]
    share = 0.3 + 0.4 * torch.rand(n_dead, generator=rng)
    ordered = (inputs @ fresh.T).sort(dim=0).values
    layer.weight[dead] = fresh
    layer.bias[dead] = -ordered[(share * (len(ordered) - 1)).long(), torch.arange(n_dead)]
    for follower in followers:
        follower.weight[:, : len(dead)][:, dead] = 0.0
    return n_dead
