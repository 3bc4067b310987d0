"""Weights from every kind of file, and from none that is not one."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hostile import code_bytes, code_pickles, refusal
from hypothesis import given, settings
from hypothesis import strategies as st
from random_network import random_network
from safetensors.torch import load_file, save_file

from inspector.exceptions import WeightsError
from inspector.files.checkpoints.weights import load_network, save_network
from inspector.science.network import Network

SMALL = {"dense": (40, 20), "filters": (3, 5), "element": ((8, 4),) * 19, "auxiliary": 3}


@pytest.fixture(scope="module")
def small() -> Network:
    """A network of unusual sizes, quick to write and read."""
    return random_network(3, **SMALL)


def state_of(network: Network) -> dict[str, Any]:
    return {key: tensor.clone() for key, tensor in network.module.state_dict().items()}


def save_pt(file: Path, state: Any, **options: Any) -> Path:
    torch.save({"model_state_dict": state, "epoch": 3}, file, **options)
    return file


def test_a_safetensors_file_is_known_whatever_the_length_of_its_header(small, tmp_path):
    """The first eight bytes are that length, and may be those of a pickle or an archive."""
    firsts = set()
    for padding in range(0, 300, 7):
        card = replace(small.card, extra={"padding": "x" * padding})
        path = tmp_path / "weights.safetensors"
        save_network(replace(small, card=card), path)
        firsts.add(path.read_bytes()[0])
        assert load_network(path).card.sha256 == small.card.sha256
    assert 0x80 in firsts


def test_our_own_file_keeps_numbers_and_card(tmp_path, small):
    card = replace(small.card, name="demo", training_set="stars", date="2026-11-22", extra={"doi": "10/x", "n": 3})
    save_network(replace(small, card=card, dropout_rate=0.2), tmp_path / "demo.safetensors")
    again = load_network(tmp_path / "demo.safetensors")
    assert (again.card, again.dropout_rate, again.module.sizes) == (card, 0.2, small.module.sizes)
    assert all(torch.equal(a, b) for a, b in zip(state_of(small).values(), state_of(again).values(), strict=True))
    assert [file.name for file in tmp_path.iterdir()] == ["demo.safetensors"]


@pytest.mark.parametrize("zipped", [True, False])
def test_an_astra_checkpoint_has_the_same_hash(tmp_path, small, zipped):
    file = save_pt(tmp_path / "astra.pt", state_of(small), _use_new_zipfile_serialization=zipped)
    again = load_network(file)
    assert again.card.sha256 == small.card.sha256
    assert again.card.name == "astra" and not again.card.demonstration
    assert again.module.sizes == small.module.sizes


def test_sdss_sizes_and_half_precision(tmp_path):
    network = random_network(1)
    half = {key: t.half() if t.dtype == torch.float32 else t for key, t in state_of(network).items()}
    again = load_network(save_pt(tmp_path / "half.pt", half))
    assert again.module.sizes == network.module.sizes
    assert again.module.conv1.weight.dtype == torch.float32


def test_loading_stirs_nobodys_draws(tmp_path, small):
    save_network(small, tmp_path / "a.safetensors")
    before = torch.random.get_rng_state()
    load_network(tmp_path / "a.safetensors")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_loaded_network_does_not_hold_the_file(tmp_path, small):
    file = tmp_path / "a.safetensors"
    save_network(small, file)
    network = load_network(file)
    with file.open("r+b") as stream:
        stream.seek(-1000, os.SEEK_END)
        stream.write(b"\xff" * 1000)
    assert all(torch.equal(a, b) for a, b in zip(state_of(small).values(), state_of(network).values(), strict=True))


def changed(state: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**state, key: value} if value is not None else {k: v for k, v in state.items() if k != key}


@pytest.mark.parametrize(
    ("key", "change", "sentence"),
    [
        ("dense_2.weight", lambda t: None, "has no 'dense_2.weight'"),
        ("elem_dense2.7.bias", lambda t: None, "has no 'elem_dense2.7.bias'"),
        ("aspcap_masks.18", lambda t: None, "has no 'aspcap_masks.18'"),
        ("labels_std", lambda t: None, "has no 'labels_std'"),
        ("dense_2.weight", lambda t: t[:, :-1], "'dense_2.weight' has shape"),
        ("dense_1.weight", lambda t: t[:, :-3], "'dense_1.weight' reads"),
        ("conv1.weight", lambda t: t[0], "'conv1.weight' is of shape"),
        ("labels_mean", lambda t: t[:-1], "'labels_mean' has shape"),
        ("elem_dense1.3.weight", lambda t: t[:, 1:], "sub-network of O reads 504 pixels, its window has 505"),
        ("aspcap_masks.3", lambda t: t.to(torch.uint8), "'aspcap_masks.3' is torch.uint8"),
        ("aspcap_masks.3", lambda t: t[1:], "a window is bool"),
        ("aspcap_masks.3", torch.zeros_like, "sub-network of O reads 505 pixels, its window has 0"),
        ("conv2.bias", lambda t: t.to(torch.int32), "'conv2.bias' is torch.int32"),
        ("conv2.bias", lambda t: t.to(torch.complex64), "'conv2.bias' is torch.complex64"),
        ("conv2.bias", lambda t: t * float("nan"), "not finite in 'conv2.bias'"),
        ("input_mean", lambda t: t / 0, "not finite in 'input_mean'"),
        ("labels_std", lambda t: t * 0, "scale a label by zero or less"),
        ("labels_std", lambda t: -t, "scale a label by zero or less"),
        ("dense_3.weight", lambda t: torch.ones(2), "holds 'dense_3.weight'"),
        ("conv1.weight", lambda t: t[:, :, :0], "'conv1.weight' is empty"),
        ("conv1.weight", lambda t: [1.0], "'conv1.weight' is of list"),
    ],
)
def test_what_does_not_belong_is_named(tmp_path, small, key, change, sentence):
    state = state_of(small)
    value = change(state.get(key))
    assert sentence in refusal(save_pt(tmp_path / "a.pt", changed(state, key, value)))


def test_arrays_that_are_no_plain_ones_are_refused(tmp_path, small):
    state = state_of(small)
    sparse = state["dense_2.weight"].to_sparse()
    assert "dense_2.weight" in refusal(save_pt(tmp_path / "a.pt", changed(state, "dense_2.weight", sparse)))


def test_shapes_that_promise_more_than_the_file_holds_allocate_nothing(tmp_path, small):
    state = state_of(small)
    wide = torch.zeros(1).expand(3_000_000, 40)  # one number, seen 120 million times
    message = refusal(save_pt(tmp_path / "a.pt", changed(state, "dense_2.weight", wide)))
    assert "describes a network of" in message or "dense_2" in message


def test_a_state_dict_is_looked_for_where_it_belongs(tmp_path):
    for content in ({"weights": 1}, [1, 2], {"model_state_dict": 3}):
        torch.save(content, tmp_path / "a.pt")
        assert "no 'model_state_dict'" in refusal(tmp_path / "a.pt")


def test_no_checkpoint_runs_its_code(tmp_path):
    mark = tmp_path / "it ran"
    for name, content in code_pickles(mark).items():
        for zipped in (True, False):
            torch.save(content, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
            assert "refused" in refusal(tmp_path / "a.pt"), name
            assert not mark.exists(), name
    for name, data in code_bytes(mark).items():
        (tmp_path / "a.pt").write_bytes(data if data[:1] == b"\x80" else b"\x80\x02" + data)
        refusal(tmp_path / "a.pt")
        assert not mark.exists(), name


def repack(file: Path, to: Path, compression: int, extra: int = 0) -> Path:
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w", compression) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry))
        if extra:
            new.writestr("archive/data/bomb", bytes(extra))
    return to


def test_packed_archives_are_not_opened(tmp_path, small):
    file = save_pt(tmp_path / "a.pt", state_of(small))
    bomb = repack(file, tmp_path / "bomb.pt", zipfile.ZIP_DEFLATED, extra=64 << 20)
    assert "is packed" in refusal(bomb)
    assert load_network(repack(file, tmp_path / "stored.pt", zipfile.ZIP_STORED)).card.sha256 == small.card.sha256


def test_cut_and_damaged_files_of_every_kind(tmp_path, small):
    files = {
        "zip": save_pt(tmp_path / "zip", state_of(small)),
        "legacy": save_pt(tmp_path / "legacy", state_of(small), _use_new_zipfile_serialization=False),
        "ours": tmp_path / "ours",
    }
    save_network(small, files["ours"])
    for name, file in files.items():
        whole = file.read_bytes()
        for size in (0, 1, 4, 9, 40, 1000, len(whole) // 2, len(whole) - 1):
            (tmp_path / "cut").write_bytes(whole[:size])
            assert "cut" in refusal(tmp_path / "cut"), name


@pytest.fixture(scope="module")
def heads(tmp_path_factory, small) -> list[bytes]:
    """Files of the three kinds, to be damaged."""
    folder = tmp_path_factory.mktemp("heads")
    save_network(small, folder / "ours")
    save_pt(folder / "zip", state_of(small))
    save_pt(folder / "legacy", state_of(small), _use_new_zipfile_serialization=False)
    return [(folder / name).read_bytes() for name in ("ours", "zip", "legacy")]


@given(which=st.integers(0, 2), place=st.integers(0, 6000), noise=st.binary(min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_file_with_bytes_changed_is_refused_or_whole(heads, tmp_path_factory, which, place, noise):
    whole = heads[which]
    file = tmp_path_factory.getbasetemp() / "changed"
    file.write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    try:
        load_network(file)
    except WeightsError as error:
        assert str(error).strip()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sha256": "0" * 64}, "do not match the hash"),
        ({"format": "other"}, "not one of this project"),
        ({"labels": '["teff"]'}, "orders its labels"),
        ({"labels": None}, "metadata is incomplete"),
        ({"dropout_rate": "2"}, "its dropout_rate is 2; it must be a number from 0 to 0.95"),
        ({"dropout_rate": "NaN"}, "its dropout_rate is nan"),
        ({"dropout_rate": '"x"'}, "its dropout_rate is 'x'"),
        ({"extra": "[" * 50_000}, "metadata is incomplete"),
        ({"demonstration": "maybe"}, "metadata is incomplete"),
    ],
)
def test_metadata_of_our_own_file_is_checked(tmp_path, small, change, sentence):
    file = tmp_path / "a.safetensors"
    save_network(small, file)
    header = file.read_bytes()
    metadata = json.loads(header[8 : 8 + struct.unpack("<Q", header[:8])[0]])["__metadata__"] | change
    save_file(load_file(file), file, {key: value for key, value in metadata.items() if value is not None})
    assert sentence in refusal(file)


@pytest.mark.parametrize("size", [1 << 20, 1 << 40, (1 << 64) - 1])
def test_a_header_that_lies_about_its_length(tmp_path, size):
    (tmp_path / "a").write_bytes(struct.pack("<Q", size) + b'{"a":{}}' + bytes(100))
    assert "damaged" in refusal(tmp_path / "a")


def test_places_that_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path / "pipe")
    assert "not a regular file" in refusal("/dev/zero")
    assert "not a regular file" in refusal("/dev/null")
    assert "There are no weights at" in refusal(tmp_path / "missing")
    assert "cannot be read" in refusal(tmp_path / ("x" * 5000))
    assert "no readable astroNN_model_parameter.json" in refusal(tmp_path)
    (tmp_path / "text").write_text("these are no weights at all")
    assert "is neither" in refusal(tmp_path / "text")
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(600 << 20)
    assert "not a regular file below 512 MiB" in refusal(tmp_path / "large")


def test_pickles_of_arrays_without_torch_are_refused(tmp_path):
    (tmp_path / "a.pt").write_bytes(pickle.dumps({"model_state_dict": {"conv1.weight": np.ones(3)}}))
    assert "refused" in refusal(tmp_path / "a.pt")
    buffer = io.BytesIO()
    np.savez(buffer, a=np.ones(3))
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    assert "refused" in refusal(tmp_path / "a.npz")
