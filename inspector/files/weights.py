"""Network weights: our safetensors file, SDSS Astra's ``.pt``, astroNN's Keras folder.

Which one is told by content, not by name. Nothing here runs a stranger's code.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from inspector.errors import SettingsError, WeightsError
from inspector.files.bundled import bundled_path
from inspector.files.keras_folder import read_keras_folder
from inspector.files.state import build_module, state_hash
from inspector.science.card import WeightsCard
from inspector.science.labels import LABEL_NAMES
from inspector.science.network import DROPOUT_RATE, Network
from inspector.science.settings import RATE

SHIPPED = "demonstration.safetensors"

MAX_BYTES = 512 << 20
"""The network has 3.6 million parameters, 15 MB; anything past 512 MiB is something else."""

FORMAT = "inspector-1"

_KINDS = "a .safetensors file of this project, an SDSS Astra .pt checkpoint, or an astroNN folder"


def load_network(path: str | os.PathLike[str] | None = None) -> Network:
    """Load a network.

    Parameters
    ----------
    path : path-like, optional
        Our ``.safetensors`` file, an SDSS Astra ``.pt`` checkpoint, or the folder astroNN saves
        (``model_weights.h5`` and ``astroNN_model_parameter.json``). None: the weights the project ships.

    Returns
    -------
    Network
        Read-only; several threads may share it.

    Raises
    ------
    WeightsError
        If there is no such file, or it is not such a network; the sentence names what was wrong.
    """
    file = bundled_path(SHIPPED, "weights") if path is None else Path(path)
    if not _exists(file):
        raise WeightsError(
            "No weights are shipped yet. Pass a checkpoint of your own (--weights)."
            if path is None
            else f"There are no weights at '{file}'. Pass {_KINDS}."
        )
    if file.is_dir():
        return _of_keras_folder(file)
    head = _head(file)
    if head[8:9] == b"{":  # first: the eight bytes before it are a length, and may look like anything
        return _of_safetensors(file)
    if head[:4] == b"PK\x03\x04" or head[:1] == b"\x80":
        return _of_astra(file)
    raise WeightsError(f"'{file.name}' is neither {_KINDS} (it begins with {head[:8]!r}).")


def save_network(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network with what is known of it as our safetensors file.

    Parameters
    ----------
    network : Network
    path : path-like
        Written beside itself first, then moved into place.
    """
    card = network.card
    metadata = {
        "format": FORMAT,
        "name": card.name,
        "training_set": card.training_set,
        "date": card.date,
        "demonstration": json.dumps(card.demonstration),
        "labels": json.dumps(LABEL_NAMES),
        "dropout_rate": json.dumps(network.dropout_rate),
        "extra": json.dumps(dict(card.extra)),
        "sha256": state_hash(network.module),
    }
    state = {key: tensor.contiguous() for key, tensor in network.module.state_dict().items()}
    partial = Path(path).with_suffix(".partial")
    save_file(state, partial, metadata)
    partial.replace(path)


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as error:  # a name too long, a folder that may not be entered
        raise WeightsError(f"'{str(file)[:100]}' cannot be read: {error.strerror}. Pass {_KINDS}.") from None


def _head(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if not file.is_file() or size > MAX_BYTES:
            raise WeightsError(f"'{file.name}' is no ordinary file below {MAX_BYTES >> 20} MiB. Pass {_KINDS}.")
        with file.open("rb") as stream:
            return stream.read(16)
    except OSError as error:
        raise WeightsError(f"'{file.name}' cannot be read: {error.strerror}. Pass {_KINDS}.") from None


def _of_safetensors(file: Path) -> Network:
    try:
        with safe_open(file, framework="pt") as content:
            metadata = content.metadata() or {}
            state = {key: content.get_tensor(key) for key in content.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"'{file.name}' is damaged or no safetensors file ({error}). Get it again.") from None
    if metadata.get("format") != FORMAT:
        raise WeightsError(
            f"'{file.name}' is a safetensors file, but not one of this project (format"
            f" {metadata.get('format')!r}, expected {FORMAT!r}). Write it with save_network."
        )
    module = build_module(state, file.name)
    try:
        labels, extra = json.loads(metadata["labels"]), json.loads(metadata.get("extra", "{}"))
        demonstration, rate = json.loads(metadata["demonstration"]), json.loads(metadata["dropout_rate"])
    except (KeyError, ValueError, RecursionError) as error:
        raise WeightsError(f"'{file.name}': its metadata is incomplete or malformed ({error}). Get it again.") from None
    if labels != list(LABEL_NAMES):
        raise WeightsError(f"'{file.name}' orders its labels {labels}; expected {list(LABEL_NAMES)}.")
    found = state_hash(module)
    if metadata.get("sha256") != found:
        raise WeightsError(f"'{file.name}': its numbers do not match the hash it records; it is damaged. Get it again.")
    card = WeightsCard(
        name=metadata.get("name", file.stem),
        sha256=found,
        training_set=metadata.get("training_set", "not stated"),
        date=metadata.get("date", "unknown"),
        demonstration=demonstration is not False,
        extra=extra if isinstance(extra, dict) else {},
    )
    return Network(module, card, _rate(rate, file.name))


def _of_astra(file: Path) -> Network:
    content = _torch_load(file)
    state = content.get("model_state_dict") if isinstance(content, Mapping) else None
    if not isinstance(state, Mapping):
        found = f"keys {sorted(map(str, content))[:5]}" if isinstance(content, Mapping) else type(content).__name__
        raise WeightsError(f"'{file.name}' has no 'model_state_dict' (it holds {found}). Pass {_KINDS}.")
    tensors: dict[str, Tensor] = {
        str(key): value.detach() if isinstance(value, Tensor) else value for key, value in state.items()
    }
    module = build_module(tensors, file.name)
    training_set = "not stated in the file (SDSS Astra layout)"
    return Network(module, WeightsCard(file.stem, state_hash(module), training_set, demonstration=False))


def _torch_load(file: Path) -> Any:
    _refuse_packed(file)
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - a hostile pickle can make the loader raise anything at all
        reason = str(error).split("\n", 1)[0][:200]
        raise WeightsError(
            f"'{file.name}' was refused: it holds something other than plain arrays, or is damaged ({reason})."
            " Use a checkpoint saved as a state dict."
        ) from None


def _refuse_packed(file: Path) -> None:
    """torch stores its arrays as they are; what is packed, or counted twice, may unpack to anything."""
    try:
        if not zipfile.is_zipfile(file):
            return
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WeightsError(f"'{file.name}' is a damaged archive ({str(error)[:150]}). Get it again.") from None
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or unpacked > file.stat().st_size:
        raise WeightsError(
            f"'{file.name}' is packed, {unpacked >> 20} MiB in {file.stat().st_size >> 20} MiB; a checkpoint is stored"
            " as it is. It was not opened; save it with torch.save."
        )


def _of_keras_folder(folder: Path) -> Network:
    state, parameters = read_keras_folder(folder)
    module = build_module(state, folder.name)
    rate = parameters.get("dropout_rate", DROPOUT_RATE)
    card = WeightsCard(
        folder.name, state_hash(module), "not stated in the folder (astroNN layout)", demonstration=False
    )
    return Network(module, card, _rate(rate, folder.name))


def _rate(rate: Any, name: str) -> float:
    try:
        return float(RATE.check(rate))
    except SettingsError as error:
        raise WeightsError(f"'{name}': its {error}") from None
