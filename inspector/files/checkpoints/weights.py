"""Network weights: our safetensors file, SDSS Astra's ``.pt``, astroNN's Keras folder.

Which one it is, is detected by content, not by name. Nothing here runs a stranger's code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from inspector.exceptions import SettingsError, WeightsError
from inspector.files.bundled_files import bundled_path
from inspector.files.checkpoints.keras_folder import read_keras_folder
from inspector.files.checkpoints.state_dict import build_module, state_hash
from inspector.files.checkpoints.torch_file import ZIP, read_torch_file
from inspector.files.untrusted_text import MAX_TEXT, clean
from inspector.science.architecture import DROPOUT_RATE
from inspector.science.labels import LABEL_NAMES
from inspector.science.network import Network
from inspector.science.settings import RATE
from inspector.science.weights_card import WeightsCard

SHIPPED = "demonstration.safetensors"

MAX_BYTES = 512 << 20
"""The network has 3.6 million parameters, 15 MB; anything past 512 MiB is something else."""

MAX_HEADER_BYTES = 1 << 20
"""Of a safetensors file: names, shapes and metadata; ours has 20 kB."""

MAX_EXTRA = 64 << 10
"""Characters of what a file says of itself beyond its name; ours has 3,000."""

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
        return _of_safetensors(file, head)
    if head[:4] == ZIP or head[:1] == b"\x80":
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
            raise WeightsError(f"'{file.name}' is not a regular file below {MAX_BYTES >> 20} MiB. Pass {_KINDS}.")
        with file.open("rb") as stream:
            head = stream.read(16)
    except OSError as error:
        raise WeightsError(f"'{file.name}' cannot be read: {error.strerror}. Pass {_KINDS}.") from None
    return head


def _of_safetensors(file: Path, head: bytes) -> Network:
    if MAX_HEADER_BYTES < int.from_bytes(head[:8], "little") < file.stat().st_size:
        raise WeightsError(f"'{file.name}': its header is larger than {MAX_HEADER_BYTES >> 10} KiB. Download it again.")
    try:
        with safe_open(file, framework="pt") as content:
            metadata = content.metadata() or {}
            state = {key: content.get_tensor(key) for key in content.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            f"'{file.name}' is damaged or not a safetensors file ({clean(str(error))}). Download it again."
        ) from None
    if metadata.get("format") != FORMAT:
        raise WeightsError(
            f"'{file.name}' is a safetensors file, but not one of this project (format"
            f" {metadata.get('format')!r:.40}, expected {FORMAT!r}). Write it with save_network."
        )
    module = build_module(state, file.name)
    if len(metadata.get("extra", "")) > MAX_EXTRA:
        raise WeightsError(
            f"'{file.name}' has more than {MAX_EXTRA >> 10} Ki characters of metadata. Download it again."
        )
    try:
        labels, extra = json.loads(metadata["labels"]), json.loads(metadata.get("extra", "{}"))
        demonstration, rate = json.loads(metadata["demonstration"]), json.loads(metadata["dropout_rate"])
    except (KeyError, ValueError, RecursionError) as error:
        raise WeightsError(
            f"'{file.name}': its metadata is incomplete or malformed ({_said(error)}). Download it again."
        ) from None
    if labels != list(LABEL_NAMES):
        raise WeightsError(f"'{file.name}' orders its labels {labels!r:.300}; expected {list(LABEL_NAMES)}.")
    found = state_hash(module)
    if metadata.get("sha256") != found:
        raise WeightsError(
            f"'{file.name}': its numbers do not match the hash it records; it is damaged. Download it again."
        )
    card = WeightsCard(
        name=clean(metadata.get("name", file.stem)),
        sha256=found,
        training_set=clean(metadata.get("training_set", "not stated"), 2 * MAX_TEXT),
        date=clean(metadata.get("date", "unknown"), 40),
        demonstration=demonstration is not False,
        extra=extra if isinstance(extra, dict) else {},
    )
    return Network(module, card, _rate(rate, file.name))


def _of_astra(file: Path) -> Network:
    content = read_torch_file(file)
    state = content.get("model_state_dict") if isinstance(content, Mapping) else None
    if not isinstance(state, Mapping):
        keys = [key[:40] for key in islice(content, 5) if isinstance(key, str)] if isinstance(content, Mapping) else []
        found = f"keys {keys}" if isinstance(content, Mapping) else type(content).__name__
        raise WeightsError(f"'{file.name}' has no 'model_state_dict' (it holds {found}). Pass {_KINDS}.")
    if not all(type(key) is str for key in state):
        raise WeightsError(f"'{file.name}': its 'model_state_dict' names an array by something other than text.")
    tensors: dict[str, Tensor] = {
        key: value.detach() if isinstance(value, Tensor) else value for key, value in state.items()
    }
    module = build_module(tensors, file.name)
    training_set = "not stated in the file (SDSS Astra layout)"
    return Network(module, WeightsCard(clean(file.stem), state_hash(module), training_set, demonstration=False))


def _of_keras_folder(folder: Path) -> Network:
    state, parameters = read_keras_folder(folder)
    module = build_module(state, folder.name)
    rate = parameters.get("dropout_rate", DROPOUT_RATE)
    card = WeightsCard(
        clean(folder.name), state_hash(module), "not stated in the folder (astroNN layout)", demonstration=False
    )
    return Network(module, card, _rate(rate, folder.name))


def _rate(rate: Any, name: str) -> float:
    try:
        return float(RATE.check(rate))
    except SettingsError as error:
        raise WeightsError(f"'{name}': its {error}") from None


def _said(error: Exception) -> str:
    return clean(str(error))
