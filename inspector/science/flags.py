"""Which flags a star carries: its numbers put into the rules of `inspector.science.flag_rules`.

A number that stands within `CLEAR` Monte Carlo errors of its threshold might pass or miss it with other draws: the
flag keeps what the rule gives, and is *undecided* where that could change it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.flag_rules import NO_RESULT, UNCERTAIN, Condition, Flag
from inspector.science.monte_carlo_error import CLEAR, Influence, monte_carlo_error
from inspector.science.number_format import apart_places, decimals, fixed, is_absurd, value_error
from inspector.science.settings import MC_NUM


@dataclass(frozen=True)
class Check:
    """A condition with one star's number put into it.

    Attributes
    ----------
    condition : Condition
    number : float
        This star's.
    mc_error : float
        Its Monte Carlo error; NaN where the draws are not known.
    clearance : float
        Monte Carlo errors by which it stands above the threshold (below: negative); NaN where they are not known.
    exceeded : bool
        A number that is not a number counts as exceeded: nobody can vouch for it.
    """

    condition: Condition
    number: float
    mc_error: float = math.nan
    clearance: float = math.nan

    @property
    def exceeded(self) -> bool:
        """Whether the number exceeds the threshold, or is not a number."""
        return not self.number <= self.condition.threshold

    @property
    def undecided(self) -> bool:
        """Whether it stands so near the threshold that other draws might turn it; no draws save an absurd number."""
        return abs(self.clearance) < CLEAR and not is_absurd(self.number)

    @property
    def draws_wanted(self) -> float:
        """How many times as many draws are expected to decide it."""
        times = CLEAR / self.clearance if self.clearance else math.inf
        return times * times

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

    @property
    def margin_text(self) -> str:
        """The margin with its Monte Carlo error: ``1.01 ± 0.06 × the threshold``."""
        margin, error, what = self.margin, self.mc_error / self.condition.threshold, "× the threshold"
        if math.isnan(margin):
            return "no number"
        if math.isnan(error) or is_absurd(margin):
            return fixed(margin, 2, what)
        if math.isinf(error):
            return f"{fixed(margin, 2, what)}, too few draws to say how well known"
        if error * CLEAR > margin and not self.undecided:  # a share of a value that may be zero
            return f"far {'above' if self.exceeded else 'below'} the threshold"
        return value_error(margin, error, what, digits=1)


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
    def undecided(self) -> bool:
        """Whether other draws might turn it: some condition is undecided, and none is clearly missed."""
        missed = any(not check.exceeded and not check.undecided for check in self.checks)
        return not missed and any(check.undecided for check in self.checks)

    @property
    def draws_wanted(self) -> float:
        """How many times as many draws are expected to decide it; 1 if it is decided."""
        if not self.undecided:
            return 1.0
        near = [check for check in self.checks if check.undecided]
        missed = [check.draws_wanted for check in near if not check.exceeded]
        return min(missed) if missed else max(check.draws_wanted for check in near)

    @property
    def margin(self) -> float:
        """Distance of the condition that decides, as number over threshold: set above 1."""
        return min((check.margin for check in self.checks), default=np.inf if self.failed else 0.0)


@dataclass(frozen=True)
class FlagReport:
    """All flags of one result."""

    checks: tuple[FlagCheck, ...]

    @property
    def result_flags(self) -> int:
        """The bits as one integer."""
        return sum(1 << check.flag.bit for check in self.checks if check.is_set)

    @property
    def flags_undecided(self) -> int:
        """The bits of those that other draws might turn, as one integer."""
        return sum(1 << check.flag.bit for check in self.checks if check.undecided)

    @property
    def warn(self) -> bool:
        """flag_warn: any bit."""
        return any(check.is_set for check in self.checks)

    @property
    def bad(self) -> bool:
        """flag_bad: all of the uncertain flags together."""
        return all(check.is_set for check in self.checks if check.flag in UNCERTAIN)

    @property
    def warn_undecided(self) -> bool:
        """Whether other draws might turn flag_warn: nothing sets it for certain."""
        return bool(self.flags_undecided) and not any(check.is_set and not check.undecided for check in self.checks)

    @property
    def bad_undecided(self) -> bool:
        """Whether other draws might turn flag_bad: nothing keeps it from being set for certain."""
        judged = [check for check in self.checks if check.flag in UNCERTAIN]
        return bool(self.flags_undecided) and all(check.is_set or check.undecided for check in judged)

    def next_mc_num(self, mc_num: int) -> int | None:
        """How many draws to ask for after `mc_num` of them left a flag undecided.

        Twice as many at least, ten times as many at most; None if every flag is decided, or no more can be asked for.
        """
        if not self.flags_undecided or mc_num >= MC_NUM.high:
            return None
        times = 1.3 * max(check.draws_wanted for check in self.checks)  # the clearance itself is only an estimate
        wanted = math.ceil(mc_num * min(max(times, 2.0), 10.0) / 50) * 50
        return int(min(wanted, MC_NUM.high))

    def __getitem__(self, name: str) -> FlagCheck:
        """The check of the flag called `name`."""
        return next(check for check in self.checks if check.flag.name == name)


def check_flags(
    value: NDArray[np.float64], error: NDArray[np.float64], draws: Mapping[int, Influence] | None = None
) -> FlagReport:
    """Judge a result by its values and corrected errors.

    Parameters
    ----------
    value, error : ndarray, shape (22,)
    draws : mapping of int to Influence, optional
        How the draws moved the labels in `JUDGED`; without it no flag is undecided.
    """
    return FlagReport((*(check_flag(flag, value, error, draws or {}) for flag in UNCERTAIN), FlagCheck(NO_RESULT, ())))


def no_result_flags() -> FlagReport:
    """The flags of a spectrum that gave no answer: `flag_no_result` and no other."""
    return FlagReport((*(FlagCheck(flag, ()) for flag in UNCERTAIN), FlagCheck(NO_RESULT, (), failed=True)))


def check_flag(
    flag: Flag, value: NDArray[np.float64], error: NDArray[np.float64], draws: Mapping[int, Influence]
) -> FlagCheck:
    """Put one star's values and corrected errors, each (22,), into a flag's rule."""
    return FlagCheck(flag, tuple(check_condition(c, value, error, draws.get(c.label)) for c in flag.conditions))


def check_condition(
    condition: Condition, value: NDArray[np.float64], error: NDArray[np.float64], draws: Influence | None = None
) -> Check:
    """Put one star's values and errors, each (22,), into a condition; `draws` is its label's influence, if known."""
    number = condition.number(value, error)
    if draws is None:
        return Check(condition, number)
    e, x = float(error[condition.label]), float(value[condition.label])
    if not condition.relative:
        mc_error = monte_carlo_error(draws.error)
        return Check(condition, number, mc_error, _in_errors(e - condition.threshold, mc_error))
    # error against threshold x |value|: well behaved where the share is not, at a value near zero
    slope = condition.threshold * math.copysign(1.0, x)
    with np.errstate(all="ignore"):  # at a value near zero the share's own error may be no number
        share = monte_carlo_error((draws.error - e / x * draws.value) / x) if x else math.inf
    distance_error = monte_carlo_error(draws.error - slope * draws.value)
    return Check(condition, number, share, _in_errors(abs(e) - abs(slope * x), distance_error))


def _in_errors(distance: float, error: float) -> float:
    if math.isnan(distance) or math.isnan(error) or (math.isinf(distance) and math.isinf(error)):
        return math.nan
    return distance / error if error else math.copysign(math.inf, distance)
