"""A network that can be asked: the module, the card of its weights, and who draws from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.exceptions import WeightsError
from inspector.science.architecture import DROPOUT_RATE, ApogeeBCNNCensored
from inspector.science.dropout_sampler import Sampler
from inspector.science.weights_card import WeightsCard


@dataclass(frozen=True, eq=False)
class Network:
    """A network with its weights and where they come from; read-only, shared between threads."""

    module: ApogeeBCNNCensored
    card: WeightsCard
    dropout_rate: float = DROPOUT_RATE

    def __post_init__(self) -> None:
        for name, tensor in self.module.state_dict().items():
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                raise WeightsError(f"The weights hold a number that is not finite in '{name}'. Use another file.")
        if not bool((self.module.labels_std > 0).all()):
            raise WeightsError("The weights scale a label by zero or less (labels_std). Use another file.")
        self.module.requires_grad_(False).eval()
        _ = self.card.ranges  # malformed ones are refused here, not in the middle of a run

    def sampler(self, flux: NDArray[np.float64], rate: float) -> Sampler:
        """Who draws for one normalised spectrum (7514,) at one dropout rate."""
        return Sampler(self.module, flux, rate)

    @cached_property
    def windows(self) -> NDArray[np.bool_]:
        """The pixels each element may see. Shape (19, 7514)."""
        return np.stack([mask.numpy() for mask in self.module.aspcap_masks])

    @cached_property
    def labels_mean(self) -> NDArray[np.float64]:
        """Shape (22,), in label units."""
        return self.module.labels_mean.numpy()

    @cached_property
    def labels_std(self) -> NDArray[np.float64]:
        """Shape (22,), in label units."""
        return self.module.labels_std.numpy()
