"""The chosen label large, in a figure and in words."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from inspector.science.labels import LABELS, label_index
from inspector.web.figures.posterior import PosteriorFigure, posterior_figure
from inspector.web.figures.posterior_numbers import STYLE, posterior_html, why_not_drawn
from inspector.web.figures.theme import THEMES
from inspector.web.panels.figure_panel import FigureView
from inspector.web.panels.panel_parts import Words, catalogue_of, heading, label_select, why_no_result


class PosteriorView(FigureView[PosteriorFigure]):
    """The posterior of the chosen label."""

    def _new_figure(self) -> PosteriorFigure:
        return posterior_figure(THEMES[self.state.theme])

    def _arrange(self) -> pn.viewable.Viewable:
        self._title = Words(STYLE)
        self._words = Words(STYLE)
        head = pn.Row(heading("Posterior", "posterior"), label_select(self.state), self._title, margin=0)
        return pn.Column(head, self._place, self._words, self._empty, sizing_mode="stretch_width", margin=0)

    def _show(self, *_: Any) -> None:
        result, label = self.state.result, label_index(self.state.label)
        self._title.html = escape(LABELS[label].description)
        self._empty.text = why_no_result(self.state)
        self._place.filled = self._words.visible = not self._empty.text
        if result is None or result.posterior is None:
            self._figure.clear()
            self._words.html = ""
            return
        if self._begins(result, label):
            self._figure.forget()
        catalogue = catalogue_of(self.state)
        self._figure.show(result, label, catalogue)
        self._empty.text = why_not_drawn(result, label)
        self._place.filled = not self._empty.text
        self._words.html = posterior_html(result, label, catalogue, THEMES[self.state.theme])
