"""The flags of the answer and of the star."""

from __future__ import annotations

from typing import Any

import panel as pn

from inspector.science.star import Star
from inspector.web.page_updates import held, once_drawn
from inspector.web.panels.panel_parts import Words, empty, heading, why_no_result
from inspector.web.state import InspectorState
from inspector.web.static_files import static_text
from inspector.web.tables.flags_report import STYLE, flags_html, starflag_html
from inspector.web.tables.mask_table import mask_html

_BUTTON = static_text("button.css")


class FlagsView(pn.viewable.Viewer):
    """Each flag with its rule and this star's numbers."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._flags = Words(STYLE)
        self._star = Words(STYLE)
        self._empty = empty()
        # Bokeh's own: what Panel's Material buttons are told before the browser has drawn them may be lost
        self._more = pn.widgets.Button(label="Draw more", disabled=True, margin=(0, 8), stylesheets=[_BUTTON])
        self._more.on_click(lambda _: held(self._draw_more)())
        head = pn.Row(heading("Flags", "flags"), self._more, margin=0)
        parts = (head, self._empty, self._flags, self._star)
        self._layout = pn.Column(*parts, sizing_mode="stretch_width", margin=0)
        state.param.watch(held(self._show), ["result", "star", "inspected"])
        state.param.watch(held(once_drawn(self._offer)), ["result", "running"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _show(self, *_: Any) -> None:
        state = self.state
        self._flags.html = "" if state.result is None else flags_html(state.result)
        self._empty.text = why_no_result(state) if state.result is None else ""
        self._star.html = "" if state.star is None else self._of_the_file(state.star)

    @property
    def _wanted(self) -> int | None:
        """As many draws as are expected to decide the flags; None where they are, or no more can be drawn."""
        result, state = self.state.result, self.state
        return None if result is None or state.running else result.flags.next_mc_num(result.mc_num)

    def _offer(self, *_: Any) -> None:
        self._more.disabled = self._wanted is None

    def _draw_more(self) -> None:
        if self._wanted is not None:
            self.state.mc_num = self._wanted

    def _of_the_file(self, star: Star) -> str:
        return starflag_html(star, self.state.inspected) + mask_html(self.state.spectrum(self.state.inspected))
