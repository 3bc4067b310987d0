"""What a model spectrum says of a network's answer: whether it fits, and which labels would fit best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from numpy.typing import ArrayLike

from inspector.exceptions import InspectorError, SettingsError
from inspector.pipeline.model_spectrum import fit, goodness_of_fit
from inspector.science.fit import Fit
from inspector.science.goodness_of_fit import GoodnessOfFit
from inspector.science.labels import LABELS
from inspector.science.result_columns import FIT_COLUMNS, GOODNESS_COLUMNS
from inspector.science.spectrum import NormalizedSpectrum

Wanted = Literal["goodness", "fit"]
"""Whether the answer fits; that, and the labels that fit best."""

WANTED: tuple[Wanted, ...] = ("goodness", "fit")


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """Of one answer.

    Attributes
    ----------
    wanted : {"goodness", "fit"}
        What was asked for.
    goodness : GoodnessOfFit or None
        Of the answered labels.
    fit : Fit or None
        The labels whose model fits best, found from the answered ones.
    reason : str
        Why one that was asked for is not there; empty where nothing is missing.
    """

    wanted: Wanted
    goodness: GoodnessOfFit | None = None
    fit: Fit | None = None
    reason: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """As further columns of a result's row; where there is nothing to say, they are blank."""
        asked = GOODNESS_COLUMNS + (FIT_COLUMNS if self.wanted == "fit" else ())
        return {column.name: column.blank for column in asked} | self._goodness_values() | self._fit_values()

    def _goodness_values(self) -> dict[str, Any]:
        judged = self.goodness
        if judged is None:
            return {}
        return {
            "fit_ok": judged.fits,
            "fit_chi2": judged.chi2,
            "fit_corr": judged.correlation,
            "fit_velocity": judged.velocity,
            "fit_e_velocity": judged.e_velocity,
            "fit_broadening": judged.broadening,
        }

    def _fit_values(self) -> dict[str, Any]:
        if self.fit is None:
            return {}
        row: dict[str, Any] = {}
        for label, value, error in zip(LABELS, self.fit.labels, self.fit.errors):
            row |= {f"fit_{label.name}": float(value), f"fit_e_{label.name}": float(error)}
        return row


def judge_answer(spectrum: NormalizedSpectrum, labels: ArrayLike) -> SecondOpinion:
    """Whether the answered labels (22,) explain a spectrum, or the reason why nobody can tell."""
    try:
        return SecondOpinion("goodness", goodness_of_fit(spectrum, labels))
    except InspectorError as error:
        return SecondOpinion("goodness", reason=str(error))


def add_fit(opinion: SecondOpinion, spectrum: NormalizedSpectrum, labels: ArrayLike) -> SecondOpinion:
    """The same with the labels that fit best, searched for from the answered ones (22,)."""
    if opinion.goodness is None:
        return replace(opinion, wanted="fit")
    try:
        return replace(opinion, wanted="fit", fit=fit(spectrum, labels))
    except InspectorError as error:
        return replace(opinion, wanted="fit", reason=str(error))


def second_opinion(spectrum: NormalizedSpectrum | None, labels: ArrayLike, wanted: Wanted) -> SecondOpinion:
    """What was asked for; an empty one where there is no answered spectrum to judge by.

    Raises
    ------
    SettingsError
        If there is no second opinion of that name.
    """
    if wanted not in WANTED:
        raise SettingsError(f"{wanted!r} is not a second opinion. Ask for one of {', '.join(map(repr, WANTED))}.")
    if spectrum is None:
        return SecondOpinion(wanted, reason="There is no answer to judge.")
    judged = judge_answer(spectrum, labels)
    return add_fit(judged, spectrum, labels) if wanted == "fit" else judged
