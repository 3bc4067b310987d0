"""What a session exports: spectrum, result and draws as files, and one figure of it all, each under a telling name."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from inspector import __version__
from inspector.science.labels import LABELS

if TYPE_CHECKING:
    from inspector.pipeline.result import Result
    from inspector.science.spectrum import NormalizedSpectrum, Spectrum
    from inspector.web.figures.paper.caption import Summary


class File(NamedTuple):
    """A file for the browser to save."""

    name: str
    data: bytes
    mime: str


def result_table(result: Result, suffix: str) -> File:
    """The result's row as a table; `suffix` is one `write_table` knows (``.csv``, ``.ecsv``, ``.fits``)."""
    from inspector.files.tables.result_table import write_table

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"result{suffix}"
        write_table([result.row()], path)
        return File(f"{_stem(result)}{suffix}", path.read_bytes(), "application/octet-stream")


def result_json(result: Result) -> File:
    """The result's row as JSON, with which weights answered; NaN becomes null."""
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
    """Every draw, one row each, a column per label, with its unit and where it came from."""
    from astropy.io import fits

    from inspector.files.tables.typed_table import fits_comment, fits_unit

    posterior = _posterior(result)
    columns = [
        fits.Column(label.name, "D", unit=fits_unit(label.unit), array=posterior.draws[:, i])
        for i, label in enumerate(LABELS)
    ]
    columns += [
        fits.Column(f"logvar_{label.name}", "D", array=posterior.log_variance[:, i]) for i, label in enumerate(LABELS)
    ]
    table = fits.BinTableHDU.from_columns(columns)
    for number, label in enumerate(LABELS, start=1):
        table.header[f"TCOMM{number}"] = fits_comment(label.description, label.unit)
    table.header.update({"SEED": posterior.seed, "DROPOUT": posterior.dropout_rate, "WEIGHTS": result.weights.sha256})
    table.header.update({"STAR": _ascii(result.star_id), "SPECTRUM": _ascii(result.spectrum_name)})
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(buffer)
    return File(f"{_stem(result)}-draws.fits", buffer.getvalue(), "application/fits")


def spectrum_file(spectrum: Spectrum, normalized: NormalizedSpectrum | None, kind: str) -> File:
    """The spectrum pixel by pixel, with units and windows; `kind` is one `write_spectrum` knows."""
    from inspector.files.tables.spectrum_table import spectrum_table, write_spectrum

    table = spectrum_table(spectrum, normalized, spectrum_origin(spectrum))
    stem = file_stem(spectrum.star.id, spectrum.star.file.name, spectrum.name)
    return File(f"{stem}-spectrum.{kind}", write_spectrum(table, kind), "application/octet-stream")


def spectrum_origin(spectrum: Spectrum) -> dict[str, str]:
    """Where a spectrum came from, under keywords of at most eight letters."""
    file = spectrum.star.file
    said = {
        "STAR": spectrum.star.id,
        "SPECTRUM": spectrum.name,
        "FILE": file.name,
        "FILE_SHA": file.sha256,
        "MADE_BY": f"APOGEE inspector {__version__}",
        "COADD": spectrum.processing.how,
    }
    return {key: value for key, value in said.items() if value}


def summary_file(summary: Summary, kind: str) -> File:
    """The figure of star, spectrum and answer; takes a second, and must run in one thread at a time."""
    from inspector.web.figures.paper.paper_figure import KINDS, summary_picture

    stem = file_stem(summary.star.id, summary.star.info.file.name, summary.spectrum.name)
    return File(f"{stem}-figure.{kind}", summary_picture(summary, kind), KINDS[kind])


SPECTRA: dict[str, str] = {"Spectrum · FITS": "fits", "Spectrum · ECSV": "ecsv", "Spectrum · CSV": "csv"}
"""What a menu offers of the inspected spectrum, and the kind of file it is."""

SUMMARIES: dict[str, str] = {"One figure · PNG": "png", "One figure · SVG": "svg", "One figure · PDF": "pdf"}
"""What a menu offers for a talk or a paper, and the kind of file it is."""

PICTURES: dict[str, str] = {"Panels as shown · PNG": "png", "Panels as shown · SVG": "svg"}
"""What a menu offers that the browser makes, and the kind of file it is."""

FORMATS: dict[str, Callable[[Result], File]] = {
    "Result · CSV": lambda result: result_table(result, ".csv"),
    "Result · ECSV": lambda result: result_table(result, ".ecsv"),
    "Result · FITS": lambda result: result_table(result, ".fits"),
    "Result · JSON": result_json,
    "Draws · FITS": draws_fits,
    "Draws · npz": draws_npz,
}
"""What a menu offers of the result, and how it is made."""

MENU: tuple[str, ...] = (*SPECTRA, *FORMATS, *SUMMARIES, *PICTURES)
"""Everything that can be exported."""


def picture_words(result: Result | None) -> str:
    """What stands below a picture: whose it is, and which weights answered how."""
    if result is None:
        return ""
    made = result.provenance.text if result.posterior is not None else f"no result · {result.provenance.text}"
    return f"{result.star_id} · {result.spectrum_name} · {result.weights.name} · {made}"


def _posterior(result: Result) -> Any:
    if result.posterior is None:
        raise LookupError("There are no draws: this spectrum has no result.")
    return result.posterior


def _stem(result: Result) -> str:
    return file_stem(result.star_id, result.file, result.spectrum_name)


def file_stem(star_id: str, source: str, spectrum: str) -> str:
    """What a file is called: star, file it was read from, spectrum, so that two files of one star differ."""
    name = re.sub(r"(\.fits?|\.gz|\.bz2|\.xz|\.fz)+$", "", source, flags=re.IGNORECASE)
    parts = (name, spectrum) if star_id in name else (star_id, name, spectrum)
    return re.sub(r"[^\w+.-]+", "-", "-".join(filter(None, parts)), flags=re.ASCII).strip("-.")[:150] or "star"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:60]


def _plain(value: Any) -> Any:
    """A value JSON can hold."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value
