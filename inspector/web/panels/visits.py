"""The visits beside the coadd, for the chosen label."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.science.labels import label_index
from inspector.web.figures.theme import THEMES
from inspector.web.figures.visits import VisitsFigure, draws_text, odd_one_out, visits_figure
from inspector.web.page_updates import held
from inspector.web.panels.figure_panel import FigureView
from inspector.web.panels.panel_parts import NO_WEIGHTS, Sentence, heading, label_select
from inspector.web.state import InspectorState

_AXES = {"MJD": "mjd", "S/N": "snr"}


class VisitsView(FigureView[VisitsFigure]):
    """One label from visit to visit."""

    FOLLOWS = ("visit_results", "star", "label", "inspected")

    def _new_figure(self) -> VisitsFigure:
        made = visits_figure(THEMES[self.state.theme])
        made.visits.selected.on_change("indices", held(self._clicked))
        return made

    def _arrange(self) -> pn.viewable.Viewable:
        self._axis = pmui.RadioButtonGroup(options=_AXES, value="mjd", size="small", margin=(0, 8))
        self._label = label_select(self.state)
        self._hint = Sentence()
        self._axis.param.watch(held(self._show), "value")
        head = pn.Row(heading("Visits", "visits"), self._label, self._axis, self._hint, margin=0)
        return pn.Column(head, self._place, self._empty, sizing_mode="stretch_width")

    def _clicked(self, attr: str, old: list[int], new: list[int]) -> None:
        if new:
            self.state.inspected = self._figure.visits.data["name"][new[0]]
            self._figure.visits.selected.indices = []

    def _show(self, *_: Any) -> None:
        state, label = self.state, label_index(self.state.label)
        star, results = state.star, state.visit_results
        self._empty.text = _why_empty(state)
        self._place.filled = not self._empty.text
        self._hint.text = ""
        if star is None or self._empty.text:
            self._figure.clear()
            return
        self._figure.show(star, results, label, self._axis.value, state.inspected)
        self._hint.text = f"{draws_text(star, results)}. {odd_one_out(star, results, label)}"


def _why_empty(state: InspectorState) -> str:
    if state.star is None:
        return "No star is open yet."
    if len(state.star.visits) < 2:
        return "This file has one visit or none: there is nothing to compare."
    if state.visit_results:
        return ""
    return NO_WEIGHTS if state.network is None else "The network is drawing for each visit …"
