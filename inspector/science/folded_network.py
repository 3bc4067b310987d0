"""A network's weights, laid out so that many draws of one spectrum are a few large products.

* the second convolution gives `_SPAN` (8) output positions at a time, one product of 32 x 32;
* the seventeen elements of equal size are one batched product;
* the large intermediate arrays are used again and again: fresh pages cost more than the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from inspector.science.architecture import ApogeeBCNNCensored
from inspector.science.labels import ELEMENT_LABELS
from inspector.science.sampling import BLOCK

_SPAN = 8  # output positions of the second convolution computed together, or the pooling's multiple of it


@dataclass(frozen=True, eq=False)
class Workspace:
    """Scratch memory of one block."""

    bits: NDArray[np.int16]  # (B, n) random
    keep: Tensor  # (B, n) masks, then dropped first layers
    inputs: Tensor  # (B, blocks, reach * c1)
    outputs: Tensor  # (B * blocks, span * c2)
    halves: tuple[Tensor, ...]  # (B * blocks, span * c2 / 2), / 4 ... down to the pooled width
    pooled: Tensor  # (B, blocks * positions pooled * c2)


@dataclass(frozen=True, eq=False)
class FoldedNetwork:
    """A network's weights, laid out for blocks of draws."""

    module: ApogeeBCNNCensored
    kernel: Tensor  # (reach * c1, span * c2): Toeplitz, pooled-together outputs outermost
    kernel_bias: Tensor  # (span * c2,)
    step: int  # numbers from one row of inputs to the next: span * c1
    blocks: int  # rows of inputs per draw
    pooled_width: int  # outputs of one row after pooling
    dense: Tensor  # (parts, blocks, 192): as one product its sums would depend on the number of threads
    dense_bias: Tensor
    last: Tensor  # (192, 96)
    last_bias: Tensor
    star: Tensor  # (96, 8): Teff, log g, [Fe/H], their log-variance, auxiliary pair
    star_bias: Tensor
    groups: tuple[FoldedElements, ...]
    idle: list[Workspace] = field(default_factory=list)

    @property
    def n_first(self) -> int:
        """Numbers of the first convolution's output, padding included."""
        return (self.blocks - 1) * self.step + self.kernel.shape[0]

    @property
    def n_dense(self) -> int:
        """Width of the first dense layer."""
        return len(self.last)

    @property
    def mask_sizes(self) -> tuple[int, int, int]:
        """Dropped numbers per draw: first layers, pooled, later layers."""
        first = self.n_first + sum(group.n_first for group in self.groups)
        later = self.n_dense + sum(group.n_second for group in self.groups)
        return first, self.blocks * self.pooled_width, later

    def first_convolution(self, x: Tensor) -> Tensor:
        """Output of the first layer, position-major and zero-padded. (7514,) to (n_first,)."""
        module = self.module
        out = functional.relu(module.conv1(module.pad(x[None, None])))[0].T  # (7514, c1)
        left = (module.sizes.kernel - 1) // 2
        padded = functional.pad(out, (0, 0, left, self.n_first)).flatten()
        return padded[: self.n_first]

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """Scratch memory that no other thread uses meanwhile."""
        try:
            work = self.idle.pop()
        except IndexError:
            work = self._new_workspace()
        yield work
        self.idle.append(work)

    def _new_workspace(self) -> Workspace:
        n, reach = sum(self.mask_sizes), len(self.kernel)
        halvings = range(1, self.module.sizes.pool.bit_length())
        return Workspace(
            bits=np.empty((BLOCK, -(-n // 4) * 4), dtype=np.int16),
            keep=torch.empty(BLOCK, n),
            inputs=torch.empty(BLOCK, self.blocks, reach),
            outputs=torch.empty(BLOCK * self.blocks, self.kernel.shape[1]),
            halves=tuple(torch.empty(BLOCK * self.blocks, self.kernel.shape[1] >> h) for h in halvings),
            pooled=torch.empty(BLOCK, self.blocks * self.pooled_width),
        )


@lru_cache(maxsize=4)
@torch.inference_mode()
def fold(module: ApogeeBCNNCensored) -> FoldedNetwork:
    """Lay a network's weights out for `Sampler`; once per network."""
    sizes = module.sizes
    c1, c2 = sizes.filters
    grouped = -(-_SPAN // sizes.pool)  # pooled positions computed together
    span = grouped * sizes.pool
    blocks = -(-sizes.pooled // grouped)
    kernel = _toeplitz(module.conv2.weight, span).unflatten(1, (grouped, sizes.pool, c2)).transpose(1, 2)
    # the last row of inputs may reach past the last pooled position: no weight there
    dense = functional.pad(module.dense_1.weight, (0, (blocks * grouped - sizes.pooled) * c2)).T
    heads = [module.dense_teffloggfeh, module.dense_teffloggfeh_var, module.dense_aux_fullspec]
    conv_bias = module.conv2.bias
    assert conv_bias is not None  # built with one
    return FoldedNetwork(
        module=module,
        kernel=kernel.flatten(1).contiguous(),
        kernel_bias=conv_bias.repeat(span),
        step=span * c1,
        blocks=blocks,
        pooled_width=grouped * c2,
        dense=dense.unflatten(0, (-1, blocks)).contiguous(),
        dense_bias=module.dense_1.bias,
        last=module.dense_2.weight.T.contiguous(),
        last_bias=module.dense_2.bias,
        star=torch.cat([head.weight for head in heads]).T.contiguous(),
        star_bias=torch.cat([head.bias for head in heads]),
        groups=_grouped(module, len(kernel) + (blocks - 1) * span * c1, sizes.dense[0]),
    )


def _grouped(module: ApogeeBCNNCensored, first: int, second: int) -> tuple[FoldedElements, ...]:
    """Element branches by size; `first` and `second` are where their masks start."""
    groups: list[FoldedElements] = []
    sizes = module.sizes.element
    for size in dict.fromkeys(sizes):
        members = [e for e, own in enumerate(sizes) if own == size]
        groups.append(FoldedElements.of(module, members, first, second))
        first, second = groups[-1].keep_first.stop, groups[-1].keep_second.stop
    return tuple(groups)


def _toeplitz(weight: Tensor, span: int) -> Tensor:
    """A convolution's weight (c2, c1, k) as a product that gives `span` outputs at a time.

    Returns a Tensor of shape ((span + k - 1) * c1, span * c2).
    """
    c2, c1, k = weight.shape
    out = weight.new_zeros(span + k - 1, c1, span, c2)
    for s in range(span):
        out[s : s + k, :, s] = weight.permute(2, 1, 0)
    return out.reshape((span + k - 1) * c1, span * c2)


@dataclass(frozen=True, eq=False)
class FoldedElements:
    """The element branches of one size: n of them at once."""

    labels: NDArray[np.intp]  # (n,) label index
    windows: tuple[Tensor, ...]  # n of bool (7514,)
    layers: tuple[torch.nn.Linear, ...]  # n first layers
    keep_first: slice  # where their dropped first layers lie
    keep_second: slice
    weight: Tensor  # (n, a, b)
    bias: Tensor  # (n, 1, b)
    head: Tensor  # (n, b, 2) value and log-variance
    head_shared: Tensor  # (n, 5, 2)
    head_bias: Tensor  # (n, 1, 2)

    @classmethod
    def of(cls, module: ApogeeBCNNCensored, members: list[int], first: int, second: int) -> FoldedElements:
        """Branches `members`, whose masks start at `first` and `second`."""
        n, (a, b) = len(members), module.sizes.element[members[0]]
        first_layers, middle, values, variances = (
            [module.per_element(f"elem_dense{kind}")[e] for e in members] for kind in ("1", "2", "_out", "_var")
        )
        pairs = list(zip(values, variances))
        head = torch.stack([torch.cat([value.weight, var.weight]).T for value, var in pairs])  # (n, b + 5, 2)
        return cls(
            labels=ELEMENT_LABELS[members],
            windows=tuple(module.aspcap_masks[e] for e in members),
            layers=tuple(first_layers),
            keep_first=slice(first, first + n * a),
            keep_second=slice(second, second + n * b),
            weight=torch.stack([dense.weight.T for dense in middle]).contiguous(),
            bias=torch.stack([dense.bias for dense in middle])[:, None],
            head=head[:, :b].contiguous(),
            head_shared=head[:, b:].contiguous(),
            head_bias=torch.stack([torch.cat([value.bias, var.bias]) for value, var in pairs])[:, None],
        )

    @property
    def n_first(self) -> int:
        """Dropped numbers of the first layers."""
        return len(self.labels) * self.weight.shape[1]

    @property
    def n_second(self) -> int:
        """Dropped numbers of the second layers."""
        return len(self.labels) * self.weight.shape[2]

    def first_layer(self, x: Tensor) -> Tensor:
        """Output of the first layers. (7514,) to (n * a,)."""
        return torch.cat([layer(x[window]) for layer, window in zip(self.layers, self.windows)]).relu_()

    def __call__(self, first: Tensor, later: Tensor, shared: Tensor) -> Tensor:
        """Dropped first layers, masks and shared inputs (B, 5) to value and log-variance (n, B, 2)."""
        n = len(self.labels)
        hidden = first[:, self.keep_first].unflatten(1, (n, -1)).transpose(0, 1)  # (n, B, a)
        hidden = torch.baddbmm(self.bias, hidden, self.weight).relu_()
        hidden = hidden.mul_(later[:, self.keep_second].unflatten(1, (n, -1)).transpose(0, 1))  # (n, B, b)
        out = torch.baddbmm(self.head_bias, shared.expand(n, -1, -1), self.head_shared)
        return torch.baddbmm(out, hidden, self.head)
