"""What a session exports: a result as a table, its draws, under a name that says whose they are."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from inspector.science.labels import LABELS

if TYPE_CHECKING:
    from inspector.pipeline.result import Result


class File(NamedTuple):
    """A file for the browser to save."""

    name: str
    data: bytes
    mime: str


def result_table(result: Result, suffix: str) -> File:
    """The result's row as a table; `suffix` is one `write_table` knows (``.csv``, ``.ecsv``, ``.fits``)."""
    from inspector.files.table import write_table

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"result{suffix}"
        write_table([result.row()], path)
        return File(f"{_stem(result)}{suffix}", path.read_bytes(), "application/octet-stream")


def result_json(result: Result) -> File:
    """The result's row as JSON, with which weights answered; a number that is none becomes null."""
    row = {name: _plain(value) for name, value in result.row().items()}
    card = {k: _plain(v) for k, v in vars(result.weights).items() if k != "extra"}
    text = json.dumps({"result": row, "weights": card}, indent=2, allow_nan=False, ensure_ascii=False)
    return File(f"{_stem(result)}.json", text.encode(), "application/json")


def draws_npz(result: Result) -> File:
    """Every draw, as NumPy arrays with the names of their columns."""
    posterior = _posterior(result)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        draws=posterior.draws,
        log_variance=posterior.log_variance,
        labels=np.array([label.name for label in LABELS]),
        units=np.array([label.unit for label in LABELS]),
        labels_std=posterior.labels_std,
        seed=posterior.seed,
        dropout_rate=posterior.dropout_rate,
        weights=result.weights.sha256,
    )
    return File(f"{_stem(result)}-draws.npz", buffer.getvalue(), "application/octet-stream")


def draws_fits(result: Result) -> File:
    """Every draw, one row each, a column a label, with its unit and where it came from."""
    from astropy.table import Table

    posterior = _posterior(result)
    table = Table()
    for i, label in enumerate(LABELS):
        table[label.name] = posterior.draws[:, i]
        table[label.name].unit = label.unit
    for i, label in enumerate(LABELS):
        table[f"logvar_{label.name}"] = posterior.log_variance[:, i]
    table.meta |= {"SEED": posterior.seed, "DROPOUT": posterior.dropout_rate, "WEIGHTS": result.weights.sha256}
    table.meta |= {"STAR": _ascii(result.star_id), "SPECTRUM": _ascii(result.spectrum_name)}
    buffer = io.BytesIO()
    table.write(buffer, format="fits")
    return File(f"{_stem(result)}-draws.fits", buffer.getvalue(), "application/fits")


FORMATS: dict[str, Callable[[Result], File]] = {
    "Result · CSV": lambda result: result_table(result, ".csv"),
    "Result · ECSV": lambda result: result_table(result, ".ecsv"),
    "Result · FITS": lambda result: result_table(result, ".fits"),
    "Result · JSON": result_json,
    "Draws · FITS": draws_fits,
    "Draws · npz": draws_npz,
}
"""What a menu offers, and how it is made."""


def picture_words(result: Result | None) -> str:
    """What stands below a picture: whose it is, and which weights answered how."""
    if result is None:
        return ""
    weights = f"{result.weights.name}, {result.weights.sha256[:8]}"
    run = f"mc_num {result.mc_num}, seed {result.seed}" if result.posterior is not None else "no result"
    if not result.noise_model.corrects:
        run += ", errors raw"
    return f"{result.star_id} · {result.spectrum_name} · {weights} · {run}"


def _posterior(result: Result) -> Any:
    if result.posterior is None:
        raise LookupError("There are no draws: this spectrum has no result.")
    return result.posterior


def _stem(result: Result) -> str:
    return re.sub(r"[^\w+.-]+", "-", f"{result.star_id}-{result.spectrum_name}", flags=re.ASCII).strip("-.") or "star"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:60]


def _plain(value: Any) -> Any:
    """A value JSON can hold."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value
