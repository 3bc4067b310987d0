"""Many draws of one spectrum at once: MC dropout with everything shared computed once.

A draw is one forward pass of `ApogeeBCNNCensored` with a fresh dropout mask. What stands before the
first dropout (first convolution, first layer of each element) is the same for every draw; the rest
runs on blocks of draws, over weights laid out for it by `inspector.science.folded_network`:

* a mask is a 16-bit threshold on the raw stream of a counter-addressed generator, so a draw is a
  function of (weights, flux, seed, rate, its index) and of nothing else;
* 1/(1-rate) is folded into what is small.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.science.architecture import FULL_SPECTRUM_LABELS, N_LABELS, ApogeeBCNNCensored
from inspector.science.folded_network import Workspace, fold
from inspector.science.sampling import BLOCK

_LEVELS = 1 << 16  # of a 16-bit random number


class Sampler:
    """The network prepared for one spectrum and one dropout rate.

    Parameters
    ----------
    module : ApogeeBCNNCensored
    flux : ndarray, shape (7514,)
        Continuum-normalised.
    rate : float
        Dropout rate; used to 16 bits (0.3 is 0.300003).
    """

    @torch.inference_mode()
    def __init__(self, module: ApogeeBCNNCensored, flux: NDArray[np.float64], rate: float) -> None:
        dropped = round(rate * _LEVELS)
        self._threshold = dropped - _LEVELS // 2  # signed
        self._scale = _LEVELS / (_LEVELS - dropped)
        self._folded = folded = fold(module)
        x = torch.from_numpy(flux - module.input_mean.numpy()).to(module.conv1.weight.dtype)
        self._first = torch.cat([folded.first_convolution(x), *(g.first_layer(x) for g in folded.groups)])
        self._first *= self._scale
        self._kernel, self._kernel_bias = folded.kernel * self._scale, folded.kernel_bias * self._scale

    @torch.inference_mode()
    def block(self, seed: int, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draws ``index*BLOCK`` to ``(index+1)*BLOCK``.

        Returns
        -------
        value, log_variance : ndarray, shape (BLOCK, 22)
            In units of ``labels_std`` about ``labels_mean``.
        """
        folded = self._folded
        with folded.workspace() as work:
            first, pooled, later = self._masks(work, seed, index)
            first.mul_(self._first)
            later.mul_(self._scale)
            hidden = self._full_spectrum(work, first[:, : folded.n_first], pooled, later)  # (B, 96)
            stellar = torch.addmm(folded.star_bias, hidden, folded.star)  # (B, 3 + 3 + 2)
            shared = torch.cat([stellar[:, 6:], stellar[:, :3]], dim=1)  # (B, 5)
            value, log_variance = np.empty((2, BLOCK, N_LABELS), dtype=np.float32)
            value[:, FULL_SPECTRUM_LABELS] = stellar[:, :3]
            log_variance[:, FULL_SPECTRUM_LABELS] = stellar[:, 3:6]
            for group in folded.groups:
                out = group(first, later, shared).numpy()  # (n, B, 2)
                value[:, group.labels], log_variance[:, group.labels] = out[..., 0].T, out[..., 1].T
        return value, log_variance

    def _masks(self, work: Workspace, seed: int, index: int) -> list[Tensor]:
        """What each layer keeps, as 0 and 1: before the first dropout's layers, pooled, later; (B, n)."""
        words: int = work.bits.shape[1] // 4
        stream = np.random.PCG64DXSM(seed).advance(index * BLOCK * words)
        rows = work.bits.view(np.uint64)
        for row in rows:
            row[:] = stream.random_raw(words)
        sizes = self._folded.mask_sizes
        torch.ge(torch.from_numpy(work.bits)[:, : sum(sizes)], self._threshold, out=work.keep)
        return list(work.keep.split(sizes, dim=1))

    def _full_spectrum(self, work: Workspace, first: Tensor, keep_pooled: Tensor, later: Tensor) -> Tensor:
        """Dropped first layer (B, positions * c1) to the last hidden layer (B, 96)."""
        folded = self._folded
        reach, step = self._kernel.shape[0], folded.step
        # each row: the inputs that `span` outputs need, overlapping the next row's
        work.inputs.copy_(first.as_strided(work.inputs.shape, (first.stride(0), step, 1), first.storage_offset()))
        torch.addmm(self._kernel_bias, work.inputs.view(-1, reach), self._kernel, out=work.outputs)
        hidden = work.outputs
        for half in work.halves:  # max pooling: neighbours to pool stand half a row apart
            hidden = torch.maximum(hidden[:, : half.shape[1]], hidden[:, half.shape[1] :], out=half)
        pooled = torch.mul(hidden.view(BLOCK, -1).relu_(), keep_pooled, out=work.pooled)
        parts = pooled.view(BLOCK, len(folded.dense), -1).transpose(0, 1)  # (parts, B, n)
        hidden = torch.bmm(parts, folded.dense).sum(dim=0).add_(folded.dense_bias).relu_()
        return torch.addmm(folded.last_bias, hidden.mul_(later[:, : folded.n_dense]), folded.last).relu_()
