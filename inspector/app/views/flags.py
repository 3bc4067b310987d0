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
from inspector.science.star import Star


class FlagsView(pn.viewable.Viewer):
    """Each flag with its rule and this star's numbers."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._flags = Words(STYLE)
        self._star = Words(STYLE)
        self._empty = empty()
        # always there and always alike: what a button is told before the browser has drawn it may be lost
        self._more = pmui.Button(label="Draw more", icon="add", variant="outlined", size="small", margin=(0, 8))
        self._more.on_click(lambda _: held(self._draw_more)())
        head = pn.Row(heading("Flags", "flags"), self._more, margin=0)
        parts = (head, self._empty, self._flags, self._star)
        self._layout = pn.Column(*parts, sizing_mode="stretch_width", margin=0)
        state.param.watch(held(self._show), ["result", "star", "inspected"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _show(self, *_: Any) -> None:
        state = self.state
        self._flags.html = "" if state.result is None else flags_html(state.result)
        self._empty.text = why_no_result(state) if state.result is None else ""
        self._star.html = "" if state.star is None else self._of_the_file(state.star)

    def _draw_more(self) -> None:
        """Ask for as many draws as are expected to decide the flags; or say why none are asked for."""
        result, state = self.state.result, self.state
        wanted = None if result is None or state.running else result.flags.next_mc_num(result.mc_num)
        if wanted is not None:
            state.mc_num = wanted
        elif result is None or state.running:
            state.say("The draws asked for are still on their way.", "info")
        elif result.flags.flags_undecided:
            state.say(f"{result.mc_num} draws are the most there are: the star stands on the threshold.", "info")
        else:
            state.say("No flag is undecided: more draws are not expected to turn one.", "info")

    def _of_the_file(self, star: Star) -> str:
        return starflag_html(star, self.state.inspected) + mask_html(self.state.spectrum(self.state.inspected))
