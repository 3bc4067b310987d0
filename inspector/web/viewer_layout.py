"""How a viewer is arranged: the page's parts, without the page's frame."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from bokeh.model import Model
from panel_material_ui.base import MaterialComponent

from inspector.web import icons
from inspector.web.components.messages import Messages
from inspector.web.inspection import Inspection
from inspector.web.material_theme import MATERIAL
from inspector.web.page_updates import held
from inspector.web.panels import ElementPicker
from inspector.web.panels.choice import Choice
from inspector.web.panels.network_controls import Controls
from inspector.web.panels.panel_parts import heading
from inspector.web.star_view import Room, star_view
from inspector.web.static_files import static_text

CELL = Room(static_text("viewer.css"), "stretch_width", 400)
MESSAGES = static_text("viewer_messages.css")


class Parts(pn.Column):
    """What a viewer shows.

    Every Material component carries all of Material's script where no server hands it out; the browser runs the
    first one's for all of them.
    """

    def _get_model(
        self, doc: Document, root: Model | None = None, parent: Model | None = None, comm: Any = None
    ) -> Model:
        model = super()._get_model(doc, root, parent, comm)
        if doc.session_context is None:
            carriers = [part for part in self.select() if isinstance(part, MaterialComponent)]
            for part in carriers[1:]:
                for made, _ in part._models.values():  # noqa: SLF001  no public way: a test tells when it changes
                    made.esm = ""
        return model


def viewer_layout(inspection: Inspection) -> Parts:
    """The parts, from top to bottom."""
    state = inspection.state
    parts = [
        *([_star_choice(inspection)] if len(state.stars) > 1 else []),
        Messages(state, width=None, height=None, sizing_mode="stretch_width", stylesheets=[MESSAGES]),
        star_view(state, inspection.services, CELL, _controls(inspection)),
    ]
    layout = Parts(*parts, sizing_mode="stretch_width", margin=0, css_classes=[state.theme], stylesheets=[CELL.sheet])
    state.param.watch(held(lambda event: layout.param.update(css_classes=[event.new])), "theme")
    for part in layout.select(MaterialComponent):  # in a page of its own, they have it from the page
        part.theme_config = MATERIAL
    return layout


def _controls(inspection: Inspection) -> pn.viewable.Viewable:
    """The elements and the network's settings, side by side."""
    state, live = inspection.state, inspection.live
    network = Controls(state, *map(inspection.guarded, (live.redraw, live.stop, live.go_on)))
    halves = (
        pn.Column(ElementPicker(state), css_classes=["half"], stylesheets=[CELL.sheet]),
        pn.Column(heading("Network", "network"), network, css_classes=["half"], stylesheets=[CELL.sheet]),
    )
    return pn.Row(*halves, sizing_mode="stretch_width", margin=0, css_classes=["controls"], stylesheets=[CELL.sheet])


def _star_choice(inspection: Inspection) -> pn.viewable.Viewable:
    """Which of several stars is on screen."""
    state, opening = inspection.state, inspection.opening

    def step(icon: str, tip: str, by: int) -> pmui.IconButton:
        made = pmui.IconButton(icon=icon, description=tip, size="small", margin=0)
        made.on_click(lambda _: inspection.guarded(opening.step)(by))
        return made

    def options() -> list[tuple[str, str]]:
        return [(e.key, f"{e.key} (cannot be read)" if e.error else e.key) for e in state.stars]

    choice = Choice(label="Star", options=options(), value=state.key, width=320, margin=(6, 4))
    choice.on_choice(inspection.guarded(opening.choose))
    state.param.watch(held(lambda *_: choice.param.update(options=options(), value=state.key)), ["stars", "key"])
    return pn.Row(step(icons.BACK, "Previous star", -1), choice, step(icons.ON, "Next star", 1), margin=0)
