"""How the demonstration network learns: settings, loss, steps and checkpoints.

Every epoch's order, observations and dropout are drawn from the seed and the epoch's number, so a
run cut off and resumed ends in the same weights.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.science.network import DROPOUT_RATE, ApogeeBCNNCensored
from inspector.science.windows import element_windows
from weights.fastnet import Dropout, FastNet
from weights.material import CleanSpectra
from weights.observe import Observatory, Telescope
from weights.revive import revive

MAX_NORM = 0.5
"""Of each row of the auxiliary pair's weights, as astroNN."""

FLUX_SCALE = 20.0
"""One over the scatter of a normalised pixel: layers that read flux start, and step, so much larger."""


FEW_INPUTS = 32
"""With n times as many, a layer's weights step n times smaller: steps add up over inputs that rise and fall together.
Larger ones (by the square root of n) threw the wide branches of C and N off again and again."""

T = TypeVar("T")

Batch = tuple[NDArray[np.intp], Tensor]


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on besides the material.

    Attributes
    ----------
    epochs, batch : int
    rate : float
        Learning rate of Adam at its plateau.
    decay : float
        The last fraction of the epochs, over which the rate falls to zero.
    beta : float
        Exponent of the beta-NLL (Seitzer et al. 2022); 0 is astroNN's plain heteroscedastic loss.
    l2 : float
        Added to the gradient, as in Keras.
    ramp : float
        The first fraction of the epochs, over which dropout rises from a tenth to its full rate.
    average : float
        Decay per step of the running average of the weights.
    seed : int
    repeats : int
        How often an observation is seen, under dropout of its own, before a fresh one takes its place.
    revive : int
        Epochs between revivals of dead units while the rate is on its plateau; 0 for none.
    start : str
        SHA-256 of the weights the run began from; empty for random ones.
    """

    epochs: int = 60
    batch: int = 64
    rate: float = 5e-3
    decay: float = 0.4
    beta: float = 0.5
    l2: float = 5e-9
    ramp: float = 0.0
    average: float = 0.998
    mean_of: float = 8.0
    seed: int = 42
    repeats: int = 2
    revive: int = 4
    start: str = ""
    telescope: Telescope = field(default_factory=Telescope)


def derived_seed(*parts: int) -> int:
    """One seed from several, for generators that take a single number."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> 1)


def observed_batches(clean: CleanSpectra, observatory: Observatory, settings: Settings, night: int) -> Iterator[Batch]:
    """Fresh observations of every clean spectrum, in this night's order: rows and flux (n, 7514)."""
    order = np.random.default_rng((settings.seed, night)).permutation(len(clean))
    n_batches = max(1, len(clean) // settings.batch)
    for i, rows in enumerate(np.array_split(order, n_batches)):
        rng = torch.Generator().manual_seed(derived_seed(settings.seed, night, i))
        yield rows, observatory.observe(torch.from_numpy(clean.flux(rows)), rng)


def ahead(source: Iterator[T], room: int = 4) -> Iterator[T]:
    """The items of `source`, made by a thread of their own a few ahead."""
    waiting: queue.Queue[T | None] = queue.Queue(room)

    def fill() -> None:
        for item in source:
            waiting.put(item)
        waiting.put(None)

    threading.Thread(target=fill, daemon=True).start()
    while (item := waiting.get()) is not None:
        yield item


def new_module(clean: CleanSpectra, mean_flux: Tensor, seed: int) -> ApogeeBCNNCensored:
    """A network with random weights, scaled for its input, and the scalings of its labels."""
    torch.manual_seed(seed)
    module = ApogeeBCNNCensored(element_windows().copy())
    module.input_mean.copy_(mean_flux)
    module.labels_mean.copy_(torch.from_numpy(clean.labels.mean(axis=0)))
    module.labels_std.copy_(torch.from_numpy(clean.labels.std(axis=0)))
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if reads_flux(name):
                parameter.mul_(FLUX_SCALE)
    return module


def reads_flux(name: str) -> bool:
    """Whether a parameter multiplies flux itself."""
    return name == "conv1.weight" or (name.startswith("elem_dense1") and name.endswith("weight"))


def _rate_factor(name: str, parameter: Tensor) -> float:
    """Layers that read flux step larger; layers with many inputs step smaller."""
    crowd = 1.0 if parameter.ndim < 2 else max(1.0, parameter[0].numel() / FEW_INPUTS)
    return (FLUX_SCALE if reads_flux(name) else 1.0) / crowd


def new_optimizer(module: ApogeeBCNNCensored, settings: Settings) -> torch.optim.Adam:
    """Adam, with each parameter's own step."""
    groups = [
        {"params": [p], "factor": _rate_factor(name, p), "weight_decay": settings.l2}
        for name, p in module.named_parameters()
        if p.requires_grad
    ]
    return torch.optim.Adam(groups, lr=settings.rate, fused=True)


def rate_at(settings: Settings, progress: float) -> float:
    """Learning rate: a short rise, a plateau, a fall to zero. `progress` in epochs."""
    rise = min(1.0, (progress + 0.02) / 1.5)
    left = max(0.0, settings.epochs - progress) / (settings.decay * settings.epochs)
    return settings.rate * rise * min(1.0, left)


def dropout_at(settings: Settings, epoch: int) -> float:
    """Dropout rate: full, or rising over the first `ramp` of the run."""
    risen = 1.0 if settings.ramp == 0 else min(1.0, epoch / (settings.ramp * settings.epochs))
    return DROPOUT_RATE * (0.1 + 0.9 * risen)


def loss(value: Tensor, log_variance: Tensor, truth: Tensor, settings: Settings) -> Tensor:
    """Heteroscedastic squared error of the mean over `settings.mean_of` dropout draws.

    The app answers with a mean over draws, so that mean is what should be right. Two draws of each
    spectrum suffice: the product of their errors is the squared error of the mean of endlessly many
    draws, the mean of their squares that of a single one, and a mixture that of any number between.

    Parameters
    ----------
    value, log_variance : Tensor, shape (2 n, 22)
        Two draws, one after the other.
    truth : Tensor, shape (n, 22)
    settings : Settings

    Returns
    -------
    Tensor, scalar
        Weighted by the variance to the power `settings.beta`.
    """
    one, two = (truth - draw for draw in value.chunk(2))
    share = 1 / settings.mean_of
    squared = (1 - share) * one * two + share * (one.square() + two.square()) / 2
    log_variance = log_variance.clamp(-9, 6)
    known = log_variance.detach()
    precision = torch.exp((settings.beta - 1) * (known[: len(truth)] + known[len(truth) :]) / 2)
    met = ((one + two) / 2).square().detach().repeat(2, 1)
    spread = (met * torch.exp(-log_variance) + log_variance) * torch.exp(settings.beta * known)
    return 0.5 * ((precision * squared).sum(dim=1).mean() + spread.sum(dim=1).mean())


@dataclass
class Trainer:
    """A run in progress: the one thing here that changes."""

    settings: Settings
    module: ApogeeBCNNCensored
    optimizer: torch.optim.Adam
    average: dict[str, Tensor]
    epoch: int = 0
    n_dead: int = 0
    night: list[Batch] = field(default_factory=list)

    @classmethod
    def start(
        cls,
        settings: Settings,
        clean: CleanSpectra,
        observatory: Observatory,
        begin: ApogeeBCNNCensored | None = None,
    ) -> Trainer:
        """A fresh run, from random weights or from those of `begin` and its scalings."""
        if begin is not None:
            return cls._from(settings, begin)
        rng = torch.Generator().manual_seed(derived_seed(settings.seed, 0))
        some = np.linspace(0, len(clean) - 1, min(len(clean), 1024)).astype(int)
        mean = observatory.observe(torch.from_numpy(clean.flux(some)), rng).double().mean(dim=0)
        return cls._from(settings, new_module(clean, mean, settings.seed))

    @classmethod
    def _from(cls, settings: Settings, module: ApogeeBCNNCensored) -> Trainer:
        for parameter in module.parameters():
            parameter.requires_grad_(parameter.is_floating_point())
        average = {name: p.detach().clone() for name, p in module.named_parameters() if p.requires_grad}
        return cls(settings, module, new_optimizer(module, settings), average)

    def train_epoch(self, clean: CleanSpectra, observatory: Observatory) -> float:
        """One pass over the training spectra; returns the mean loss."""
        fast, total, n = FastNet(self.module), 0.0, 0
        dropout = Dropout((self.settings.seed, self.epoch), dropout_at(self.settings, self.epoch))
        input_mean = self.module.input_mean.float()
        labels = torch.from_numpy(clean.labels)
        truth = ((labels - self.module.labels_mean) / self.module.labels_std).float()
        n_batches = max(1, len(clean) // self.settings.batch)
        for rows, flux in self._batches(clean, observatory):
            if not n:
                self._revive(flux - input_mean)
            value, log_variance = fast(flux - input_mean, dropout, draws=2)
            batch_loss = loss(value, log_variance, truth[rows], self.settings)
            self._step(batch_loss, self.epoch + n / n_batches)
            total, n = total + batch_loss.item(), n + 1
        self.epoch += 1
        return total / n

    def _batches(self, clean: CleanSpectra, observatory: Observatory) -> Iterator[Batch]:
        """A night's observations, made in its first epoch and kept, or made anew after a resumption."""
        night, again = divmod(self.epoch, self.settings.repeats)
        if not again or not self.night:
            self.night.clear()
            for batch in ahead(observed_batches(clean, observatory, self.settings, night)):
                self.night.append(batch)
                yield batch
        else:
            yield from self.night

    def _revive(self, flux: Tensor) -> None:
        """Now and then, until the rate falls."""
        every, plateau = self.settings.revive, (1 - self.settings.decay) * self.settings.epochs
        if every and self.epoch % every == 0 and self.epoch <= plateau:
            rng = torch.Generator().manual_seed(derived_seed(self.settings.seed, self.epoch, 1))
            self.n_dead = revive(self.module, flux, rng)

    def _step(self, batch_loss: Tensor, progress: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.settings, progress) * group["factor"]
        self.optimizer.zero_grad()
        batch_loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            weight = self.module.dense_aux_fullspec.weight
            weight.copy_(torch.renorm(weight, 2, 0, MAX_NORM))
            forget = max(1 - self.settings.average, 1 / (1 + progress * 10))  # a young average forgets faster
            for name, parameter in self.module.named_parameters():
                if name in self.average:
                    self.average[name].lerp_(parameter, forget)

    def averaged(self) -> ApogeeBCNNCensored:
        """A copy of the network with the averaged weights."""
        copy = ApogeeBCNNCensored(element_windows().copy())
        copy.load_state_dict({**self.module.state_dict(), **self.average})
        return copy.requires_grad_(False)

    def save(self, path: Path) -> None:
        """Write a checkpoint; the old one stays until the new one is whole."""
        state = {
            "epoch": self.epoch,
            "module": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> None:
        """Continue from a checkpoint of the same settings."""
        state = torch.load(path, weights_only=True)
        self.epoch, self.average = state["epoch"], state["average"]
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
