"""The chosen label large, in a figure and in words."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from inspector.app.figures.posterior import PosteriorFigure, posterior_figure
from inspector.app.figures.posterior_words import STYLE, posterior_html
from inspector.app.figures.theme import THEMES
from inspector.app.held import held
from inspector.app.state import InspectorState
from inspector.app.views.pieces import Words, catalogue_of, empty, figure_pane, heading, run_of, why_no_result
from inspector.science.labels import LABELS, label_index


class PosteriorView(pn.viewable.Viewer):
    """The posterior of the chosen label."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._run: tuple[object, ...] = ()
        self._figure = posterior_figure(THEMES[state.theme])
        self._pane = figure_pane(self._figure.plot)
        self._title = Words(STYLE)
        self._words = Words(STYLE)
        self._empty = empty()
        head = pn.Row(heading("Posterior", "posterior"), self._title, margin=0)
        self._layout = pn.Column(
            head, self._pane, self._words, self._empty, sizing_mode="stretch_width", margin=0
        )
        state.param.watch(held(self._show), ["result", "star", "label"])
        state.param.watch(held(self._repaint), "theme")
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    @property
    def figure(self) -> PosteriorFigure:
        """The figure on screen."""
        return self._figure

    def _show(self, *_: Any) -> None:
        result, label = self.state.result, label_index(self.state.label)
        self._title.html = f"{escape(LABELS[label].symbol)} · {escape(LABELS[label].description)}"
        self._empty.text = why_no_result(self.state)
        self._pane.visible = self._words.visible = not self._empty.text
        if result is None or result.posterior is None:
            self._figure.clear()
            self._words.html = ""
            return
        run = (*run_of(result), label)
        if run != self._run:
            self._figure.forget()
            self._run = run
        catalogue = catalogue_of(self.state)
        self._figure.show(result, label, catalogue)
        self._words.html = posterior_html(result, label, catalogue, THEMES[self.state.theme])

    def _repaint(self, *_: Any) -> None:
        self._figure = posterior_figure(THEMES[self.state.theme])
        self._show()
        self._pane.object = self._figure.plot
