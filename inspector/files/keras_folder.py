"""The folder astroNN saves: Keras weights (HDF5) and ``astroNN_model_parameter.json``.

Two layouts of the HDF5 file are met: the older one names each layer (``c_dense``, ``conv1d_1`` ...), with
``weight_names`` beside it; Keras 3's own numbers layers by class and weights by position
(``layers/dense_7/vars/0``). Names are used where they say something; the layers astroNN leaves unnamed
(and every layer of the second layout) are told by their shapes and their order, which Keras keeps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.errors import WeightsError
from inspector.science.labels import ELEMENTS, LABEL_NAMES, label_index
from inspector.science.spectrum import N_CHIP_PIXELS
from inspector.science.windows import element_windows

WEIGHTS_FILES = ("model_weights.h5", "model_weights.weights.h5", "model.weights.h5")
PARAMETERS_FILE = "astroNN_model_parameter.json"
MODEL_ID = "ApogeeBCNNCensored"
MAX_BYTES = 512 << 20
MAX_PARAMETERS = 50_000_000  # numbers in one array; the largest here has 1.4 million


def read_keras_folder(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read an astroNN folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    state : dict of str to Tensor
        Keys as in SDSS Astra's checkpoint.
    parameters : dict
        What the JSON says.

    Raises
    ------
    WeightsError
        If a file is missing or damaged, or holds another network.
    """
    parameters = _parameters(folder)
    hidden, filters = _sizes(parameters, folder.name)
    layers = _Layers(list(_read_layers(folder)), folder.name)
    kernel = int(parameters.get("filterlen", 8))
    pooled = N_CHIP_PIXELS // int(parameters.get("pool_length", 4)) * filters[1]
    state = _full_spectrum(layers, hidden, filters, kernel, pooled)
    for index, element in enumerate(ELEMENTS):
        state |= _element(layers, index, element, hidden)
    return state | _scaling(parameters, folder.name), parameters


@dataclass
class _Layer:
    name: str
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    taken: bool = False


class _Layers:
    """The file's layers, handed out once each."""

    def __init__(self, layers: list[_Layer], file: str) -> None:
        self._layers = layers
        self._file = file

    def take(self, what: str, shape: tuple[int, ...], name: str | None = None) -> tuple[Tensor, Tensor]:
        """Kernel and bias of the layer called `name`, else of the next free one of that kernel shape."""
        named = next((layer for layer in self._layers if layer.name == name), None)
        layer = named or next((la for la in self._layers if not la.taken and la.kernel.shape == shape), None)
        if layer is None or layer.kernel.shape != shape or layer.bias.shape != shape[-1:]:
            found = "none is there" if layer is None else f"'{layer.name}' has {layer.kernel.shape}"
            raise WeightsError(f"'{self._file}': {what} needs a kernel of shape {shape}; {found}. Is it {MODEL_ID}?")
        layer.taken = True
        axes = tuple(reversed(range(len(shape))))  # Keras (..., in, out) to torch (out, in, ...)
        kernel = np.ascontiguousarray(layer.kernel.transpose(axes))
        return torch.from_numpy(kernel), torch.from_numpy(np.ascontiguousarray(layer.bias))


def _full_spectrum(
    layers: _Layers, hidden: list[int], filters: list[int], kernel: int, pooled: int
) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}

    def put(key: str, shape: tuple[int, ...], name: str | None = None) -> None:
        state[f"{key}.weight"], state[f"{key}.bias"] = layers.take(key, shape, name)

    put("conv1", (kernel, 1, filters[0]))
    put("conv2", (kernel, filters[0], filters[1]))
    put("dense_1", (pooled, hidden[0]))
    put("dense_2", (hidden[0], hidden[1]))
    put("dense_aux_fullspec", (hidden[1], hidden[4]), "aux_fullspec")
    for key in ("dense_teffloggfeh", "dense_teffloggfeh_var"):  # three layers of one output each in Keras
        parts = [layers.take(key, (hidden[1], 1)) for _ in range(3)]
        state[f"{key}.weight"] = torch.cat([weight for weight, _ in parts])
        state[f"{key}.bias"] = torch.cat([bias for _, bias in parts])
    return state


def _element(layers: _Layers, index: int, element: str, hidden: list[int]) -> dict[str, Tensor]:
    keras = {"CI": "c1", "TiII": "ti2"}.get(element, element.lower())
    wide = element in ("C", "N")
    a, b = hidden[2] * (8 if wide else 1), hidden[3] * (4 if wide else 1)
    window = element_windows()[index]
    parts = {
        "elem_dense1": ((int(window.sum()), a), f"{keras}_dense"),
        "elem_dense2": ((a, b), f"{keras}_dense_2"),
        "elem_dense_out": ((b + hidden[4] + 3, 1), f"{keras}_concat"),
        "elem_dense_var": ((b + hidden[4] + 3, 1), f"{keras}_concat_var"),
    }
    state = {f"aspcap_masks.{index}": torch.from_numpy(window.copy())}
    for key, (shape, name) in parts.items():
        state[f"{key}.{index}.weight"], state[f"{key}.{index}.bias"] = layers.take(f"{key} of {element}", shape, name)
    return state


def _read_layers(folder: Path) -> Iterator[_Layer]:
    file = next((folder / name for name in WEIGHTS_FILES if (folder / name).is_file()), None)
    if file is None or file.stat().st_size > MAX_BYTES:
        raise WeightsError(f"The folder '{folder.name}' has no {WEIGHTS_FILES[0]} below {MAX_BYTES >> 20} MiB.")
    try:
        with h5py.File(file) as content:
            root = content.get("model_weights", content)
            yield from _numbered_layers(root["layers"]) if "layers" in root else _named_layers(root)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        raise WeightsError(f"'{file.name}' is damaged or no Keras weights file ({str(error)[:150]}). Get it again.") from None


def _named_layers(root: h5py.Group) -> Iterator[_Layer]:
    names = [_text(name) for name in root.attrs["layer_names"]]
    for name in names:
        group = root[name]
        weights = group.attrs["weight_names"]
        if len(weights) == 2:
            kernel, bias = (_array(group[_text(weight)]) for weight in weights)
            yield _Layer(name, kernel, bias)


def _numbered_layers(layers: h5py.Group) -> Iterator[_Layer]:
    for name in sorted(layers, key=_natural):
        variables = layers[name].get("vars", {})
        if len(variables) == 2:
            yield _Layer(name, _array(variables["0"]), _array(variables["1"]))


def _array(dataset: h5py.Dataset) -> NDArray[np.float32]:
    if dataset.size > MAX_PARAMETERS:
        raise ValueError(f"an array of {dataset.size} numbers")
    return np.asarray(dataset[()], dtype=np.float32)


def _natural(name: str) -> tuple[str, int]:
    """``dense`` before ``dense_2`` before ``dense_10``: the order in which Keras numbered them."""
    match = re.fullmatch(r"(.*?)(?:_(\d+))?", name)
    assert match is not None  # the pattern matches any name
    return match[1], int(match[2] or 0)


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _parameters(folder: Path) -> dict[str, Any]:
    file = folder / PARAMETERS_FILE
    try:
        if file.stat().st_size > MAX_BYTES:
            raise WeightsError(f"'{PARAMETERS_FILE}' in '{folder.name}' is larger than {MAX_BYTES >> 20} MiB.")
        parameters = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(
            f"The folder '{folder.name}' has no readable {PARAMETERS_FILE} ({str(error)[:150]})."
            " Pass the whole folder astroNN saved."
        ) from None
    if not isinstance(parameters, dict) or parameters.get("id") != MODEL_ID:
        found = parameters.get("id") if isinstance(parameters, dict) else type(parameters).__name__
        raise WeightsError(f"The folder '{folder.name}' holds {found!r:.60}; {MODEL_ID} was expected.")
    return parameters


def _sizes(parameters: dict[str, Any], name: str) -> tuple[list[int], list[int]]:
    try:
        hidden, filters = ([int(n) for n in parameters[key]] for key in ("hidden", "filternum"))
    except (KeyError, TypeError, ValueError):
        raise WeightsError(f"'{name}': {PARAMETERS_FILE} does not list 'hidden' and 'filternum'.") from None
    if (len(hidden), len(filters)) != (5, 2):
        raise WeightsError(f"'{name}': {len(hidden)} hidden and {len(filters)} filter sizes; 5 and 2 were expected.")
    return hidden, filters


def _scaling(parameters: dict[str, Any], name: str) -> dict[str, Tensor]:
    """Means and deviations."""
    _refuse_other_order(parameters.get("targetname"), name)
    mean, std = (_numbers(parameters, key, len(LABEL_NAMES), name) for key in ("labels_mean", "labels_std"))
    input_std = np.atleast_1d(np.asarray(parameters.get("input_std", 1.0), dtype=np.float64))
    if not np.all(input_std == 1):
        raise WeightsError(f"'{name}' scales its input by 'input_std'; {MODEL_ID} of SDSS subtracts the mean alone.")
    return {
        "input_mean": torch.from_numpy(_numbers(parameters, "input_mean", N_CHIP_PIXELS, name)),
        "labels_mean": torch.from_numpy(mean),
        "labels_std": torch.from_numpy(std),
    }


def _refuse_other_order(names: Any, file: str) -> None:
    """The network gives its labels in one order; a folder that names another holds another network."""
    if names is None:
        return
    try:
        found = [label_index(name) for name in names]
    except (KeyError, AttributeError, TypeError):
        raise WeightsError(f"'{file}': 'targetname' lists a label that is not known: {str(names)[:200]}.") from None
    if found != list(range(len(LABEL_NAMES))):
        raise WeightsError(f"'{file}': its labels come in another order than {MODEL_ID}'s: {str(names)[:200]}.")


def _numbers(parameters: dict[str, Any], key: str, size: int, name: str) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(parameters[key], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        raise WeightsError(f"'{name}': {PARAMETERS_FILE} has no numbers '{key}'.") from None
    if numbers.shape != (size,):
        raise WeightsError(f"'{name}': '{key}' has shape {numbers.shape}; ({size},) was expected.")
    return numbers
