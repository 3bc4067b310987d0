"""What the picture on paper shows and says: whose spectrum, in which view, answered by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.pipeline.result import Result
from inspector.science.label_groups import element_symbol
from inspector.science.number_format import fixed, range_text
from inspector.science.spectrum import NormalizedSpectrum, Spectrum
from inspector.science.star import Star


@dataclass(frozen=True, eq=False)
class Summary:
    """What a picture shows.

    Attributes
    ----------
    star : Star
    spectrum : Spectrum
        The inspected one.
    normalized : NormalizedSpectrum or None
    result : Result or None
        None before the first draws.
    elements : sequence of str
        Whose windows are shaded.
    label : int
        Whose posterior is drawn.
    view : (float, float)
        Vacuum Å.
    place : str
        Where the star stands on the sky.
    model : ndarray, shape (8575,), or None
        As `detail_columns` takes it.
    """

    star: Star
    spectrum: Spectrum
    normalized: NormalizedSpectrum | None
    result: Result | None
    elements: Sequence[str]
    label: int
    view: tuple[float, float]
    place: str = ""
    model: NDArray[np.float64] | None = None


def title(summary: Summary) -> str:
    """Whose spectrum it is."""
    return f"{summary.star.id} · {summary.spectrum.name}"


def star_facts(summary: Summary) -> str:
    """What a reader wants to know of the star, in one line."""
    info, snr = summary.star.info, summary.spectrum.snr
    said = [
        " ".join(filter(None, (info.product, info.release))),
        info.telescope,
        f"field {info.field}" if info.field else "",
        summary.place,
        "" if info.h is None else f"H = {fixed(info.h, 2)}",
        _visits(info.n_visits),
        f"S/N = {fixed(snr, 0)} per pixel" if snr == snr else "",
    ]
    return " · ".join(filter(None, said))


def caption(summary: Summary) -> tuple[str, ...]:
    """Lines below the picture: what it was made from, and how."""
    file, sha = summary.spectrum.star.file.name, summary.spectrum.star.file.sha256
    windows = ", ".join(map(element_symbol, summary.elements))
    shown = [
        f"{summary.star.id}, {summary.spectrum.name}",
        f"file {file}" + (f" (SHA-256 {sha[:16]}…)" if sha else "") if file else "",
        f"shown {range_text(*summary.view, 1, 'Å')} in vacuum, rest frame",
        f"windows shaded: {windows}" if windows else "",
    ]
    return tuple(filter(None, (" · ".join(filter(None, shown)), *_answered(summary.result))))


def _answered(result: Result | None) -> tuple[str, ...]:
    if result is None:
        return ("No answer yet.",)
    card, noise = result.weights, result.noise_model
    weights = f"answered by {card.name} (SHA-256 {card.sha256[:16]}…)"
    if card.demonstration:
        weights += ": demonstration weights, not SDSS's; not for publication"
    made = result.provenance.text
    return weights, f"{made} ({noise.name})" if noise.corrects else made


def _visits(count: int | None) -> str:
    return "" if count is None else "1 visit" if count == 1 else f"{count} visits"
