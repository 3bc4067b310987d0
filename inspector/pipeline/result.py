"""The answer for one spectrum, and the row it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inspector.pipeline.correction import correction_for
from inspector.pipeline.prepare import Prepared, Subject
from inspector.pipeline.second_opinion import SecondOpinion
from inspector.science.flag_rules import JUDGED
from inspector.science.flags import FlagReport, check_flags, no_result_flags
from inspector.science.labels import LABELS
from inspector.science.monte_carlo_error import influence
from inspector.science.plausibility import why_impossible
from inspector.science.posterior import Posterior
from inspector.science.provenance import Provenance
from inspector.science.result_columns import COLUMNS
from inspector.science.settings import Settings
from inspector.science.training_range import outside_training

if TYPE_CHECKING:  # torch takes seconds to import: who only looks at results need not wait for it
    from inspector.science.edit import Edit
    from inspector.science.noise_model import NoiseModel
    from inspector.science.sampling import Askable
    from inspector.science.weights_card import WeightsCard


@dataclass(frozen=True, eq=False)
class Result:
    """The answer for one spectrum.

    Attributes
    ----------
    star_id, file, spectrum_name : str
        Whose and which spectrum.
    snr : float
        Median signal-to-noise per pixel.
    settings : Settings
        Of the draws, settled.
    weights : WeightsCard
        Which weights answered.
    noise_model : NoiseModel
        The one that corrected the errors; where they are raw, one that changes nothing.
    posterior : Posterior or None
        The draws; None where there is no result.
    flags : FlagReport
        Each rule with this spectrum's numbers put into it.
    reason : str
        Why there is no result; empty where there is one.
    remark : str
        What else should be known.
    path, file_sha256 : str
        Which file it was read from, of all that have its name.
    edits : tuple of Edit
        What was changed in the spectrum on purpose before it was asked about.
    opinion : SecondOpinion or None
        That of the model spectra; None where nobody asked for one.
    """

    star_id: str
    file: str
    spectrum_name: str
    snr: float
    settings: Settings
    weights: WeightsCard
    noise_model: NoiseModel
    posterior: Posterior | None
    value: NDArray[np.float64]  # (22,) label units
    raw_error: NDArray[np.float64]  # (22,)
    error: NDArray[np.float64]  # (22,)
    flags: FlagReport
    reason: str = ""
    remark: str = ""
    path: str = ""
    file_sha256: str = ""
    edits: tuple[Edit, ...] = ()
    opinion: SecondOpinion | None = None

    @property
    def provenance(self) -> Provenance:
        """What decided it."""
        return Provenance.of(self.settings, self.weights, self.noise_model, self.edits)

    @property
    def mc_num(self) -> int:
        """Number of draws."""
        return self.settings.mc_num

    @property
    def seed(self) -> int | None:
        """Of the draws; None where nobody named one and nothing could be drawn."""
        return self.settings.seed

    @property
    def dropout_rate(self) -> float | None:
        """Of the draws."""
        return self.settings.dropout_rate

    @property
    def drawn(self) -> Posterior:
        """The draws, for who knows that there are some."""
        assert self.posterior is not None
        return self.posterior

    @property
    def shown_error(self) -> NDArray[np.float64]:
        """The error that stands beside a value: corrected, or raw where the noise model leaves the label out. (22,)."""
        return np.where(np.isnan(self.error), self.raw_error, self.error)

    def row(self) -> dict[str, Any]:
        """The result as one row of the table: `COLUMNS`, and those of a second opinion where one was asked for."""
        row: dict[str, Any] = {
            "star_id": _text(self.star_id),
            "file": _text(self.file),
            "path": _path_text(self.path),
            "file_sha256": self.file_sha256,
            "spectrum": _text(self.spectrum_name),
            "snr": float(self.snr),
            **self.provenance.columns,
        }
        for label, value, error, raw_error in zip(LABELS, self.value, self.error, self.raw_error):
            row[label.name] = row[f"raw_{label.name}"] = float(value)
            row[f"e_{label.name}"], row[f"raw_e_{label.name}"] = float(error), float(raw_error)
        row["result_flags"] = self.flags.result_flags
        row["flags_undecided"] = self.flags.flags_undecided
        row |= {check.flag.name: check.is_set for check in self.flags.checks}
        row |= {"flag_warn": self.flags.warn, "flag_bad": self.flags.bad, "reason": _text(self.reason)}
        row["remark"] = _text(self.remark)
        opinion = self.opinion.columns if self.opinion is not None else {}
        return {column.name: row[column.name] for column in COLUMNS} | opinion


def _text(text: str) -> str:
    """One line, without white space at its ends: what every table format gives back as it was."""
    return " ".join(text.split())


def _path_text(path: str) -> str:
    """A path as it is, but for what a table cannot hold: control characters and undecodable bytes are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path).strip()


def judge(subject: Subject, posterior: Posterior, network: Askable, noise_model: NoiseModel | None) -> Result:
    """Turn draws into a result: correct the errors, then check the flags on the corrected ones.

    Draws that cannot be a star's give no result, with the reason.
    """
    settings = Settings(posterior.mc_num, posterior.seed, posterior.dropout_rate)
    if reason := why_impossible(posterior):
        asked = Prepared(subject, None, posterior.seed, reason)
        return no_result(asked, network, noise_model, settings)
    value, raw_error = posterior.value, posterior.total_error
    correction = correction_for(network.card, noise_model)
    error, scale = correction.noise_model.correct(raw_error), correction.noise_model.scale
    shown = np.where(np.isnan(error), raw_error, error)
    remarks = filter(None, (subject.remark, correction.remark, outside_training(value, shown, network.card)))
    return Result(
        **(vars(subject) | {"remark": " ".join(remarks)}),
        settings=settings,
        weights=network.card,
        noise_model=correction.noise_model,
        posterior=posterior,
        value=value,
        raw_error=raw_error,
        error=error,
        flags=check_flags(value, error, {i: influence(posterior, i, scale[i]) for i in JUDGED}),
    )


def no_result(prepared: Prepared, network: Askable, noise_model: NoiseModel | None, settings: Settings) -> Result:
    """A result that says why there is no answer: no number in it looks like one."""
    nothing = np.full(len(LABELS), np.nan)
    return Result(
        **vars(prepared.subject),
        settings=settings.settled(prepared.seed, network.dropout_rate),
        weights=network.card,
        noise_model=correction_for(network.card, noise_model).noise_model,
        posterior=None,
        value=nothing,
        raw_error=nothing,
        error=nothing,
        flags=no_result_flags(),
        reason=prepared.reason,
    )
