"""How a stage of the training learns: its settings, the loss, the passes and the checkpoint.

Every pass draws its order and its dropout from the seed and its number, so a run cut off and resumed
ends in the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from inspector.science.architecture import DROPOUT_RATE, ApogeeBCNNCensored
from inspector.science.windows import element_windows
from weights.training.fast_forward import Dropout
from weights.training.observations import Nights, derived_seed

FLUX_SCALE = 20.0
"""One over the scatter of a normalised pixel: layers that read flux start, and step, so much larger."""


@dataclass(frozen=True)
class Settings:
    """Everything a stage depends on besides the observations.

    Attributes
    ----------
    passes, batch : int
    rate : float
        Learning rate of Adam at its plateau.
    decay : float
        The last fraction of the passes, over which the rate falls to zero.
    draws : int
        Dropout draws of each spectrum in a step.
    mean_of : float
        The squared error is that of the mean of so many draws.
    beta : float
        Exponent of the beta-NLL (Seitzer et al. 2022); 0 is astroNN's plain heteroscedastic loss.
    seed : int
    """

    passes: int
    batch: int
    rate: float
    decay: float
    draws: int
    mean_of: float = 50.0
    beta: float = 0.5
    seed: int = 42


def new_module(nights: Nights, seed: int) -> ApogeeBCNNCensored:
    """A network with random weights, scaled for its input, and the scalings of its labels."""
    torch.manual_seed(seed)
    module = ApogeeBCNNCensored(element_windows().copy())
    module.input_mean.copy_(nights.input_mean)
    module.labels_mean.copy_(nights.labels.mean(dim=0))
    module.labels_std.copy_(nights.labels.std(dim=0, unbiased=False))
    with torch.no_grad():
        module.conv1.weight.mul_(FLUX_SCALE)
        for first, second in zip(module.per_element("elem_dense1"), module.per_element("elem_dense2")):
            nn.init.normal_(first.weight, std=FLUX_SCALE / math.sqrt(first.in_features))
            nn.init.kaiming_normal_(second.weight)
            for layer in (first, second):
                nn.init.zeros_(layer.bias)
    return module


def loss(
    value: Tensor, log_variance: Tensor, truth: Tensor, settings: Settings, unseen: Tensor | float = 0.0
) -> Tensor:
    """Heteroscedastic squared error of the mean over `settings.mean_of` dropout draws.

    The app answers with a mean over draws, so that mean is what should be right. A few draws of each
    spectrum suffice: the square of their mean's error less their variance over their number is, on
    average, the squared error of the mean of endlessly many.

    Parameters
    ----------
    value : Tensor, shape (draws, n, labels)
    log_variance, truth : Tensor, shape (n, labels)
        The first is the mean over draws.
    settings : Settings
    unseen : Tensor, shape (n, labels), or float
        Variance of a draw that `value` does not show.

    Returns
    -------
    Tensor, scalar
        Weighted by the variance to the power `settings.beta`.
    """
    miss, spread = value.mean(dim=0) - truth, value.var(dim=0)
    squared = miss.square() - spread / settings.draws + (spread + unseen) / settings.mean_of
    log_variance = log_variance.clamp(-9, 6)
    known = log_variance.detach()
    met = miss.square().detach() * torch.exp(-log_variance) + log_variance
    weighted = torch.exp((settings.beta - 1) * known) * squared + torch.exp(settings.beta * known) * met
    return 0.5 * weighted.sum(dim=1).mean()


def rate_at(settings: Settings, progress: float) -> float:
    """Learning rate: a short rise, a plateau, a fall to zero. `progress` in passes."""
    rise = min(1.0, (progress + 0.001) / 0.2)
    left = max(0.0, settings.passes - progress) / (settings.decay * settings.passes)
    return settings.rate * rise * min(1.0, left)


LossOf = Callable[[Tensor, Dropout], Tensor]


@dataclass
class Stage:
    """A stage in progress: the one thing here that changes.

    Attributes
    ----------
    settings : Settings
    module : ApogeeBCNNCensored
    loss_of : callable
        The loss of some observations, by their rows, under a stream of dropout.
    factors : mapping of str to float
        What is learned, by parameter name, and how much larger than others it steps.
    after_step : callable
        Called after each step.
    """

    settings: Settings
    module: ApogeeBCNNCensored
    loss_of: LossOf
    factors: Mapping[str, float]
    after_step: Callable[[], None] = lambda: None
    passes: int = 0

    def __post_init__(self) -> None:
        groups = []
        for name, parameter in self.module.named_parameters():
            parameter.requires_grad_(name in self.factors)
            if name in self.factors:
                groups.append({"params": [parameter], "factor": self.factors[name]})
        self.optimizer = torch.optim.Adam(groups, lr=self.settings.rate, betas=(0.9, 0.99), fused=True)

    def train_pass(self, n: int) -> float:
        """One pass over `n` observations; returns the mean loss."""
        settings = self.settings
        rng = torch.Generator().manual_seed(derived_seed(settings.seed, self.passes))
        dropout = Dropout((settings.seed, self.passes), DROPOUT_RATE)
        batches = torch.randperm(n, generator=rng).split(settings.batch)
        total = 0.0
        for i, rows in enumerate(batches):
            for group in self.optimizer.param_groups:
                group["lr"] = rate_at(settings, self.passes + i / len(batches)) * group["factor"]
            self.optimizer.zero_grad()
            batch_loss = self.loss_of(rows, dropout)
            batch_loss.backward()
            self.optimizer.step()
            self.after_step()
            total += batch_loss.item()
        self.passes += 1
        return total / len(batches)

    def save(self, path: Path) -> None:
        """Write a checkpoint; the old one stays until the new one is whole."""
        state = {"passes": self.passes, "module": self.module.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> None:
        """Continue from a checkpoint of the same settings."""
        state = torch.load(path, weights_only=True)
        self.passes = state["passes"]
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
