"""The full-spectrum branch, arranged for training on a CPU.

The same parameters and the same numbers as `ApogeeBCNNCensored.full_spectrum`, about
twice as fast: a convolution with one or two channels is slow, a tall matrix product is not. The
spectrum is cut into blocks of eight pixels and both filters become small Toeplitz matrices that
take a block and its right neighbour.

This and `weights.training.element_stage.element_draws` are the only passes beside those that users run: training
needs gradients, which the sampler does not keep, and the plain pass makes it twice as long. Tests hold both to
`ApogeeBCNNCensored.forward`, and nothing but training uses them: whatever judges a network asks `inspector.sample`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from inspector.science.architecture import DROPOUT_RATE, ApogeeBCNNCensored
from inspector.science.spectrum import N_CHIP_PIXELS

BLOCK = 8
"""Pixels in a block; also the filters' length, so a block and its neighbour hold all a filter sees."""

LEFT = 3
"""Zeros a convolution puts before the first pixel."""

N_BLOCKS = -(-N_CHIP_PIXELS // BLOCK) + 2


class Dropout:
    """Inverted dropout from a seeded stream of random bits.

    Parameters
    ----------
    seed : int or sequence of int
        The same seed gives the same masks.
    rate : float
        The fraction dropped.
    """

    def __init__(self, seed: int | tuple[int, ...], rate: float = DROPOUT_RATE) -> None:
        self._bits = np.random.SFC64(seed)
        self._threshold = round(rate * 2**16)
        self.scale = 1.0 / (1.0 - rate)

    def kept(self, shape: torch.Size) -> Tensor:
        """Which of `shape` numbers stay. Bool tensor."""
        n = shape.numel()
        words = np.asarray(self._bits.random_raw(-(-n // 4))).view(np.uint16)[:n]
        return torch.from_numpy(words >= self._threshold).view(shape)


class _ReluDrop(torch.autograd.Function):
    """ReLU, then zero where not kept, then scale; one array saved instead of three."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, kept: Tensor, scale: float) -> Tensor:
        out = torch.where(kept, hidden, 0.0).relu_().mul_(scale)
        ctx.save_for_backward(out)
        ctx.scale = scale
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (out,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(grads[0] * ctx.scale, out, 0), None, None


class _MaxOfFour(torch.autograd.Function):
    """Largest of the four column groups of an (n, 4 m) matrix; the gradient goes to where it stood."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor) -> Tensor:
        a, b, c, d = hidden.chunk(4, dim=1)
        largest = torch.maximum(torch.maximum(a, b), torch.maximum(c, d))
        ctx.save_for_backward(hidden, largest)
        return largest

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        hidden, largest = ctx.saved_tensors
        out = torch.empty_like(hidden)
        for values, into in zip(hidden.chunk(4, dim=1), out.chunk(4, dim=1)):
            torch.mul(grads[0], values == largest, out=into)
        return out


def _toeplitz_index(channels_in: int, channels_out: int, groups: int) -> Tensor:
    """Where each entry of a filter's Toeplitz matrix comes from in the flattened filter.

    Rows are (position in two blocks, channel in), columns (offset in the pool, pool, channel out)
    with `groups` pools a block; the filter's last index, one past its end, stands for zero.
    """
    index = np.full((2 * BLOCK, channels_in, BLOCK, channels_out), channels_out * channels_in * BLOCK)
    for position in range(BLOCK):
        for k in range(BLOCK):
            for i in range(channels_in):
                for o in range(channels_out):
                    index[position + k, i, position, o] = (o * channels_in + i) * BLOCK + k
    index = index.reshape(2 * BLOCK * channels_in, groups, BLOCK // groups, channels_out).swapaxes(1, 2)
    return torch.as_tensor(index.reshape(2 * BLOCK * channels_in, BLOCK * channels_out).copy())


def _edges(channels: int) -> Tensor:
    """Where the first convolution's output is of a real pixel. Bool tensor, (N_BLOCKS, 8 channels)."""
    position = np.arange(N_BLOCKS * BLOCK) - LEFT
    real = (position >= 0) & (position < N_CHIP_PIXELS)
    return torch.as_tensor(np.repeat(real, channels).reshape(N_BLOCKS, BLOCK * channels))


class FastNet:
    """A fast pass through the full-spectrum branch, over a network's own parameters.

    Parameters
    ----------
    module : ApogeeBCNNCensored
        With filters of length 8 and pools of 4.
    """

    def __init__(self, module: ApogeeBCNNCensored) -> None:
        if (module.sizes.kernel, module.sizes.pool) != (BLOCK, 4):
            raise ValueError("The fast pass is written for filters of length 8 and pools of 4.")
        self.module = module
        c1, c2 = module.sizes.filters
        self._first = _toeplitz_index(1, c1, 1)
        self._second = _toeplitz_index(c1, c2, 2)
        self._edges = _edges(c1)

    def full_spectrum(self, flux: Tensor, dropout: Dropout | None) -> Tensor:
        """Normalised flux minus `input_mean`, (n, 7514), to the last hidden layer, (n, 96); without dropout if None."""
        net, n = self.module, len(flux)
        blocks = flux.new_zeros(n * N_BLOCKS + 2, BLOCK)
        blocks[:-2].view(n, -1)[:, 2 * LEFT : 2 * LEFT + N_CHIP_PIXELS] = flux
        hidden = _convolve(blocks, net.conv1, self._first)  # (n N_BLOCKS + 1, 8 c1)
        hidden = self._relu_drop_inside(hidden, n, dropout)
        hidden = _MaxOfFour.apply(_convolve(hidden, net.conv2, self._second))  # (n N_BLOCKS, 2 c2)
        hidden = hidden.view(n, -1)[:, : net.dense_1.in_features]
        hidden = relu_drop(hidden, dropout)
        hidden = relu_drop(net.dense_1(hidden), dropout)
        return functional.relu(net.dense_2(hidden))

    def _relu_drop_inside(self, hidden: Tensor, n: int, dropout: Dropout | None) -> Tensor:
        """ReLU and dropout, and zero outside the spectrum as the second convolution's padding wants."""
        kept = torch.zeros(hidden.shape, dtype=torch.bool)
        inside = kept[:-1].view(n, N_BLOCKS, -1)
        inside[:] = self._edges
        if dropout is None:
            return _drop(hidden, kept, 1.0)
        inside &= dropout.kept(inside.shape)
        return _drop(hidden, kept, dropout.scale)


def relu_drop(hidden: Tensor, dropout: Dropout | None) -> Tensor:
    """ReLU, then dropout, in one pass."""
    if dropout is None:
        return functional.relu(hidden)
    return _drop(hidden, dropout.kept(hidden.shape), dropout.scale)


def _drop(hidden: Tensor, kept: Tensor, scale: float) -> Tensor:
    dropped: Tensor = _ReluDrop.apply(hidden, kept, scale)
    return dropped


def _convolve(blocks: Tensor, conv: torch.nn.Conv1d, index: Tensor) -> Tensor:
    """Each row of blocks with its right neighbour through the filter's Toeplitz matrix."""
    flat = functional.pad(conv.weight.flatten(), (0, 1))
    here, right = flat[index].chunk(2)
    assert conv.bias is not None  # both convolutions have one
    bias = conv.bias.repeat(BLOCK)
    return torch.addmm(bias, blocks[:-1], here).addmm_(blocks[1:], right)
