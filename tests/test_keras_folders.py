"""Weights from the folders that astroNN writes with Keras."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hostile import refusal
from keras_files import write_keras_folder
from random_network import random_network

from inspector.files.checkpoints.weights import load_network
from inspector.science.network import Network

KERAS_SMALL = {"dense": (24, 12), "element": tuple((32, 16) if e in (0, 2) else (4, 4) for e in range(19))}


def keras_network(seed: int = 5, **sizes: Any) -> Network:
    element = tuple((256, 64) if index in (0, 2) else (32, 16) for index in range(19))
    return random_network(seed, **{"element": element, **sizes})


@pytest.fixture(scope="module")
def keras_small() -> Network:
    return random_network(6, **KERAS_SMALL)


@pytest.mark.parametrize("layout", ["named", "bare", "numbered", "nameless"])
def test_every_layout_of_keras_gives_the_network_back(tmp_path, keras_small, layout):
    again = load_network(write_keras_folder(tmp_path / "run", keras_small, layout))
    assert again.card.sha256 == keras_small.card.sha256
    assert again.card.name == "run" and not again.card.demonstration


@pytest.mark.parametrize("dense", [(192, 64), (192, 96)])
def test_both_published_sizes(tmp_path, dense):
    network = keras_network(dense=dense)
    again = load_network(write_keras_folder(tmp_path / "run", network, "named"))
    assert again.card.sha256 == network.card.sha256
    assert again.module.sizes.dense == dense


def test_layers_of_equal_shape_are_told_by_name_or_refused(tmp_path):
    network = random_network(7, dense=(32, 9), element=KERAS_SMALL["element"])  # heads as wide as the elements' own
    assert load_network(write_keras_folder(tmp_path / "a", network, "numbered")).card.sha256 == network.card.sha256
    assert "cannot be told apart" in refusal(write_keras_folder(tmp_path / "b", network, "nameless"))


def test_newer_jsons_file_their_numbers_under_names(tmp_path, keras_small):
    module = keras_small.module
    folder = write_keras_folder(
        tmp_path / "run",
        keras_small,
        "numbered",
        input_mean={"input": module.input_mean[:, None].tolist()},
        input_std={"input": [1.0]},
        labels_mean={"output": module.labels_mean.tolist()},
        labels_std={"output": module.labels_std.tolist()},
    )
    assert load_network(folder).card.sha256 == keras_small.card.sha256


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ({"id": "ApogeeCNN"}, "holds 'ApogeeCNN'"),
        ({"hidden": [24, 12]}, "2 hidden and 2 filter sizes"),
        ({"hidden": [24, 12, 4, 4, 0]}, "a size below 1"),
        ({"hidden": [24, 13, 4, 4, 2]}, "dense_2 needs a kernel of shape (24, 13)"),
        ({"hidden": "many"}, "does not give whole numbers"),
        ({"pool_length": 0}, "a size below 1"),
        ({"filterlen": [8]}, "does not give whole numbers"),
        ({"labels_mean": [1.0]}, "'labels_mean' has 1 numbers"),
        ({"labels_std": [10**400] * 22}, "has no numbers 'labels_std'"),
        ({"labels_std": [0.0] * 22}, "scale a label by zero"),
        ({"input_mean": "x"}, "has no numbers 'input_mean'"),
        ({"input_mean": [float("nan")] * 7514}, "not finite in 'input_mean'"),
        ({"input_std": [2.0]}, "scales its input"),
        ({"dropout_rate": "often"}, "its dropout_rate is 'often'"),
        ({"targetname": ["teff"] * 22}, "another order"),
        ({"targetname": ["zr"] * 22}, "a label that is not known"),
    ],
)
def test_a_json_that_says_something_else(tmp_path, keras_small, others, sentence):
    assert sentence in refusal(write_keras_folder(tmp_path / "run", keras_small, "named", **others))


def test_a_folder_with_a_part_missing_or_too_much(tmp_path, keras_small):
    folder = write_keras_folder(tmp_path / "run", keras_small, "named")
    weights, description = folder / "model_weights.h5", folder / "astroNN_model_parameter.json"
    with h5py.File(weights, "a") as file:
        root = file["model_weights"]
        root.copy("ti2_concat", root, "more")
        root["more"].attrs["weight_names"] = [b"ti2_concat/kernel", b"ti2_concat/bias"]
        names = list(root.attrs["layer_names"])
        root.attrs["layer_names"] = np.array([*names, b"more"], dtype="S")
    assert "holds a layer 'more'" in refusal(folder)
    with h5py.File(weights, "a") as file:
        kept = [name for name in names if name != b"ti2_concat"]
        file["model_weights"].attrs["layer_names"] = np.array(kept, dtype="S")
    assert "elem_dense_out of TiII needs a kernel of shape (9, 1); none is there" in refusal(folder)
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refusal(folder)
    weights.unlink()
    assert "has no model_weights.h5" in refusal(folder)
    os.mkfifo(weights)
    assert "has no model_weights.h5" in refusal(folder)
    description.unlink()
    os.mkfifo(description)
    assert "not a regular file" in refusal(folder)


def test_a_folder_whose_arrays_are_packed_or_lie_elsewhere(tmp_path, keras_small):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(bytes(100))
    for number, kind in enumerate(("packed", "external", "link", "text")):
        folder = write_keras_folder(tmp_path / f"run{number}", keras_small, "named")
        with h5py.File(folder / "model_weights.h5", "a") as file:
            root = file["model_weights"]
            del root["conv1d/conv1d/bias"]
            group = root["conv1d/conv1d"]
            if kind == "packed":
                group.create_dataset("bias", (1 << 33,), "f4", chunks=(1 << 20,), compression="gzip")
            elif kind == "external":
                group.create_dataset("bias", (2,), "f4", external=[(str(elsewhere), 0, 8)])
            elif kind == "link":
                group["bias"] = h5py.ExternalLink(str(elsewhere), "/bias")
            else:
                group["bias"] = np.array([b"ab", b"cd"])
        assert "damaged or not a Keras weights" in refusal(folder), kind


def test_the_json_of_the_published_network_is_understood(tmp_path):
    published = Path(__file__).parent / "data" / "astroNN_0617_run001_model_parameter.json.gz"
    said = json.loads(gzip.decompress(published.read_bytes()))
    network = keras_network(dense=tuple(said["hidden"][:2]))
    again = load_network(write_keras_folder(tmp_path / "run", network, "named", **said))
    np.testing.assert_array_equal(again.labels_mean, said["labels_mean"])
    assert np.isclose(again.labels_mean[0], 4654.886460921364)
