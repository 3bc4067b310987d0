"""Raw and corrected errors, in a figure and in a table."""

from __future__ import annotations

from typing import Any

import panel as pn

from inspector.science.labels import label_index
from inspector.web.figures.errors import ErrorsFigure, errors_figure, legend_html
from inspector.web.figures.theme import THEMES
from inspector.web.panels.figure_panel import FigureView
from inspector.web.panels.panel_parts import Place, Words, heading, why_no_result
from inspector.web.tables.errors_table import STYLE, errors_html


class ErrorsView(FigureView[ErrorsFigure]):
    """The errors of all labels of the inspected spectrum."""

    def _new_figure(self) -> ErrorsFigure:
        return errors_figure(THEMES[self.state.theme])

    def _arrange(self) -> pn.viewable.Viewable:
        self._table = Words(STYLE)
        self._legend = Words()
        head = pn.Row(heading("Errors", "errors"), self._legend, margin=0)
        both = pn.Row(pn.Column(self._pane, width=445), self._table, sizing_mode="stretch_width")
        self._place = Place(both)
        return pn.Column(head, self._place, self._empty, sizing_mode="stretch_width")

    def _show(self, *_: Any) -> None:
        result, label = self.state.result, label_index(self.state.label)
        self._empty.text = why_no_result(self.state)
        self._place.filled = not self._empty.text
        self._figure.choose(label)
        if result is None or result.posterior is None:
            self._figure.clear()
            self._legend.html = self._table.html = ""
            return
        if self._begins(result):
            self._figure.forget()
        self._figure.show(result)
        self._legend.html = legend_html(THEMES[self.state.theme], result.noise_model.corrects)
        self._table.html = errors_html(result, label)
