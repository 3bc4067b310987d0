"""A results table's answer for the star on screen beside the live one."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from inspector.pipeline.result import Result
from inspector.pipeline.table_comparison import compare_with_table
from inspector.science.answer_comparison import Comparison, difference_expected
from inspector.science.labels import LABELS, label_index
from inspector.science.number_format import fixed
from inspector.science.provenance import SHORT
from inspector.science.table_answer import TableAnswer
from inspector.science.weights_card import WeightsCard
from inspector.web.page_updates import held
from inspector.web.panels.panel_parts import Place, Sentence, Words, empty, heading, note, why_no_result
from inspector.web.state import InspectorState
from inspector.web.tables.table_answer import STYLE, Answer, table_answer_html

NO_TABLE = (
    "This star was not opened from a results table. Give one when you start the program, or drop one on the page: its"
    " labels then stand here beside the live ones."
)
NO_LABELS = "The table has no labels for this spectrum."


class TableAnswerView(pn.viewable.Viewer):
    """Table and live answer, label by label, with their flags and which weights made each."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._table, self._empty = Words(STYLE), empty()
        self._expected, self._flags, self._made = note(), note(), Sentence()
        whole = pn.Column(self._made, self._expected, self._flags, self._table, sizing_mode="stretch_width", margin=0)
        self._place = Place(whole)
        self._layout = pn.Column(
            heading("Table and live answer", "table"), self._place, self._empty, sizing_mode="stretch_width"
        )
        state.param.watch(held(self._show), ["table_answer", "result", "label", "inspected"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _show(self, *_: Any) -> None:
        answer, result = self.state.table_answer, self.state.result
        self._empty.text = self._why_nothing(answer)
        self._place.filled = not self._empty.text
        if self._empty.text or answer is None:
            self._table.html = self._made.text = self._expected.text = self._flags.text = ""
            return
        comparison, live = compare_with_table(answer, result), live_answer(result)
        label = label_index(self.state.label)
        self._table.html = table_answer_html((answer.value, answer.shown_error), live, comparison, label)
        self._made.text = made_sentence(answer, comparison)
        self._expected.text = why_no_result(self.state) or expectation(answer, result)
        self._flags.text = comparison.flags_sentence

    def _why_nothing(self, answer: TableAnswer | None) -> str:
        if answer is None:
            return NO_TABLE
        if self.state.star is not None and answer.key.spectrum != self.state.inspected:
            return f"The table's row is about {answer.key.spectrum}; {self.state.inspected} is inspected."
        return NO_LABELS if answer.empty else ""


def live_answer(result: Result | None) -> Answer:
    """Value and error of every label; NaN where there is no answer yet, or none at all."""
    nothing = np.full(len(LABELS), np.nan)
    return (nothing, nothing) if result is None else (result.value, result.shown_error)


def made_sentence(answer: TableAnswer, comparison: Comparison) -> str:
    """Which table, who made it, and the largest difference."""
    parts = [
        f"Row {answer.row + 1} of {answer.table}",
        answer.made_by or "the table does not say which weights made it",
    ]
    if answer.weights_hash:
        parts.append(f"weights {answer.weights_hash[:SHORT]}")
    if comparison.largest is not None:
        sigma = fixed(abs(float(comparison.in_sigma[comparison.largest])), 1)
        parts.append(f"largest difference {sigma}σ in {LABELS[comparison.largest].symbol}")
    return " · ".join(parts)


def expectation(answer: TableAnswer, result: Result | None) -> str:
    """What the two may be expected to differ by; empty where there is nothing to say."""
    if result is None or (answer.weights_hash and answer.weights_hash == result.weights.sha256):
        return ""
    card = result.weights
    if answer.weights_hash:
        return (
            f"Other weights made the table ({answer.weights_hash[:SHORT]}; here {card.short_hash}): labels may differ."
        )
    return _of_demonstration(card) if difference_expected(answer, card) else ""


def _of_demonstration(card: WeightsCard) -> str:
    return (
        "A difference is expected: SDSS made the table with its own network, trained on real stars; here"
        f" {card.name} answer, trained on {card.training_set}"
    )
