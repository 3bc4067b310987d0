"""The flags of the answer and of the star."""

from __future__ import annotations

from typing import Any

import panel as pn

from inspector.app.figures.flags import STYLE, flags_html, starflag_html
from inspector.app.figures.mask_table import mask_html
from inspector.app.held import held
from inspector.app.state import InspectorState
from inspector.app.views.pieces import Words, empty, heading, why_no_result
from inspector.science.spectrum import Star


class FlagsView(pn.viewable.Viewer):
    """Each flag with its rule and this star's numbers."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._flags = Words(STYLE)
        self._star = Words(STYLE)
        self._empty = empty()
        self._layout = pn.Column(
            heading("Flags", "flags"), self._empty, self._flags, self._star, sizing_mode="stretch_width", margin=0
        )
        state.param.watch(held(self._show), ["result", "star", "inspected"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _show(self, *_: Any) -> None:
        state = self.state
        self._flags.html = "" if state.result is None else flags_html(state.result)
        self._empty.text = why_no_result(state) if state.result is None else ""
        self._star.html = "" if state.star is None else self._of_the_file(state.star)

    def _of_the_file(self, star: Star) -> str:
        return starflag_html(star, self.state.inspected) + mask_html(self.state.spectrum(self.state.inspected))
