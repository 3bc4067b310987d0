"""The result flags of SDSS's AstroNN tables: each rule once, with its thresholds and its words.

Everything that speaks of a flag (the result row, the page, the help) reads it here. The rules look
at the *corrected* errors. Bits and thresholds are those of SDSS Astra's AstroNN pipeline.
`inspector.science.flags` puts a star's numbers into them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.labels import FE_H, LABELS, LOGG, TEFF
from inspector.science.monte_carlo_error import CLEAR
from inspector.science.number_format import plain


@dataclass(frozen=True)
class Condition:
    """One comparison of a rule: a number that must not exceed a threshold.

    Attributes
    ----------
    label : int
        Index of the label it looks at.
    threshold : float
        In label units, or dimensionless where `relative`.
    relative : bool
        Whether the error is compared as it is or as a share of the value.
    """

    label: int
    threshold: float
    relative: bool

    @property
    def text(self) -> str:
        """The comparison in words: ``|error of log g / log g| > 0.075``."""
        label = LABELS[self.label]
        if self.relative:
            return f"|error of {label.symbol} / {label.symbol}| > {self.bound}"
        return f"error of {label.symbol} > {self.bound}"

    @property
    def unit(self) -> str:
        """Of the number and the threshold; empty where they are shares."""
        return "" if self.relative else LABELS[self.label].unit

    @property
    def bound(self) -> str:
        """The threshold with its unit: ``0.2 dex``."""
        return plain(self.threshold, self.unit)

    def number(self, value: NDArray[np.float64], error: NDArray[np.float64]) -> float:
        """The number of a star for the comparison.

        A share of a value of exactly zero is infinite (any error is large beside nothing), unless the
        error is zero too; not a number stays so.
        """
        e, x = float(error[self.label]), float(value[self.label])
        if not self.relative:
            return e
        if x == 0:
            return 0.0 if e == 0 else abs(e) * np.inf
        return abs(e / x)


@dataclass(frozen=True)
class Flag:
    """One bit of ``result_flags``.

    Attributes
    ----------
    bit : int
    name : str
        Column name.
    title : str
        As a heading.
    conditions : tuple of Condition
        All must be exceeded for the flag to be set; none for a flag that no number decides.
    meaning : str
        What it tells about the star.
    advice : str
        What to look at next.
    """

    bit: int
    name: str
    title: str
    conditions: tuple[Condition, ...]
    meaning: str
    advice: str

    @property
    def rule(self) -> str:
        """When it is set, in words."""
        if not self.conditions:
            return "loading or normalising failed, or the answer cannot be a star's"
        return " and ".join(condition.text for condition in self.conditions)


FLAGS: tuple[Flag, ...] = (
    Flag(
        0,
        "flag_uncertain_logg",
        "Uncertain log g",
        (Condition(LOGG, 0.2, relative=False), Condition(LOGG, 0.075, relative=True)),
        "The surface gravity is poorly known, in dex and as a share of its value.",
        "Look at the log g posterior and at the signal-to-noise; then see whether the visits agree.",
    ),
    Flag(
        1,
        "flag_uncertain_teff",
        "Uncertain Teff",
        (Condition(TEFF, 300.0, relative=False),),
        "The temperature is poorly known; every abundance leans on it.",
        "Check that the continuum follows the spectrum and that the star lies in the training range.",
    ),
    Flag(
        2,
        "flag_uncertain_fe_h",
        "Uncertain [Fe/H]",
        (Condition(FE_H, 0.12, relative=True),),
        "The error of [Fe/H] is large beside its value. Near solar metallicity the value is close to"
        " zero, so that even a small error sets this flag.",
        "Judge the error in dex by itself before you discard a star of solar metallicity.",
    ),
    Flag(
        11,
        "flag_no_result",
        "No result",
        (),
        "The spectrum could not be loaded or normalised, or the network's answer cannot be a star's: there is no"
        " answer to judge.",
        "Read the reason; look at the raw flux and its mask, and at other spectra of the star if there are any.",
    ),
)
"""Every flag, by bit."""

NO_RESULT = FLAGS[-1]
UNCERTAIN = FLAGS[:-1]

JUDGED = tuple(dict.fromkeys(condition.label for flag in UNCERTAIN for condition in flag.conditions))
"""The labels that any rule looks at."""

WARN_RULE = "any flag is set"
BAD_RULE = "the flags " + ", ".join(flag.title for flag in UNCERTAIN) + " are all set"

UNDECIDED_RULE = (
    f"Bits of the flags that other draws might turn: within {plain(CLEAR)} Monte Carlo errors of a threshold"
)


def flag_names(result_flags: int) -> tuple[str, ...]:
    """Names of the flags set in an integer of ``result_flags``."""
    return tuple(flag.name for flag in FLAGS if result_flags >> flag.bit & 1)
