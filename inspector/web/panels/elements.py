"""The periodic picker of elements, and what the mask leaves of their windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import panel as pn
import panel_material_ui as pmui
import param
from panel.custom import JSComponent

from inspector.science.labels import ELEMENTS, LABELS, label_index
from inspector.science.masking import window_losses
from inspector.web import icons
from inspector.web.components.html import Html
from inspector.web.page_updates import held
from inspector.web.panels.panel_parts import Words, heading
from inspector.web.state import InspectorState
from inspector.web.static_files import static_path, static_text
from inspector.web.tables.element_table import cells, losses_html, title

_STYLE = static_text("mask_table.css")


class ElementTable(JSComponent):
    """The buttons; they say which was clicked and show what they are told."""

    cells = param.List(default=cells(), doc="Key, place and colours of each button.")
    titles = param.Dict(default={}, doc="What a button says when pointed at.")
    masked = param.Dict(default={}, doc="Masked share of each element's window, 0 to 1.")
    chosen = param.List(default=[], doc="Keys of the buttons pressed.")

    _esm = static_path("elements.js")
    _stylesheets: ClassVar[list[str]] = [static_text("elements.css")]

    def __init__(self, clicked: Callable[[str], None], **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **params)
        self._clicked = clicked

    def _handle_msg(self, data: Any) -> None:
        if data in [cell["key"] for cell in self.cells]:
            self._clicked(data)


class ElementPicker(pn.viewable.Viewer):
    """Chooses elements, and steps through their windows."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._table = ElementTable(held(self.click))
        self._losses = Words(_STYLE, margin=(4, 0))
        back, on = (
            pmui.IconButton(icon=icon, description=tip, size="small", margin=0, sx={"p": "4px"})
            for icon, tip in ((icons.BACK, "Previous window (,)"), (icons.ON, "Next window (.)"))
        )
        every, none = (
            pmui.Button(label=label, variant="text", size="small", margin=0, sx={"minWidth": 0, "px": "4px"})
            for label in ("all 19", "none")
        )
        self._place = Html("", stylesheets=[_STYLE], margin=(7, 0), width=112)
        back.on_click(held(lambda _: state.step_window(-1)))
        on.on_click(held(lambda _: state.step_window(1)))
        every.on_click(held(lambda _: state.param.update(elements=list(ELEMENTS))))
        none.on_click(held(lambda _: state.param.update(elements=[])))
        self._layout = pn.Column(
            heading("Censor windows", "elements"),
            self._table,
            self._losses,
            pn.FlexBox(back, self._place, on, every, none, margin=0, gap="0px", justify_content="space-between"),
            sizing_mode="stretch_width",
            margin=0,
        )
        state.param.watch(held(self._show), ["elements", "label", "star", "inspected"])
        state.param.watch(held(self._show_place), ["elements", "view_range"])
        self._show()
        self._show_place()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def click(self, key: str) -> None:
        """Toggle an element, or choose a label of the full spectrum."""
        if key in ELEMENTS:
            self.state.toggle_element(key)
        else:
            self.state.label = key

    def _show_place(self, *_: Any) -> None:
        here, stops = self.state.window_place
        where = f"{here} of {stops} · {sum(self.state.view_range) / 2:.0f} Å" if here else f"{stops} stops"
        self._place.object = f'<div class="place">{where if stops else "no window"}</div>'

    def _show(self, *_: Any) -> None:
        state, label = self.state, LABELS[label_index(self.state.label)]
        full = "" if label.element else label.symbol
        self._table.chosen = [*state.elements, *([label.name] if full else [])]
        spectrum = state.spectrum(state.inspected) if state.star is not None else None
        losses = window_losses(spectrum) if spectrum else {}
        self._table.titles = {element: title(loss) for element, loss in losses.items()}
        self._table.masked = {element: loss.share for element, loss in losses.items()}
        self._losses.html = losses_html([losses[e] for e in ELEMENTS if e in state.elements and e in losses], full)
