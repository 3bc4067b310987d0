"""A network written as astroNN's folder, in the layouts Keras has had; compared with files of Keras 3.15 itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from inspector.science.labels import ELEMENTS, LABELS
from inspector.science.network import Network

Arrays = list[NDArray[np.float32]]  # kernel and bias, as Keras holds them


def keras_layers(network: Network, first_dense: int = 0) -> list[tuple[str, Arrays]]:
    """The layers with weights, named and in the order in which Keras saves them: by depth, then as outputs need them.

    `first_dense` is the number at which Keras counts the layers astroNN leaves unnamed: not 0 where others were
    made before.
    """
    state = {key: tensor.numpy() for key, tensor in network.module.state_dict().items()}

    def dense(key: str, row: int | None = None) -> Arrays:
        weight, bias = state[f"{key}.weight"], state[f"{key}.bias"]
        rows = slice(None) if row is None else slice(row, row + 1)
        return [np.ascontiguousarray(weight[rows].transpose()), bias[rows].copy()]

    elements = [{"CI": "c1", "TiII": "ti2"}.get(element, element.lower()) for element in ELEMENTS]

    def of_elements(key: str, part: str) -> list[tuple[str, Arrays]]:
        return [(f"{element}_{part}", dense(f"{key}.{index}")) for index, element in enumerate(elements)]

    names = (f"dense_{number}" if number else "dense" for number in range(first_dense, first_dense + 8))
    first, second = of_elements("elem_dense1", "dense"), of_elements("elem_dense2", "dense_2")
    values, variances = of_elements("elem_dense_out", "concat"), of_elements("elem_dense_var", "concat_var")
    full = [(next(names), dense(key)) for key in ("dense_1", "dense_2")]
    heads = [(next(names), dense("dense_teffloggfeh", row)) for row in range(3)]
    doubts = [(next(names), dense("dense_teffloggfeh_var", row)) for row in range(3)]
    return [
        ("conv1d", dense("conv1")),
        ("conv1d_1", dense("conv2")),
        *full,
        *heads[:2],
        first[0],
        heads[2],
        *first[1:],
        second[0],
        ("aux_fullspec", dense("dense_aux_fullspec")),
        *second[1:],
        *values,
        *doubts[:2],
        *variances[:17],
        doubts[2],
        *variances[17:],
    ]


def parameters(network: Network, **others: Any) -> dict[str, Any]:
    """What astroNN_model_parameter.json says of a network."""
    sizes, module = network.module.sizes, network.module
    return {
        "id": "ApogeeBCNNCensored",
        "filterlen": sizes.kernel,
        "filternum": list(sizes.filters),
        "pool_length": sizes.pool,
        "hidden": [*sizes.dense, *sizes.element[1], sizes.auxiliary],
        "dropout_rate": network.dropout_rate,
        "input_mean": module.input_mean.tolist(),
        "input_std": [1.0],
        "labels_mean": module.labels_mean.tolist(),
        "labels_std": module.labels_std.tolist(),
        "targetname": [label.symbol.replace("[C I/", "[CI/").replace("[Ti II/", "[TiII/") for label in LABELS]
        if not others
        else [label.element or label.name for label in LABELS],
        **others,
    }


def write_keras_folder(folder: Path, network: Network, layout: str, **others: Any) -> Path:
    """Write a network as astroNN would: ``named`` (a whole model), ``bare`` (its weights alone), ``numbered`` or
    ``nameless`` (Keras 3, with and without each layer's name noted); `others` replace what the JSON says."""
    folder.mkdir(parents=True)
    (folder / "astroNN_model_parameter.json").write_text(json.dumps(parameters(network, **others)))
    numbered = layout in ("numbered", "nameless")
    with h5py.File(folder / ("model.weights.h5" if numbered else "model_weights.h5"), "w") as file:
        if numbered:
            _write_numbered(file, keras_layers(network), layout == "numbered")
        else:
            root = file.create_group("model_weights") if layout == "named" else file
            _write_named(root, keras_layers(network, first_dense=12), ":0" if layout == "bare" else "")
    return folder


def _write_named(root: h5py.Group, layers: list[tuple[str, Arrays]], suffix: str) -> None:
    names = ["input", "activation", *(name for name, _ in layers)]
    root.attrs["layer_names"] = np.array(names, dtype="S")
    for name in ("input", "activation"):
        root.create_group(name).attrs["weight_names"] = np.array([], dtype="S1")
    for name, arrays in layers:
        group = root.create_group(name)
        paths = [f"{name}/{part}{suffix}" for part in ("kernel", "bias")]
        group.attrs["weight_names"] = np.array(paths, dtype="S")
        for path, array in zip(paths, arrays):
            group[path] = array


def _write_numbered(file: h5py.File, layers: list[tuple[str, Arrays]], noted: bool) -> None:
    file.create_group("layers/activation/vars")
    for (name, arrays), number in zip(layers, _numbered_names(layers)):
        variables = file.create_group(f"layers/{number}/vars")
        if noted:
            variables.attrs["name"] = name
        variables["0"], variables["1"] = arrays


def _numbered_names(layers: list[tuple[str, Arrays]]) -> Iterator[str]:
    count = {"conv1d": 0, "dense": 0}
    for _, (kernel, _) in layers:
        kind = "conv1d" if kernel.ndim == 3 else "dense"
        yield f"{kind}_{count[kind]}" if count[kind] else kind
        count[kind] += 1
