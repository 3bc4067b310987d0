"""Raw and corrected errors, in a figure and in a table."""

from __future__ import annotations

from typing import Any

import panel as pn

from inspector.app.figures.errors import ErrorsFigure, errors_figure, legend_html
from inspector.app.figures.errors_table import STYLE, errors_html
from inspector.app.figures.theme import THEMES
from inspector.app.held import held
from inspector.app.state import InspectorState
from inspector.app.views.pieces import Words, empty, figure_pane, heading, run_of, why_no_result
from inspector.science.labels import label_index


class ErrorsView(pn.viewable.Viewer):
    """The errors of all labels of the inspected spectrum."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._run: tuple[object, ...] = ()
        self._figure = errors_figure(THEMES[state.theme])
        self._pane = figure_pane(self._figure.layout)
        self._table = Words(STYLE)
        self._empty = empty()
        self._both = pn.Row(
            pn.Column(self._pane, width=445), self._table, sizing_mode="stretch_width"
        )
        self._legend = Words()
        self._legend.html = legend_html(THEMES[state.theme])
        head = pn.Row(heading("Errors", "errors"), self._legend, margin=0)
        self._layout = pn.Column(head, self._both, self._empty, sizing_mode="stretch_width")
        state.param.watch(held(self._show), ["result", "star", "label"])
        state.param.watch(held(self._repaint), "theme")
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    @property
    def figure(self) -> ErrorsFigure:
        """The figure on screen."""
        return self._figure

    def _show(self, *_: Any) -> None:
        result, label = self.state.result, label_index(self.state.label)
        self._empty.text = why_no_result(self.state)
        self._both.visible = not self._empty.text
        self._figure.choose(label)
        if result is None or result.posterior is None:
            self._figure.clear()
            self._table.html = ""
            return
        if run_of(result) != self._run:
            self._figure.forget()
            self._run = run_of(result)
        self._figure.show(result)
        self._table.html = errors_html(result, label)

    def _repaint(self, *_: Any) -> None:
        self._figure = errors_figure(THEMES[self.state.theme])
        self._legend.html = legend_html(THEMES[self.state.theme])
        self._show()
        self._pane.object = self._figure.layout
