"""From a checkpoint's arrays to a network: shapes decide the sizes, every array is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
import torch
from torch import Tensor

from inspector.exceptions import WeightsError
from inspector.science.architecture import ApogeeBCNNCensored, Sizes
from inspector.science.labels import ELEMENTS
from inspector.science.spectrum import N_CHIP_PIXELS

POOLS = (4, 2, 8, 1, 16)  # astroNN's own first: two may give the same shapes
MAX_PARAMETERS = 50_000_000
"""SDSS's network has 3.6 million numbers; anything past 50 million is something else."""


def build_module(state: Mapping[str, Tensor], name: str) -> ApogeeBCNNCensored:
    """Build the network a state dict describes.

    Parameters
    ----------
    state : mapping of str to Tensor
        Keys as in SDSS Astra's checkpoint.
    name : str
        Of the file, for messages.

    Raises
    ------
    WeightsError
        Naming the first key that is missing, unknown or of the wrong shape or kind.
    """
    windows = np.stack([_window(state, index, name) for index in range(len(ELEMENTS))])
    sizes = _sizes(state, name)
    expected_pixels = tuple(int(n) for n in windows.sum(axis=1))
    for element, own, seen in zip(ELEMENTS, sizes.window, expected_pixels):
        if own != seen:
            raise WeightsError(
                f"'{name}': the sub-network of {element} reads {own} pixels, its window has {seen}."
                " Use a checkpoint whose windows and weights belong together."
            )
    with torch.device("meta"):  # shapes alone: nothing is allocated, nothing drawn
        module = ApogeeBCNNCensored(windows, sizes)
    expected = module.state_dict()
    _check(state, expected, name)
    given = {
        key: state[key].to(shape.dtype).clone(memory_format=torch.contiguous_format) for key, shape in expected.items()
    }
    module.load_state_dict(given, assign=True)
    return module


def state_hash(module: ApogeeBCNNCensored) -> str:
    """SHA-256 of a network's arrays, the same whatever file they came from."""
    digest = sha256()
    for key, tensor in sorted(module.state_dict().items()):
        array = np.ascontiguousarray(tensor.numpy())
        digest.update(f"{key} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _tensor(state: Mapping[str, Tensor], key: str, ndim: int, name: str) -> Tensor:
    tensor = state.get(key)
    if tensor is None:
        raise WeightsError(
            f"'{name}' has no '{key}': this is not an ApogeeBCNNCensored checkpoint, or a part is missing."
        )
    if not isinstance(tensor, Tensor) or tensor.ndim != ndim:
        found = f"shape {tuple(tensor.shape)}" if isinstance(tensor, Tensor) else type(tensor).__name__
        raise WeightsError(f"'{name}': '{key}' is of {found}, an array of {ndim} dimensions was expected.")
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        raise WeightsError(
            f"'{name}': '{key}' is not a plain array of numbers ({tensor.layout}). Save it as a dense one."
        )
    if not tensor.numel():
        raise WeightsError(f"'{name}': '{key}' is empty (shape {tuple(tensor.shape)}). Use another file.")
    return tensor


def _window(state: Mapping[str, Tensor], index: int, name: str) -> np.ndarray:
    window = _tensor(state, f"aspcap_masks.{index}", 1, name)
    if window.dtype != torch.bool or window.shape != (N_CHIP_PIXELS,):
        raise WeightsError(
            f"'{name}': 'aspcap_masks.{index}' is {window.dtype} of shape {tuple(window.shape)};"
            f" a window is bool of shape ({N_CHIP_PIXELS},)."
        )
    return window.numpy()


def _sizes(state: Mapping[str, Tensor], name: str) -> Sizes:
    c1, _, kernel = _tensor(state, "conv1.weight", 3, name).shape
    c2 = _tensor(state, "conv2.weight", 3, name).shape[0]
    d1, flat = _tensor(state, "dense_1.weight", 2, name).shape
    d2 = _tensor(state, "dense_2.weight", 2, name).shape[0]
    auxiliary = _tensor(state, "dense_aux_fullspec.weight", 2, name).shape[0]
    pool = next((p for p in POOLS if N_CHIP_PIXELS // p * c2 == flat), None)
    if pool is None:
        raise WeightsError(
            f"'{name}': 'dense_1.weight' reads {flat} numbers; {N_CHIP_PIXELS} pixels pooled by 4 in {c2} channels"
            f" give {N_CHIP_PIXELS // 4 * c2}."
        )
    first = [_tensor(state, f"elem_dense1.{e}.weight", 2, name).shape for e in range(len(ELEMENTS))]
    second = [_tensor(state, f"elem_dense2.{e}.weight", 2, name).shape for e in range(len(ELEMENTS))]
    return Sizes(
        window=tuple(n for _, n in first),
        filters=(c1, c2),
        kernel=kernel,
        pool=pool,
        dense=(d1, d2),
        auxiliary=auxiliary,
        element=tuple((a, b) for (a, _), (b, _) in zip(first, second)),
    )


def _check(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], name: str) -> None:
    count = sum(own.numel() for own in expected.values())
    if count > MAX_PARAMETERS:
        raise WeightsError(f"'{name}' describes a network of {count} numbers; at most {MAX_PARAMETERS} are read.")
    for key, own in expected.items():
        given = _tensor(state, key, own.ndim, name)
        if given.shape != own.shape:
            raise WeightsError(
                f"'{name}': '{key}' has shape {tuple(given.shape)}; the rest of the network needs {tuple(own.shape)}."
            )
        if given.dtype != own.dtype and not (given.is_floating_point() and own.is_floating_point()):
            raise WeightsError(f"'{name}': '{key}' is {given.dtype}; {own.dtype} was expected.")
    unknown = sorted(set(state) - set(expected))
    if unknown:
        raise WeightsError(
            f"'{name}' holds {unknown[0]!r:.80}, which ApogeeBCNNCensored does not have. Is it another network?"
        )
