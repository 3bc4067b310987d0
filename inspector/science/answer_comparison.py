"""Two answers for one spectrum, label by label: a results table's against the live one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.flag_rules import flag_names
from inspector.science.labels import LABELS
from inspector.science.table_answer import TableAnswer
from inspector.science.weights_card import WeightsCard

NOTICEABLE = 1.0
"""Both answers saw the same photons, so that even one sigma between them is much."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """How one answer differs from another.

    Attributes
    ----------
    difference : ndarray
        The second minus the first, label units. Shape (22,).
    in_sigma : ndarray
        That over both errors in quadrature; an error that one of them does not state counts as none. Shape (22,).
    flags_gone, flags_new : tuple of str
        Flags that the first sets and the second does not, and the other way round; empty where the first has none.
    """

    difference: NDArray[np.float64]
    in_sigma: NDArray[np.float64]
    flags_gone: tuple[str, ...] = ()
    flags_new: tuple[str, ...] = ()

    @property
    def flags_differ(self) -> bool:
        """Whether they set different flags."""
        return bool(self.flags_gone or self.flags_new)

    @property
    def flags_sentence(self) -> str:
        """Which flags only one of the two sets, where the first is a table's and the second live; else empty."""
        one_sided = (("the table", self.flags_gone), ("the live answer", self.flags_new))
        said = [f"only {who} sets {', '.join(flags)}" for who, flags in one_sided if flags]
        return f"The flags differ: {'; '.join(said)}." if said else ""

    @property
    def labels(self) -> int:
        """How many labels both have."""
        return int(np.isfinite(self.difference).sum())

    @property
    def largest(self) -> int | None:
        """Index of the label that differs by most sigmas; None where no label can be compared so."""
        known = np.abs(self.in_sigma)
        return None if not np.isfinite(known).any() else int(np.nanargmax(known))

    @property
    def noticeable(self) -> tuple[str, ...]:
        """Names of the labels that differ by more than `NOTICEABLE` sigmas, the largest difference first."""
        known = np.nan_to_num(np.abs(self.in_sigma))
        return tuple(LABELS[i].name for i in np.argsort(-known, kind="stable") if known[i] > NOTICEABLE)


def difference_expected(answer: TableAnswer, card: WeightsCard) -> bool:
    """Whether the survey's own network made a table, and weights that are no match for it answer here."""
    return answer.official and card.demonstration and not answer.weights_hash


def compare_answers(
    first: tuple[NDArray[np.float64], NDArray[np.float64]],
    second: tuple[NDArray[np.float64], NDArray[np.float64]],
    flags: tuple[int | None, int] = (None, 0),
) -> Comparison:
    """Compare two answers for one spectrum.

    Parameters
    ----------
    first, second : (value, error)
        Label units, NaN where unknown. Shapes (22,) each.
    flags : (int or None, int)
        ``result_flags`` of both; None where the first does not state any.
    """
    difference = second[0] - first[0]
    errors = np.array([first[1], second[1]])
    stated = np.isfinite(errors).any(axis=0)
    both = np.hypot(*np.nan_to_num(errors, nan=0.0, posinf=0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        in_sigma = np.where(stated & (both > 0), difference / both, np.nan)
    before, now = flags
    gone, new = (0, 0) if before is None else (before & ~now, now & ~before)
    return Comparison(difference, in_sigma, flag_names(gone), flag_names(new))
