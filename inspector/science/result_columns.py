"""The result table, column by column: name, type, unit and sentence, each stated once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from inspector.science.flag_rules import BAD_RULE, FLAGS, UNDECIDED_RULE, WARN_RULE
from inspector.science.labels import LABELS


@dataclass(frozen=True)
class Column:
    """One column of the result table: its name, type, unit and sentence; `later` if older tables may lack it."""

    name: str
    dtype: type
    unit: str | None
    description: str
    later: bool = False

    @property
    def blank(self) -> Any:
        """What stands in it where there is no answer."""
        return {float: np.nan, int: 0, bool: False, str: ""}[self.dtype]


def _label_columns() -> tuple[Column, ...]:
    return tuple(
        Column(prefix + label.name, float, label.unit, description.format(label.description, label.symbol))
        for label in LABELS
        for prefix, description in (
            ("", "{}"),
            ("e_", "Corrected 1-sigma error of {1}"),
            ("raw_", "{} before any correction (equal: the noise model changes errors only)"),
            ("raw_e_", "Raw 1-sigma error of {1}: model and predictive error in quadrature"),
        )
    )


def _fit_columns() -> tuple[Column, ...]:
    return tuple(
        Column(f"fit_{prefix}{label.name}", float, label.unit, description.format(label.symbol))
        for label in LABELS
        for prefix, description in (
            ("", "{} of the best-fitting model spectrum"),
            ("e_", "Formal 1-sigma error of the fit's {}; infinite where the model's range stopped it"),
        )
    )


COLUMNS: tuple[Column, ...] = (
    Column("star_id", str, None, "APOGEE id, or the best name the file has"),
    Column("file", str, None, "Name of the file the spectrum was read from"),
    Column("path", str, None, "That file's path as it was given; its name alone where it was uploaded"),
    Column("file_sha256", str, None, "SHA-256 of that file as it is on disk, packed or not; empty if it was not read"),
    Column("spectrum", str, None, "Which spectrum of the file: coadd or a visit"),
    Column("snr", float, None, "Median signal-to-noise per pixel"),
    Column("mc_num", int, None, "Number of dropout draws"),
    Column("seed", int, None, "Seed of the draws"),
    Column("dropout_rate", float, None, "Dropout rate of the draws"),
    Column("weights_hash", str, None, "SHA-256 of the network's weights"),
    Column("noise_model_hash", str, None, "SHA-256 of the noise model's numbers; empty where errors are raw"),
    Column("edits", str, None, "What was changed in the spectrum on purpose; empty where nothing was", later=True),
    *_label_columns(),
    Column("result_flags", int, None, "Bits of the flags below"),
    *(Column(flag.name, bool, None, f"Bit {flag.bit}: {flag.rule}") for flag in FLAGS),
    Column("flag_warn", bool, None, f"Set if {WARN_RULE}"),
    Column("flag_bad", bool, None, f"Set if {BAD_RULE}"),
    Column("flags_undecided", int, None, UNDECIDED_RULE),
    Column("reason", str, None, "Why there is no result; empty where there is one"),
    Column("remark", str, None, "What else a reader of this row should know"),
)
"""The result table, column by column, in order."""

GOODNESS_COLUMNS: tuple[Column, ...] = (
    Column("fit_ok", bool, None, "Whether the model spectrum of the answered labels explains the observed one"),
    Column("fit_chi2", float, None, "Reduced chi-square of that model: photon noise and model error in quadrature"),
    Column("fit_corr", float, None, "Correlation of observed and model lines"),
    Column("fit_velocity", float, "km/s", "Offset of the observed lines from the model's; positive: moving away"),
    Column("fit_e_velocity", float, "km/s", "Its 1-sigma error"),
    Column(
        "fit_broadening", float, "km/s", "Rotation that broadens the model's lines to the observed; negative: sharper"
    ),
)
"""Further columns where the fit of the answer was asked for."""

FIT_COLUMNS: tuple[Column, ...] = _fit_columns()
"""Further columns where the best-fitting labels were asked for, after `GOODNESS_COLUMNS`."""

OPTIONAL_COLUMNS = GOODNESS_COLUMNS + FIT_COLUMNS
