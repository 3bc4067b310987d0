"""The folder astroNN saves: Keras weights (HDF5) and ``astroNN_model_parameter.json``.

Two layouts of the HDF5 file are met: the older one names each layer (``c_dense``, ``conv1d_1`` ...), with
``weight_names`` beside it; Keras 3's own numbers layers by class and weights by position
(``layers/dense_7/vars/0``), and since 3.6 or so notes each layer's name too. Names are used where they say
something; the layers astroNN leaves unnamed (and every layer where no name is noted) are identified by their shapes
and their order, which Keras keeps: that of the layers' depth, and within it that of the outputs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.exceptions import WeightsError
from inspector.files.untrusted_text import clean
from inspector.science.labels import ELEMENTS, LABEL_NAMES, label_index
from inspector.science.spectrum import N_CHIP_PIXELS
from inspector.science.windows import element_windows

WEIGHTS_FILES = ("model_weights.h5", "model_weights.weights.h5", "model.weights.h5")
PARAMETERS_FILE = "astroNN_model_parameter.json"
MODEL_ID = "ApogeeBCNNCensored"
MAX_BYTES = 512 << 20
MAX_ARRAYS_BYTES = 512 << 20  # of all arrays, whatever the file packs them into
MAX_NAMES, MAX_NAME, MAX_DEPTH = 10_000, 200, 16  # layers, characters, nested groups; Keras has 90, 40, 5
MAX_JSON_BYTES = 4 << 20  # astroNN's has 0.3 MB


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
    hidden, filters, kernel, pool = _sizes(parameters, folder.name)
    layers = _Layers(list(_read_layers(folder)), folder.name)
    layers.refuse_ambiguous(hidden)
    pooled = N_CHIP_PIXELS // pool * filters[1]
    state = _full_spectrum(layers, hidden, filters, kernel, pooled) | _elements(layers, hidden)
    layers.refuse_left_over()
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
        """Kernel and bias of the layer called `name`, else of the next unnamed one of that kernel shape."""
        named = next((layer for layer in self._layers if layer.name == name), None)
        unnamed = (layer for layer in self._layers if not layer.taken and layer.name not in _NAMES)
        layer = named or next((layer for layer in unnamed if layer.kernel.shape == shape), None)
        if layer is None or layer.kernel.shape != shape or layer.bias.shape != shape[-1:]:
            found = "none is there" if layer is None else f"'{layer.name}' has {layer.kernel.shape}"
            raise WeightsError(f"'{self._file}': {what} needs a kernel of shape {shape}; {found}. Is it {MODEL_ID}?")
        layer.taken = True
        axes = tuple(reversed(range(len(shape))))  # Keras (..., in, out) to torch (out, in, ...)
        kernel = np.ascontiguousarray(layer.kernel.transpose(axes))
        return torch.from_numpy(kernel), torch.from_numpy(np.ascontiguousarray(layer.bias))

    def refuse_ambiguous(self, hidden: list[int]) -> None:
        """Heads of the full spectrum and of the elements come mixed: one shape for both needs names."""
        shared = hidden[4] + 3
        if hidden[1] in (hidden[3] + shared, 4 * hidden[3] + shared) and not any(
            la.name in _NAMES for la in self._layers
        ):
            raise WeightsError(
                f"'{self._file}': its layers have no names, and those of {hidden[1]} inputs cannot be told apart."
                " Save the whole model (model_weights.h5)."
            )

    def refuse_left_over(self) -> None:
        """Every layer of the file has its place in the network, or it is another network."""
        left = next((layer for layer in self._layers if not layer.taken), None)
        if left is not None:
            raise WeightsError(
                f"'{self._file}' holds a layer '{left.name}' of shape {left.kernel.shape}, which {MODEL_ID} does not"
                " have. Is it another network?"
            )


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


_KERAS_ELEMENTS = tuple({"CI": "c1", "TiII": "ti2"}.get(element, element.lower()) for element in ELEMENTS)
_PARTS = {  # in the order in which Keras saves them
    "elem_dense1": "dense",
    "elem_dense2": "dense_2",
    "elem_dense_out": "concat",
    "elem_dense_var": "concat_var",
}
_NAMES = {"aux_fullspec", *(f"{element}_{part}" for element in _KERAS_ELEMENTS for part in _PARTS.values())}


def _elements(layers: _Layers, hidden: list[int]) -> dict[str, Tensor]:
    windows = element_windows()
    state = {f"aspcap_masks.{index}": torch.from_numpy(window.copy()) for index, window in enumerate(windows)}
    for key, part in _PARTS.items():
        for index, (element, keras) in enumerate(zip(ELEMENTS, _KERAS_ELEMENTS)):
            shape = _element_shapes(element, int(windows[index].sum()), hidden)[key]
            weight_bias = layers.take(f"{key} of {element}", shape, f"{keras}_{part}")
            state[f"{key}.{index}.weight"], state[f"{key}.{index}.bias"] = weight_bias
    return state


def _element_shapes(element: str, pixels: int, hidden: list[int]) -> dict[str, tuple[int, int]]:
    wide = element in ("C", "N")
    a, b = hidden[2] * (8 if wide else 1), hidden[3] * (4 if wide else 1)
    head = (b + hidden[4] + 3, 1)
    return {"elem_dense1": (pixels, a), "elem_dense2": (a, b), "elem_dense_out": head, "elem_dense_var": head}


def _read_layers(folder: Path) -> Iterator[_Layer]:
    file = next((folder / name for name in WEIGHTS_FILES if (folder / name).is_file()), None)
    if file is None or file.stat().st_size > MAX_BYTES:
        raise WeightsError(f"The folder '{folder.name}' has no {WEIGHTS_FILES[0]} below {MAX_BYTES >> 20} MiB.")
    try:
        with h5py.File(file) as content:
            root = _inside(content, "model_weights") if "model_weights" in content else content
            yield from _numbered_layers(_inside(root, "layers")) if "layers" in root else _named_layers(root)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        reason = clean(str(error))
        raise WeightsError(
            f"'{file.name}' is damaged or not a Keras weights file ({reason}). Download it again."
        ) from None


def _named_layers(root: h5py.Group) -> Iterator[_Layer]:
    budget = _Budget()
    for name in _names(root, "layer_names"):
        group = _inside(root, name)
        weights = _names(group, "weight_names")
        if len(weights) == 2:
            kernel, bias = (budget.array(_inside(group, weight)) for weight in weights)
            yield _Layer(name, kernel, bias)


def _numbered_layers(layers: h5py.Group) -> Iterator[_Layer]:
    budget = _Budget()
    if len(layers) > MAX_NAMES:
        raise ValueError(f"more than {MAX_NAMES} layers")
    for name in sorted(layers, key=_natural):
        if "vars" not in _inside(layers, name):
            continue
        variables = _inside(layers, f"{name}/vars")
        if len(variables) == 2:
            kernel, bias = (budget.array(_inside(variables, position)) for position in "01")
            yield _Layer(_text(variables.attrs.get("name", name)), kernel, bias)


def _inside(group: h5py.Group, path: str) -> Any:
    """What is at a path of this file itself: a link may lead to any file of the machine, or to a pipe."""
    parts = path.split("/")
    if len(parts) > MAX_DEPTH:
        raise ValueError(f"groups nested more than {MAX_DEPTH} deep")
    for part in parts:
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            raise ValueError(f"the file itself contains nothing called {part!r:.60}")
        group = group[part]
    return group


class _Budget:
    """Reads arrays until they are too many."""

    def __init__(self) -> None:
        self._left = MAX_ARRAYS_BYTES

    def array(self, dataset: h5py.Dataset) -> NDArray[np.float32]:
        if not isinstance(dataset, h5py.Dataset):
            raise ValueError("a group where an array of numbers belongs")
        self._left -= dataset.size * max(dataset.dtype.itemsize, 4)  # half precision becomes single
        if self._left < 0:
            raise ValueError(f"more than {MAX_ARRAYS_BYTES >> 20} MiB of numbers")
        if dataset.external or dataset.is_virtual or dataset.dtype.kind != "f":
            raise ValueError(f"{dataset.name!r:.60} is not a plain array of numbers")
        return np.asarray(dataset[()], dtype=np.float32)


def _natural(name: str) -> tuple[str, int]:
    """``dense`` before ``dense_2`` before ``dense_10``: the order in which Keras numbered them."""
    match = re.fullmatch(r"(.*?)(?:_(\d+))?", name)
    assert match is not None  # the pattern matches any name
    return match[1], int(match[2] or 0)


def _names(group: h5py.Group, key: str) -> list[str]:
    """The names an attribute lists; its size is looked at before it is read."""
    told = group.attrs.get_id(key)
    if prod(told.shape) * max(told.dtype.itemsize, 1) > MAX_NAMES * MAX_NAME:
        raise ValueError(f"'{key}' lists more names than a network has")
    return [_text(name) for name in group.attrs[key]]


def _text(name: str | bytes) -> str:
    return clean(name.decode() if isinstance(name, bytes) else str(name), MAX_NAME)


def _parameters(folder: Path) -> dict[str, Any]:
    file = folder / PARAMETERS_FILE
    try:
        if file.exists() and not (file.is_file() and file.stat().st_size <= MAX_JSON_BYTES):
            raise WeightsError(
                f"'{PARAMETERS_FILE}' in '{folder.name}' is not a regular file below {MAX_JSON_BYTES >> 20} MiB."
                " Pass the whole folder astroNN saved."
            )
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


def _sizes(parameters: dict[str, Any], name: str) -> tuple[list[int], list[int], int, int]:
    """Widths of the dense layers, numbers of filters, their length, and the length of the pooling."""
    try:
        hidden, filters = ([int(n) for n in parameters[key]] for key in ("hidden", "filternum"))
        kernel, pool = int(parameters.get("filterlen", 8)), int(parameters.get("pool_length", 4))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise WeightsError(
            f"'{name}': {PARAMETERS_FILE} does not give whole numbers for 'hidden', 'filternum', 'filterlen' and"
            " 'pool_length'."
        ) from None
    if (len(hidden), len(filters)) != (5, 2):
        raise WeightsError(f"'{name}': {len(hidden)} hidden and {len(filters)} filter sizes; 5 and 2 were expected.")
    if min(*hidden, *filters, kernel, pool) < 1:
        raise WeightsError(f"'{name}': {PARAMETERS_FILE} gives a layer a size below 1.")
    return hidden, filters, kernel, pool


def _scaling(parameters: dict[str, Any], name: str) -> dict[str, Tensor]:
    """Means and deviations."""
    _refuse_other_order(parameters.get("targetname"), name)
    mean, std = (_numbers(parameters, key, name, len(LABEL_NAMES)) for key in ("labels_mean", "labels_std"))
    if "input_std" in parameters and not np.all(_numbers(parameters, "input_std", name) == 1):
        raise WeightsError(f"'{name}' scales its input by 'input_std'; {MODEL_ID} of SDSS subtracts the mean alone.")
    return {
        "input_mean": torch.from_numpy(_numbers(parameters, "input_mean", name, N_CHIP_PIXELS)),
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
        raise WeightsError(f"'{file}': 'targetname' lists a label that is not known: {names!r:.200}.") from None
    if found != list(range(len(LABEL_NAMES))):
        raise WeightsError(f"'{file}': its labels come in another order than {MODEL_ID}'s: {names!r:.200}.")


def _numbers(parameters: dict[str, Any], key: str, name: str, size: int | None = None) -> NDArray[np.float64]:
    """Numbers of the JSON; newer astroNN files them under the name of its input or output."""
    given = parameters.get(key)
    if isinstance(given, dict):
        given = given.get(key.split("_", 1)[0].replace("labels", "output"))
    try:
        numbers = np.asarray(given, dtype=np.float64).ravel()
    except (TypeError, ValueError, OverflowError):
        raise WeightsError(f"'{name}': {PARAMETERS_FILE} has no numbers '{key}'.") from None
    if size is not None and numbers.size != size:
        raise WeightsError(f"'{name}': '{key}' has {numbers.size} numbers; {size} were expected.")
    return numbers
