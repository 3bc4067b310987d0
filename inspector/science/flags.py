"""The result flags of SDSS's AstroNN tables: each rule once, with its thresholds and its words.

Everything that speaks of a flag (the result row, the page, the help) reads it here. The rules look
at the *corrected* errors. Bits and thresholds are those of SDSS Astra's AstroNN pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.labels import FE_H, LABELS, LOGG, TEFF
from inspector.science.numbers import apart_places, decimals, fixed, plain


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
        """This star's number for the comparison.

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
class Check:
    """A condition with one star's number put into it.

    Attributes
    ----------
    condition : Condition
    number : float
        This star's.
    exceeded : bool
        A number that is not a number counts as exceeded: nobody can vouch for it.
    """

    condition: Condition
    number: float

    @property
    def exceeded(self) -> bool:
        """Whether the number passes the threshold, or is no number."""
        return not self.number <= self.condition.threshold

    @property
    def margin(self) -> float:
        """Number over threshold: below 1 is within, above 1 exceeds; NaN where there is no number."""
        return self.number / self.condition.threshold

    @property
    def text(self) -> str:
        """The comparison with the numbers in: ``0.31 dex against 0.2 dex``; never alike where one is larger."""
        digits = 3 if self.condition.relative else 2
        allowed = decimals(self.number, self.condition.unit, digits)
        places = apart_places(allowed, self.number, self.condition.threshold)
        return f"{fixed(self.number, places, self.condition.unit)} against {self.condition.bound}"


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
            return "loading or normalising failed"
        return " and ".join(condition.text for condition in self.conditions)

    def check(self, value: NDArray[np.float64], error: NDArray[np.float64]) -> FlagCheck:
        """Put one star's values and corrected errors, each (22,), into the rule."""
        return FlagCheck(self, tuple(Check(c, c.number(value, error)) for c in self.conditions))


@dataclass(frozen=True)
class FlagCheck:
    """A flag with one star's numbers put into its rule."""

    flag: Flag
    checks: tuple[Check, ...]
    failed: bool = False  # only for the flag that no number decides

    @property
    def is_set(self) -> bool:
        """Whether this star carries the flag."""
        return self.failed or (bool(self.checks) and all(check.exceeded for check in self.checks))

    @property
    def margin(self) -> float:
        """Distance of the condition that decides, as number over threshold: set above 1."""
        return min((check.margin for check in self.checks), default=np.inf if self.failed else 0.0)


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
        "The spectrum could not be loaded or normalised: there is no answer to judge.",
        "Read the reason; look at the raw flux and its mask; try another visit.",
    ),
)
"""Every flag, by bit."""

NO_RESULT = FLAGS[-1]
UNCERTAIN = FLAGS[:-1]

WARN_RULE = "any flag is set"
BAD_RULE = "the flags " + ", ".join(flag.title for flag in UNCERTAIN) + " are all set"


@dataclass(frozen=True)
class FlagReport:
    """All flags of one result."""

    checks: tuple[FlagCheck, ...]

    @property
    def result_flags(self) -> int:
        """The bits as one integer."""
        return sum(1 << check.flag.bit for check in self.checks if check.is_set)

    @property
    def warn(self) -> bool:
        """flag_warn: any bit."""
        return any(check.is_set for check in self.checks)

    @property
    def bad(self) -> bool:
        """flag_bad: all of the uncertain flags together."""
        return all(check.is_set for check in self.checks if check.flag in UNCERTAIN)

    def __getitem__(self, name: str) -> FlagCheck:
        """The check of the flag called `name`."""
        return next(check for check in self.checks if check.flag.name == name)


def check_flags(value: NDArray[np.float64], error: NDArray[np.float64]) -> FlagReport:
    """Judge a result by its values and corrected errors, each of shape (22,)."""
    return FlagReport((*(flag.check(value, error) for flag in UNCERTAIN), FlagCheck(NO_RESULT, ())))


def no_result_flags() -> FlagReport:
    """The flags of a spectrum that gave no answer: `flag_no_result` and no other."""
    return FlagReport((*(FlagCheck(flag, ()) for flag in UNCERTAIN), FlagCheck(NO_RESULT, (), failed=True)))


def flag_names(result_flags: int) -> tuple[str, ...]:
    """Names of the flags set in an integer of ``result_flags``."""
    return tuple(flag.name for flag in FLAGS if result_flags >> flag.bit & 1)
