"""HTML that changes."""

from __future__ import annotations

import panel as pn
from bokeh.model import Model


class Html(pn.pane.HTML):
    """Panel's pane, which sends its text alone when that changes.

    Panel's own sends all it has, its style sheets too, by the addresses they have on another host: in a notebook the
    browser would fetch them from there.
    """

    def _update(self, ref: str, model: Model) -> None:
        model.update(text=self._get_properties(model.document)["text"])
