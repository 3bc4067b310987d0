"""A noise model as files hold it: pickle, JSON or TOML.

The pipeline keeps it in ``AstroNN_corrections.pkl``, a pickled tuple ``(corrections, reference)`` with
``corrections[label] = {"offset": ..., "scale": ...}``. Ours say in the reference which weights they were fitted
for; the pipeline only unpacks the tuple. A pickle may carry code, so it is read by
`read_plain_pickle`, which knows numbers, strings, containers and numpy arrays, and nothing else. JSON and TOML of the
same content are read too.
"""

from __future__ import annotations

import json
import os
import pickle
import tomllib
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from inspector.exceptions import NoiseModelError
from inspector.files.bundled_files import bundled_path
from inspector.files.checkpoints.plain_pickle import ForbiddenPickle, read_plain_pickle
from inspector.files.file_content import open_regular
from inspector.files.untrusted_text import clean
from inspector.science.labels import LABEL_NAMES, label_index
from inspector.science.noise_model import NoiseModel

MAX_BYTES = 1 << 20
"""A noise model is a few kilobytes; anything past 1 MiB is something else."""

MAX_TOML_BYTES = 16 << 10
"""Of a noise model in TOML, whose reader takes time that grows as the square; 22 labels take 2 kB."""

SHIPPED = "AstroNN_corrections.pkl"

_REMEDY = 'Use the AstroNN_corrections.pkl of the pipeline, or JSON: {label: {"scale": s, "offset": o}}.'


def load_noise_model(path: str | os.PathLike[str] | None = None) -> NoiseModel:
    """Read a noise model.

    Parameters
    ----------
    path : path-like, optional
        ``AstroNN_corrections.pkl``, or a JSON or TOML of the same content; recognised by content.
        None: the one the project ships.

    Raises
    ------
    NoiseModelError
        If it cannot be read, or says something no noise model says.
    """
    file = bundled_path(SHIPPED, "weights") if path is None else Path(path)
    corrections, reference, weights = _split(_parse(file.name, _read(file, shipped=path is None)), file.name)
    scale, offset = np.full((2, len(LABEL_NAMES)), np.nan)
    given: dict[int, str] = {}
    for name, entry in corrections.items():
        index = _label(name, file.name)
        if index in given:
            raise NoiseModelError(
                f"'{file.name}' corrects {LABEL_NAMES[index]} twice, as '{given[index]}' and as '{name}'."
                " Keep one of them."
            )
        given[index] = name
        scale[index], offset[index] = (_number(entry, key, name, file.name) for key in ("scale", "offset"))
    if not given:
        raise NoiseModelError(f"'{file.name}' corrects no label. {_REMEDY}")
    return NoiseModel(scale, offset, file.name, reference, weights)


def save_noise_model(model: NoiseModel, path: str | os.PathLike[str]) -> None:
    """Write a noise model: the pipeline's pickled tuple for ``.pkl``, JSON for any other name."""
    if Path(path).suffix == ".pkl":
        said = {"reference": model.reference, "weights": model.weights} if model.weights else model.reference
        Path(path).write_bytes(pickle.dumps((model.to_dict(), said), protocol=4))
    else:
        content = {"corrections": model.to_dict(), "reference": model.reference, "weights": model.weights}
        Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _read(file: Path, shipped: bool) -> bytes:
    if shipped and not file.exists():
        raise NoiseModelError(
            "No noise model is shipped yet. Pass one of your own (--noise), or NoiseModel.identity() for raw errors."
        )
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):
            raise NoiseModelError(f"'{clean(file.name)}' is a pipe, socket or device, not a file. {_REMEDY}")
        with open_regular(file) as stream:
            data = stream.read(MAX_BYTES + 1) or b""
    except OSError as error:
        raise NoiseModelError(f"'{file.name}' cannot be read: {error.strerror}. {_REMEDY}") from None
    if len(data) > MAX_BYTES:
        raise NoiseModelError(f"'{file.name}' is larger than {MAX_BYTES} bytes, which no noise model is. {_REMEDY}")
    return data


def _parse(name: str, data: bytes) -> Any:
    if data[:1] == b"\x80":
        return _unpickle(name, data)
    try:
        text = data.decode("utf-8")
        if text.lstrip()[:1] == "{":
            return json.loads(text)
        if len(data) > MAX_TOML_BYTES:
            raise ValueError(f"larger than {MAX_TOML_BYTES >> 10} KiB")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and both parsers' errors are ValueErrors
        return _unpickle(name, data, error)


def _unpickle(name: str, data: bytes, otherwise: Exception | None = None) -> Any:
    try:
        return read_plain_pickle(data)
    except ForbiddenPickle as error:
        raise NoiseModelError(
            f"'{name}' was refused: its pickle holds {error}. A noise model needs only numbers, strings, dicts and"
            " numpy arrays. Do not open this file elsewhere."
        ) from None
    except ValueError as error:
        said = clean(str(otherwise or error), 150)
        raise NoiseModelError(f"'{name}' is neither a pickle, nor JSON, nor TOML ({said}). {_REMEDY}") from None


def _split(content: Any, name: str) -> tuple[Mapping[Any, Any], str, str]:
    """Corrections, reference and weights, from the pipeline's tuple, our JSON, or the bare dict."""
    said: Any = {}
    if isinstance(content, tuple) and len(content) == 2:
        corrections, said = content
    elif isinstance(content, Mapping) and "corrections" in content:
        corrections, said = content["corrections"], content
    else:
        corrections = content
    if not isinstance(corrections, Mapping):
        raise NoiseModelError(
            f"'{name}' holds a {type(corrections).__name__} where the corrections should be. {_REMEDY}"
        )
    ours = said if isinstance(said, Mapping) and "reference" in said else {"reference": said}
    return corrections, _words(ours["reference"]), _weights(said, name)


def _weights(said: Any, name: str) -> str:
    weights = said.get("weights", "") if isinstance(said, Mapping) else ""
    if not isinstance(weights, str):
        kind = type(weights).__name__
        raise NoiseModelError(
            f"'{name}' names its weights by a {kind}; expected their SHA-256, as text. Correct the file."
        )
    return weights


def _words(reference: Any) -> str:
    """What a file says of its reference: its text, or the names of what it lists."""
    if isinstance(reference, Mapping):
        return clean(", ".join(name for name in islice(reference, 100) if isinstance(name, str)))
    return clean(reference) if isinstance(reference, str) else ""


def _label(name: Any, file: str) -> int:
    try:
        return label_index(name)
    except (KeyError, AttributeError):
        known, found = ", ".join(LABEL_NAMES), repr(name[:80]) if isinstance(name, str) else f"a {type(name).__name__}"
        raise NoiseModelError(f"'{file}' corrects {found}, which is not a label. Known labels: {known}.") from None


def _number(entry: Any, key: str, label: str, file: str) -> float:
    number = entry.get(key) if isinstance(entry, Mapping) else None
    if isinstance(number, np.ndarray) and number.size == 1:
        number = number.reshape(())[()]
    if isinstance(number, (int, float, np.number)) and not isinstance(number, bool):
        try:
            return float(number)
        except OverflowError:  # an integer of more than 308 digits
            return np.inf
    raise NoiseModelError(f"'{file}' has no number '{key}' for {label!r:.80}. {_REMEDY}") from None
