"""The noise model: corrected error = scale x raw error + offset, label by label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.exceptions import NoiseModelError
from inspector.science.labels import LABEL_NAMES, LABELS, label_index
from inspector.science.number_format import significant
from inspector.science.plausibility import LARGEST

MAX_SCALE = 1e6
"""Of a raw error; ours lie between 0.2 and 0.8."""

LEAST_RAW_ERROR = {"K": 5.0, "dex": 0.005}
"""Raw errors are hardly ever smaller, by unit: from there on a corrected error must stay above zero."""


@dataclass(frozen=True, eq=False)
class NoiseModel:
    """Corrects raw errors.

    Attributes
    ----------
    scale : ndarray, shape (22,)
        Dimensionless, not negative; NaN for a label the file leaves out.
    offset : ndarray, shape (22,)
        In label units; NaN for a label the file leaves out.
    name : str
        Where it came from.
    reference : str
        What the file says it was measured against.
    weights : str
        SHA-256 of the weights it was fitted for; empty if the file does not say.
    """

    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    name: str = "given"
    reference: str = ""
    weights: str = ""

    def __post_init__(self) -> None:
        for index, (scale, offset) in enumerate(zip(self.scale, self.offset, strict=True)):
            _refuse_unusable(LABEL_NAMES[index], scale, offset)
        if self.weights and not re.fullmatch("[0-9a-f]{64}", self.weights):
            raise NoiseModelError(
                f"'{self.name}' was fitted for the weights {self.weights!r:.80}; expected their SHA-256, 64 hexadecimal"
                " digits, as the result tables give it in weights_hash."
            )

    @classmethod
    def identity(cls) -> NoiseModel:
        """No correction: the corrected error is the raw error."""
        return cls(np.ones(len(LABEL_NAMES)), np.zeros(len(LABEL_NAMES)), "none (errors are raw)")

    @property
    def corrects(self) -> bool:
        """Whether it changes any error."""
        return not (np.all(self.scale == 1) and np.all(self.offset == 0))

    @cached_property
    def sha256(self) -> str:
        """Of its numbers, so that one noise model has one hash whatever file held it; empty if errors stay raw."""
        numbers = np.concatenate([self.scale, self.offset]).astype("<f8") + 0.0  # no -0.0
        return sha256(numbers.tobytes()).hexdigest() if self.corrects else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Labels the file leaves out; their corrected errors are NaN, not a guess."""
        return tuple(name for name, scale in zip(LABEL_NAMES, self.scale) if np.isnan(scale))

    def correct(self, raw_error: ArrayLike) -> NDArray[np.float64]:
        """Corrected errors.

        Parameters
        ----------
        raw_error : array_like, shape (..., 22)
            Total errors in label units.

        Returns
        -------
        ndarray, same shape
            NaN for a label the noise model leaves out, and where an offset takes an error below zero.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # absurd raw errors
            corrected = self.scale * np.asarray(raw_error, dtype=np.float64) + self.offset
            return np.where(corrected >= 0, corrected, np.nan)

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Its content as the pipeline lays it out: label to offset and scale."""
        rows = zip(LABEL_NAMES, self.offset, self.scale)
        return {name: {"offset": float(o), "scale": float(s)} for name, o, s in rows if np.isfinite(s)}


def _refuse_unusable(label: str, scale: float, offset: float) -> None:
    if np.isnan(scale) and np.isnan(offset):
        return  # left out
    if not (np.isfinite(scale) and np.isfinite(offset)):
        raise NoiseModelError(
            f"The correction of {label} is not finite (scale {significant(scale)}, offset {significant(offset)})."
            " Correct the file."
        )
    if scale < 0:
        raise NoiseModelError(
            f"The correction of {label} has a negative scale ({significant(scale)}), which would turn errors upside"
            " down. Correct the file."
        )
    _refuse_senseless(label, scale, offset, LABELS[label_index(label)].unit)


def _refuse_senseless(label: str, scale: float, offset: float, unit: str) -> None:
    if scale > MAX_SCALE or abs(offset) > LARGEST[unit]:
        raise NoiseModelError(
            f"The correction of {label} is absurd (scale {scale:g}, offset {offset:g} {unit}): a scale up to"
            f" {MAX_SCALE:g} and an offset up to {LARGEST[unit]:g} {unit} would make sense. Correct the file."
        )
    least = LEAST_RAW_ERROR[unit]
    if offset < 0 and (corrected := scale * least + offset) <= 0:
        raise NoiseModelError(
            f"The correction of {label} has an offset of {offset:g} {unit}: it turns a raw error of {least:g} {unit}"
            f" into {corrected:g} {unit}, and an error must stay above zero. Correct the file."
        )
