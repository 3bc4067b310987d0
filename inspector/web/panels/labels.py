"""All labels at a glance; a click on a row chooses its label."""

from __future__ import annotations

from typing import Any

import panel as pn
from bokeh.events import Tap

from inspector.science.labels import LABEL_NAMES, label_index
from inspector.web.figures.label_rows import label_at
from inspector.web.figures.labels import LabelsFigure, labels_figure
from inspector.web.figures.theme import THEMES
from inspector.web.page_updates import held
from inspector.web.panels.figure_panel import FigureView
from inspector.web.panels.panel_parts import catalogue_of, heading, why_no_result
from inspector.web.state import InspectorState


class LabelsView(FigureView[LabelsFigure]):
    """The labels of the inspected spectrum."""

    FOLLOWS = ("result", "star")

    def __init__(self, state: InspectorState) -> None:
        super().__init__(state)
        state.param.watch(held(lambda event: self._figure.choose(label_index(event.new))), "label")

    def _new_figure(self) -> LabelsFigure:
        made = labels_figure(THEMES[self.state.theme])
        made.choose(label_index(self.state.label))
        for plot in made.plots:
            plot.on_event(Tap, held(self._tapped))
        return made

    def _arrange(self) -> pn.viewable.Viewable:
        return pn.Column(heading("Labels", "labels"), self._empty, self._place, sizing_mode="stretch_both", margin=0)

    def _tapped(self, event: Tap) -> None:
        label = None if event.y is None else label_at(event.y)
        if label is not None:
            self.state.label = LABEL_NAMES[label]

    def _show(self, *_: Any) -> None:
        result = self.state.result
        self._empty.text = why_no_result(self.state)
        self._place.filled = not self._empty.text
        if result is None or result.posterior is None:
            self._figure.clear()
            return
        if self._begins(result):
            self._figure.forget()
        self._figure.show(result, catalogue_of(self.state))
