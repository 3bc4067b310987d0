"""ApogeeBCNNCensored: the Bayesian convolutional network with censoring of AstroNN.

Leung & Bovy 2019, MNRAS 483, 3255. Parameter names are those of SDSS Astra's checkpoints, so that
one loads into this module as it is. This is the plain network, easy to compare with the paper;
`inspector.science.dropout_sampler` evaluates the same parameters many times over, fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inspector.exceptions import WeightsError
from inspector.science.labels import ELEMENT_LABELS, ELEMENTS, FE_H, LABEL_NAMES, LOGG, TEFF
from inspector.science.spectrum import N_CHIP_PIXELS

N_LABELS = len(LABEL_NAMES)
FULL_SPECTRUM_LABELS = (TEFF, LOGG, FE_H)
"""Labels of the full-spectrum branch, in the order of its heads."""

DROPOUT_RATE = 0.3
"""The rate the network was designed with, on at training and at inference."""

_WIDE_ELEMENTS = ("C", "N")  # whose windows cover half the spectrum


@dataclass(frozen=True)
class Sizes:
    """How wide each layer is; a checkpoint's own shapes decide.

    Attributes
    ----------
    filters : (int, int)
        Channels of the two convolutions.
    kernel, pool : int
        Length of the filters and of the pooling, in pixels.
    dense : (int, int)
        Widths of the full-spectrum branch.
    auxiliary : int
        Numbers the full-spectrum branch hands to every element besides Teff, log g, [Fe/H].
    window : tuple of int
        Pixels in each element's window, in the order of `ELEMENTS`.
    element : tuple of (int, int)
        Widths of each element's two layers.
    """

    window: tuple[int, ...]
    filters: tuple[int, int] = (2, 4)
    kernel: int = 8
    pool: int = 4
    dense: tuple[int, int] = (192, 96)
    auxiliary: int = 2
    element: tuple[tuple[int, int], ...] = tuple(
        (256, 64) if element in _WIDE_ELEMENTS else (32, 16) for element in ELEMENTS
    )

    def __post_init__(self) -> None:
        if self.pool not in (1, 2, 4, 8, 16):
            raise WeightsError(f"The network pools {self.pool} positions; a power of two up to 16 is supported.")

    @property
    def pooled(self) -> int:
        """Positions left after the pooling."""
        return N_CHIP_PIXELS // self.pool


def _identity(hidden: Tensor) -> Tensor:
    return hidden


class ApogeeBCNNCensored(nn.Module):
    """The network, from continuum-normalised flux to scaled labels and their log-variance.

    Parameters
    ----------
    windows : ndarray of bool, shape (19, 7514)
        The pixels each element's sub-network may see.
    sizes : Sizes, optional
        Layer widths; SDSS Astra's by default.
    """

    input_mean: Tensor
    labels_mean: Tensor
    labels_std: Tensor

    def __init__(self, windows: NDArray[np.bool_], sizes: Sizes | None = None) -> None:
        super().__init__()
        self.sizes = sizes = sizes or Sizes(window=tuple(int(n) for n in windows.sum(axis=1)))
        (c1, c2), (d1, d2) = sizes.filters, sizes.dense
        self.conv1 = nn.Conv1d(1, c1, sizes.kernel)
        self.conv2 = nn.Conv1d(c1, c2, sizes.kernel)
        self.dense_1 = nn.Linear(sizes.pooled * c2, d1)
        self.dense_2 = nn.Linear(d1, d2)
        self.dense_teffloggfeh = nn.Linear(d2, 3)
        self.dense_teffloggfeh_var = nn.Linear(d2, 3)
        self.dense_aux_fullspec = nn.Linear(d2, sizes.auxiliary)
        shared = sizes.auxiliary + 3
        self.elem_dense1 = nn.ModuleList(nn.Linear(n, a) for n, (a, _) in zip(sizes.window, sizes.element))
        self.elem_dense2 = nn.ModuleList(nn.Linear(a, b) for a, b in sizes.element)
        self.elem_dense_out = nn.ModuleList(nn.Linear(b + shared, 1) for _, b in sizes.element)
        self.elem_dense_var = nn.ModuleList(nn.Linear(b + shared, 1) for _, b in sizes.element)
        self.aspcap_masks = nn.ParameterList(
            nn.Parameter(torch.as_tensor(window), requires_grad=False) for window in windows
        )
        self.register_buffer("input_mean", torch.zeros(N_CHIP_PIXELS, dtype=torch.float64))
        self.register_buffer("labels_mean", torch.zeros(N_LABELS, dtype=torch.float64))
        self.register_buffer("labels_std", torch.ones(N_LABELS, dtype=torch.float64))

    def forward(self, x: Tensor, drop: Callable[[Tensor], Tensor] = _identity) -> tuple[Tensor, Tensor]:
        """One pass.

        Parameters
        ----------
        x : Tensor, shape (n, 1, 7514)
            Normalised flux minus `input_mean`.
        drop : callable, optional
            Dropout, applied where the network has it; none by default (deterministic).

        Returns
        -------
        value, log_variance : Tensor, shape (n, 22)
            In units of `labels_std` about `labels_mean`, in label order.
        """
        hidden = self.full_spectrum(x, drop)
        stellar = self.dense_teffloggfeh(hidden)  # (n, 3)
        # the elements may use Teff, log g and [Fe/H] but not bend them
        shared = torch.cat([self.dense_aux_fullspec(hidden), stellar.detach()], dim=1)  # (n, 5)
        seen = [torch.cat([h, shared], dim=1) for h in self.elements(x, drop)]
        value = [head(h) for head, h in zip(self.elem_dense_out, seen)]
        log_variance = [head(h) for head, h in zip(self.elem_dense_var, seen)]
        return (
            in_label_order(stellar, torch.cat(value, dim=1)),
            in_label_order(self.dense_teffloggfeh_var(hidden), torch.cat(log_variance, dim=1)),
        )

    def full_spectrum(self, x: Tensor, drop: Callable[[Tensor], Tensor]) -> Tensor:
        """The branch that sees every pixel. Shape (n, 1, 7514) to (n, 96)."""
        hidden = drop(functional.relu(self.conv1(self.pad(x))))  # (n, 2, 7514)
        hidden = functional.max_pool1d(functional.relu(self.conv2(self.pad(hidden))), self.sizes.pool)
        hidden = drop(hidden.permute(0, 2, 1).flatten(1))  # (n, 7512), position-major as in Keras
        hidden = drop(functional.relu(self.dense_1(hidden)))
        return functional.relu(self.dense_2(hidden))

    def per_element(self, layer: str) -> list[nn.Linear]:
        """The 19 layers of one kind (``elem_dense1`` …), in the order of `ELEMENTS`."""
        return list(cast(Iterable[nn.Linear], getattr(self, layer)))

    def pad(self, x: Tensor) -> Tensor:
        """Zeros so that a convolution keeps the length: the longer side right, as TensorFlow does."""
        return functional.pad(x, ((self.sizes.kernel - 1) // 2, self.sizes.kernel // 2))

    def elements(self, x: Tensor, drop: Callable[[Tensor], Tensor]) -> list[Tensor]:
        """Each element's branch, which sees its window alone. 19 tensors (n, 16 or 64)."""
        flux = x.flatten(1)
        first = [
            drop(functional.relu(dense(flux[:, window]))) for dense, window in zip(self.elem_dense1, self.aspcap_masks)
        ]
        return [drop(functional.relu(dense(h))) for dense, h in zip(self.elem_dense2, first)]


def in_label_order(stellar: Tensor, elements: Tensor) -> Tensor:
    """(n, 3) of the full-spectrum branch and (n, 19) of the elements as (n, 22)."""
    out = stellar.new_empty(stellar.shape[0], N_LABELS)
    out[:, FULL_SPECTRUM_LABELS] = stellar
    out[:, ELEMENT_LABELS] = elements
    return out
