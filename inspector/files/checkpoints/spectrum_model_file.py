"""The model spectrum as a safetensors file: the arrays of a `SpectrumModel`, with their hash."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from inspector.exceptions import WeightsError
from inspector.files.bundled_files import bundled_path
from inspector.science.model_spectrum import N_INPUTS, N_LABELS, SpectrumModel, arrays_hash
from inspector.science.spectrum import N_CHIP_PIXELS

SHIPPED = "model_spectrum.safetensors"

FORMAT = "inspector-model-spectrum-1"

MAX_BYTES = 64 << 20
"""Ours has 4 MB."""

MAX_HEADER_BYTES = 1 << 16
"""Of the safetensors header; ours has 2 kB."""

_DTYPES = {"components": np.float16, "covered": np.bool_}
"""Of the file; all other arrays are float32."""

_REMEDY = "Use the file that the project ships, or one that 'python -m weights model' wrote."


def load_spectrum_model(path: str | os.PathLike[str] | None = None) -> SpectrumModel:
    """Read a model spectrum.

    Parameters
    ----------
    path : path-like, optional
        None: the one the project ships.

    Raises
    ------
    WeightsError
        If there is no such file, or it does not hold what it should.
    """
    file = bundled_path(SHIPPED, "weights") if path is None else Path(path)
    arrays, recorded = _read(file)
    for name, shape in _shapes(arrays).items():
        _check(arrays, name, shape, file.name)
    if arrays_hash(arrays) != recorded:
        raise WeightsError(f"'{file.name}': its numbers do not match the hash it records; it is damaged. {_REMEDY}")
    kept = {name: array.astype(_working_dtype(name)) for name, array in arrays.items()}
    for array in kept.values():
        array.setflags(write=False)
    return SpectrumModel(**kept, sha256=recorded)


def save_spectrum_model(model: SpectrumModel, path: str | os.PathLike[str]) -> str:
    """Write a model spectrum; its hash comes back."""
    arrays = {name: np.ascontiguousarray(a.astype(_file_dtype(name))) for name, a in model.arrays.items()}
    recorded = arrays_hash(arrays)
    partial = Path(path).with_suffix(".partial")
    save_file(arrays, partial, {"format": FORMAT, "sha256": recorded})
    partial.replace(path)
    return recorded


def _file_dtype(name: str) -> type[np.generic]:
    return _DTYPES.get(name, np.float32)


def _working_dtype(name: str) -> type[np.generic]:
    return {"components": np.float32, "covered": np.bool_}.get(name, np.float64)


def _read(file: Path) -> tuple[dict[str, NDArray[np.generic]], str]:
    try:
        if not file.is_file() or file.stat().st_size > MAX_BYTES:
            raise WeightsError(f"There is no model spectrum at '{file}', a file below {MAX_BYTES >> 20} MiB. {_REMEDY}")
        with file.open("rb") as stream:
            if int.from_bytes(stream.read(8), "little") > MAX_HEADER_BYTES:
                raise WeightsError(f"'{file.name}' is not a model spectrum: its header is too large. {_REMEDY}")
        with safe_open(file, framework="np") as content:
            metadata = content.metadata() or {}
            arrays = {key: content.get_tensor(key) for key in content.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise WeightsError(
            f"'{file.name}' is not a readable model spectrum ({type(error).__name__}). {_REMEDY}"
        ) from None
    if metadata.get("format") != FORMAT:
        raise WeightsError(
            f"'{file.name}' is a safetensors file of the format {metadata.get('format')!r:.40}, expected {FORMAT!r}."
            f" {_REMEDY}"
        )
    return arrays, metadata.get("sha256", "")


def _shapes(arrays: dict[str, NDArray[np.generic]]) -> dict[str, tuple[int | None, ...]]:
    """What every array's shape must be; sizes the file may choose come from its own first arrays."""
    hidden = len(arrays["b1"]) if "b1" in arrays and arrays["b1"].ndim == 1 else None
    k = len(arrays["b3"]) if "b3" in arrays and arrays["b3"].ndim == 1 else None
    return {
        "input_mean": (N_INPUTS,),
        "input_scale": (N_INPUTS,),
        "w1": (hidden, N_INPUTS),
        "b1": (hidden,),
        "w2": (hidden, hidden),
        "b2": (hidden,),
        "w3": (k, hidden),
        "b3": (k,),
        "components": (k, N_CHIP_PIXELS),
        "mean": (N_CHIP_PIXELS,),
        "usual": (3, 10),
        "relative_error": (N_CHIP_PIXELS,),
        "low": (N_LABELS,),
        "high": (N_LABELS,),
        "covered": (None, None),
    }


def _check(arrays: dict[str, NDArray[np.generic]], name: str, shape: tuple[int | None, ...], file: str) -> None:
    array = arrays.get(name)
    if array is None:
        raise WeightsError(f"'{file}' has no '{name}'. {_REMEDY}")
    fits = array.ndim == len(shape) and all(want in (None, found) for want, found in zip(shape, array.shape))
    if not fits or array.dtype != _file_dtype(name) or not array.size:
        raise WeightsError(
            f"'{file}': '{name}' is {array.dtype} of shape {array.shape}; expected {np.dtype(_file_dtype(name))} of"
            f" shape {shape}. {_REMEDY}"
        )
    if array.dtype != np.bool_ and not np.isfinite(array).all():
        raise WeightsError(f"'{file}': '{name}' holds a number that is not finite. {_REMEDY}")
