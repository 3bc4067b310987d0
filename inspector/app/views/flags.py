"""The flags of the answer and of the star."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

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
        self._more = pmui.Button(label="", icon="add", variant="outlined", size="small", margin=(2, 6))
        self._more.on_click(lambda _: held(self._draw_more)())
        self._undecided = pn.Column(sizing_mode="stretch_width", margin=0)  # holds the button while it has a use
        parts = (heading("Flags", "flags"), self._undecided, self._empty, self._flags, self._star)
        self._layout = pn.Column(*parts, sizing_mode="stretch_width", margin=0)
        state.param.watch(held(self._show), ["result", "star", "inspected"])
        state.param.watch(held(self._offer), ["result", "running"])
        self._show()
        self._offer()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _show(self, *_: Any) -> None:
        state = self.state
        self._flags.html = "" if state.result is None else flags_html(state.result)
        self._empty.text = why_no_result(state) if state.result is None else ""
        self._star.html = "" if state.star is None else self._of_the_file(state.star)

    @property
    def _next_mc_num(self) -> int | None:
        """How many draws are expected to decide what is undecided; None while draws arrive and where none would."""
        result = self.state.result
        return None if result is None or self.state.running else result.flags.next_mc_num(result.mc_num)

    def _offer(self, *_: Any) -> None:
        wanted = self._next_mc_num
        if wanted is not None:
            self._more.label = f"Draw more: {wanted} draws"
        if bool(self._undecided.objects) != (wanted is not None):
            self._undecided.objects = [] if wanted is None else [self._more]

    def _draw_more(self) -> None:
        wanted = self._next_mc_num
        if wanted is not None:
            self.state.mc_num = wanted

    def _of_the_file(self, star: Star) -> str:
        return starflag_html(star, self.state.inspected) + mask_html(self.state.spectrum(self.state.inspected))
