"""The numbers of one label of a result as the page writes them: each spelled once, for all panels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.pipeline.result import Result
from inspector.science.labels import LABELS
from inspector.science.number_format import (
    ABSURD,
    MINUS,
    decimals,
    error_text,
    fixed,
    is_absurd,
    quadrature_places,
    range_text,
    same_when_printed,
    significant,
    value_error,
)

LEVEL = 0.68
"""Probability inside the credible interval told."""


@dataclass(frozen=True)
class Written:
    """One label in words.

    Attributes
    ----------
    value, error, both : str
        The value, the error that stands beside it (the raw one where there is no corrected one), the pair.
    interval : str
        Of the draws, `LEVEL` of them.
    model, predictive, raw : str
        The raw error's two parts and what they make in quadrature: as printed, they add up.
    correction, corrected : str
        ``scale × raw + offset`` with its numbers in, which as printed makes the corrected error.
    """

    value: str
    error: str
    both: str
    interval: str
    model: str
    predictive: str
    raw: str
    correction: str
    corrected: str


UNITS = tuple(label.unit for label in LABELS)
NO_UNITS = ("",) * len(LABELS)
"""For a table whose rows name the unit."""


def written(result: Result, units: tuple[str, ...] = UNITS) -> tuple[Written, ...]:
    """Spell the numbers of every label of a result that has draws, in label order."""
    posterior = result.drawn
    columns = zip(
        units, posterior.model_error.tolist(), posterior.predictive_error.tolist(), posterior.interval(LEVEL).T
    )
    return tuple(_written(result, i, *column) for i, column in enumerate(columns))


def _written(
    result: Result, i: int, unit: str, model: float, predictive: float, interval: NDArray[np.float64]
) -> Written:
    error = float(result.shown_error[i])
    value, raw, corrected = (float(array[i]) for array in (result.value, result.raw_error, result.error))
    places = decimals(error, LABELS[i].unit)
    parts = quadrature_places((model, predictive), raw, lambda p: _corrects(result, i, p))

    def spell(part: float) -> str:
        return error_text(part, unit) if is_absurd(raw) else fixed(part, parts, unit)

    return Written(
        value=fixed(value, places, unit),
        error=error_text(error, unit),
        both=value_error(value, error, unit),
        interval=range_text(float(interval[0]), float(interval[1]), places, unit),
        model=spell(model),
        predictive=spell(predictive),
        raw=spell(raw),
        correction=correction_text(result, i, parts),
        corrected=error_text(corrected, unit) if np.isfinite(corrected) else "unknown",
    )


def drawable(result: Result) -> NDArray[np.bool_]:
    """Which labels have a value, an error and draws that an axis can hold; what is absurd stands in words alone.

    Shape (22,).
    """
    if result.posterior is None:
        return np.zeros(len(LABELS), dtype=bool)
    reach = np.max(np.abs(result.posterior.draws), axis=0)
    drawn: NDArray[np.bool_] = (
        np.max(np.abs([result.value, result.raw_error, result.shown_error, reach]), axis=0) < ABSURD
    )
    return drawn


def correction_text(result: Result, label: int, places: int) -> str:
    """The correction with its numbers in: ``0.83 × 0.061 + 0.0042``."""
    scale, offset = float(result.noise_model.scale[label]), float(result.noise_model.offset[label])
    if not result.noise_model.corrects:
        return "not corrected"
    if not np.isfinite(scale):
        return "not in the noise model"
    sign = MINUS if offset < 0 else "+"
    raw = fixed(float(result.raw_error[label]), places)
    return f"{significant(scale, 3)} × {raw} {sign} {fixed(abs(offset), places + 1)}"


def _corrects(result: Result, label: int, places: int) -> bool:
    """Whether the correction, from its printed numbers, makes the corrected error that is printed."""
    scale, offset = float(result.noise_model.scale[label]), float(result.noise_model.offset[label])
    raw, corrected = float(result.raw_error[label]), float(result.error[label])
    if not np.isfinite([scale, corrected]).all() or is_absurd(corrected):
        return True
    printed_scale = round(scale, decimals(scale, digits=3))
    made = printed_scale * round(raw, places) + round(offset, places + 1)
    return same_when_printed(made, corrected, decimals(corrected))
