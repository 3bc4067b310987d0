"""Weights from strangers: what would follow a link, wait for ever, take for ever, or speak at length."""

from __future__ import annotations

import json
import pickle
import socket
import struct
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from keras_files import write_keras_folder
from random_network import random_network
from safetensors.torch import load_file, save_file

from inspector.exceptions import WeightsError
from inspector.files.checkpoints import keras_folder
from inspector.files.checkpoints.pickle_work import MAX_BYTES, refuse_endless
from inspector.files.checkpoints.weights import load_network, save_network
from inspector.science.weights_card import WeightsCard

SOON = 5.0  # seconds; what is refused after looking takes milliseconds, what is obeyed takes for ever


@pytest.fixture(scope="module")
def network():
    return random_network(2, dense=(24, 12), element=((8, 4),) * 19)


def refusal(path: str | Path) -> str:
    begun = time.monotonic()
    with pytest.raises(WeightsError) as caught:
        load_network(path)
    said = str(caught.value)
    assert time.monotonic() - begun < SOON and len(said) < 600 and said.isprintable(), said[:1000]
    return said


class TestKeras:
    @pytest.fixture
    def folder(self, tmp_path, network):
        return write_keras_folder(tmp_path / "run", network, "named")

    @pytest.fixture
    def other(self, tmp_path, network):
        return write_keras_folder(tmp_path / "other", network, "named") / "model_weights.h5"

    @pytest.mark.parametrize("soft", [False, True])
    def test_no_link_is_followed_at_the_root(self, folder, other, soft):
        with h5py.File(folder / "model_weights.h5", "a") as file:
            file.move("model_weights", "elsewhere")
            file["model_weights"] = h5py.SoftLink("/elsewhere") if soft else h5py.ExternalLink(other, "/model_weights")
        assert "the file itself contains nothing called 'model_weights'" in refusal(folder)

    def test_a_virtual_dataset_is_not_read(self, folder, other):
        with h5py.File(folder / "model_weights.h5", "a") as file:
            group = file["model_weights/conv1d/conv1d"]
            del group["bias"]
            layout = h5py.VirtualLayout((2,), "f4")
            layout[:] = h5py.VirtualSource(other, "/model_weights/conv1d/conv1d/bias", (2,), "f4")
            group.create_virtual_dataset("bias", layout)
        assert "is not a plain array of numbers" in refusal(folder)

    def test_half_precision_counts_as_what_it_becomes(self, folder, monkeypatch):
        with h5py.File(folder / "model_weights.h5", "a") as file:
            group = file["model_weights/conv1d/conv1d"]
            del group["bias"]
            group.create_dataset("bias", (1 << 20,), "f2", chunks=(1 << 16,), compression="gzip")
        monkeypatch.setattr(keras_folder, "MAX_ARRAYS_BYTES", 3 << 20)
        assert "more than 3 MiB of numbers" in refusal(folder)

    def test_names_without_end_are_not_read(self, folder):
        with h5py.File(folder / "model_weights.h5", "w", libver="latest") as file:
            file.create_group("model_weights").attrs.create("layer_names", np.zeros(3_000_000, "S1"))
        assert "more names than a network has" in refusal(folder)

    def test_a_name_in_a_refusal_is_short_and_plain(self, folder):
        name = b"\x1b[31m" + b"x" * 5000 + b"/" * 100
        with h5py.File(folder / "model_weights.h5", "a") as file:
            file["model_weights"].attrs["layer_names"] = np.array([name])
        refusal(folder)

    def test_a_group_in_place_of_an_array_is_named(self, folder):
        with h5py.File(folder / "model_weights.h5", "a") as file:
            group = file["model_weights/conv1d/conv1d"]
            del group["bias"]
            group.create_group("bias")
        assert "a group where an array" in refusal(folder)


def test_sockets_are_refused_before_they_are_opened(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert "not a regular file" in refusal(tmp_path / "socket")


class TestTorch:
    def test_a_key_nested_in_itself_is_refused_at_once(self, tmp_path, network):
        nest = b"\x80\x02)q\x00" + b"".join(b"h%ch%c\x86q%c0" % (n, n, n + 1) for n in range(60))
        endless = nest + b"}h\x3cK\x01s."
        for name, data in (("zipped", None), ("alone", endless)):
            file = tmp_path / name
            torch.save({"model_state_dict": {}}, file)
            if data is None:
                with zipfile.ZipFile(tmp_path / "made", "w") as archive:
                    archive.writestr("archive/data.pkl", endless)
                    archive.writestr("archive/version", "3\n")
                file = tmp_path / "made"
            else:
                file.write_bytes(data)
            assert "nested in each other too often" in refusal(file), name

    def test_a_pickle_without_end_is_refused_at_once(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02" + b"N0" * (8 << 20) + b"}.")
        assert "longer than 1 MiB" in refusal(tmp_path / "a.pt")

    def test_an_archive_of_too_many_entries_is_not_listed(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02}.")
            for number in range(10_001):
                archive.writestr(f"{number}", b"")
        assert "more than 10000 entries" in refusal(tmp_path / "a.pt")

    def test_nested_as_deep_as_the_file_allows_is_no_crash(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02" + b"]" * 300_000 + b"a" * 299_999 + b".")
            archive.writestr("archive/version", "3\n")
        refusal(tmp_path / "a.pt")
        with zipfile.ZipFile(tmp_path / "b.pt", "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02" + b")" + b"\x85" * 300_000 + b".")
            archive.writestr("archive/version", "3\n")
        refusal(tmp_path / "b.pt")

    def test_an_array_named_by_a_number_is_refused(self, tmp_path):
        torch.save({"model_state_dict": {1: torch.zeros(1)}}, tmp_path / "a.pt")
        assert "names an array by something other than text" in refusal(tmp_path / "a.pt")

    def test_what_it_holds_is_told_shortly(self, tmp_path):
        torch.save({"\x1b[31m" + "x" * 10_000: 1}, tmp_path / "a.pt")
        assert "no 'model_state_dict'" in refusal(tmp_path / "a.pt")
        torch.save({"model_state_dict": {"y" * 10_000: torch.zeros(1)}}, tmp_path / "a.pt")
        refusal(tmp_path / "a.pt")

    def test_checkpoints_with_an_optimiser_are_little_work(self, tmp_path, network):
        parameters = [p.clone().float().requires_grad_() for p in network.module.parameters() if p.is_floating_point()]
        adam = torch.optim.Adam(parameters)
        sum(p.sum() for p in parameters).backward()
        adam.step()
        whole = {"model_state_dict": network.module.state_dict(), "optimizer": adam.state_dict(), "loss": 0.1}
        for zipped in (True, False):
            torch.save(whole, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
            assert load_network(tmp_path / "a.pt").card.sha256 == network.card.sha256


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_walked_is_a_pickle_of_pythons(protocol):
    shared = ("a", 1)
    value = {"x": [shared, shared, {1.5: (None, True)}], "y": frozenset((1, 2)), "z": (1, 2, 3, 4), "w": complex(1, 2)}
    refuse_endless(pickle.dumps(value, protocol))
    for cut in range(1, 60):
        try:
            refuse_endless(pickle.dumps(value, protocol)[:cut])
        except ValueError as error:
            assert str(error)
    with pytest.raises(ValueError, match="longer than"):
        refuse_endless(pickle.dumps(list(range(MAX_BYTES)), protocol))


class TestOurs:
    def write(self, file: Path, network, **change: str) -> Path:
        save_network(network, file)
        header = file.read_bytes()
        metadata = json.loads(header[8 : 8 + struct.unpack("<Q", header[:8])[0]])["__metadata__"] | change
        save_file(load_file(file), file, metadata)
        return file

    def test_what_it_says_of_itself_is_short_and_plain(self, tmp_path, network):
        long = "\x1b[31m\x00<b>" + "x" * 10_000
        made = self.write(tmp_path / "a", network, name=long, training_set=long, date=long)
        card = load_network(made).card
        assert all(text.isprintable() for text in (card.name, card.training_set, card.date))
        assert (len(card.name), len(card.training_set), len(card.date)) == (200, 400, 40)

    def test_metadata_without_end_are_refused(self, tmp_path, network):
        made = self.write(tmp_path / "a", network, extra=json.dumps({"a": "x" * 70_000}))
        assert "has more than 64 Ki characters of metadata" in refusal(made)
        made = self.write(tmp_path / "b", network, more="x" * (2 << 20))
        assert "its header is larger than 1024 KiB" in refusal(made)
        made = self.write(tmp_path / "c", network, format="\x1b" * 10_000, labels="x" * 10_000)
        refusal(made)

    @pytest.mark.parametrize(
        "ranges", [{"teff": {"p1": "nan", "p99": 1}}, {"teff": {"p1": 2, "p99": 1}}, {"teff": [1]}]
    )
    def test_training_ranges_that_are_none_are_refused(self, network, ranges):
        card = WeightsCard("made", "0" * 64, "none", extra={"label_ranges": ranges})
        with pytest.raises(WeightsError, match="states its label ranges"):
            replace(network, card=card)
