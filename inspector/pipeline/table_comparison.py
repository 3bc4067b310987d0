"""A results table's answer for a spectrum against the live one."""

from __future__ import annotations

import numpy as np

from inspector.pipeline.result import Result
from inspector.science.answer_comparison import Comparison, compare_answers, difference_expected
from inspector.science.labels import LABELS
from inspector.science.table_answer import TableAnswer


def compare_with_table(answer: TableAnswer, result: Result | None) -> Comparison:
    """The live answer against the table's; flags count once there is a live answer."""
    unknown = np.full(len(LABELS), np.nan)
    live = (unknown, unknown) if result is None else (result.value, result.shown_error)
    flags = (None, 0) if result is None else (answer.result_flags, result.flags.result_flags)
    return compare_answers((answer.value, answer.shown_error), live, flags)


def table_apart(answer: TableAnswer | None, spectrum: str, result: Result | None) -> dict[int, float]:
    """How far a table's labels stand from the live ones, in joint errors, as `star_evidence` takes it.

    Parameters
    ----------
    answer : TableAnswer or None
    spectrum : str
        The one that is judged; a row about another, or another's result, says nothing of it.
    result : Result or None

    Returns
    -------
    dict of int to float
        By label index. Empty, too, where a difference is expected: it would be suggested for every star.
    """
    if answer is None or result is None or not answer.key.spectrum == spectrum == result.spectrum_name:
        return {}
    if difference_expected(answer, result.weights):
        return {}
    in_sigma = -compare_with_table(answer, result).in_sigma
    return {label: float(in_sigma[label]) for label in np.flatnonzero(np.isfinite(in_sigma)).tolist()}
