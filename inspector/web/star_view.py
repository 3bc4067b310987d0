"""One star as it is shown anywhere: its facts, its spectrum, and tabs with what the network says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.pipeline.correction import correction_for
from inspector.service.services import Services
from inspector.web.components.html import Html
from inspector.web.model_card import model_card
from inspector.web.page_updates import held
from inspector.web.panels import (
    ErrorsView,
    FlagsView,
    HeaderView,
    LabelsView,
    PosteriorView,
    SpectrumView,
    TableAnswerView,
    VisitsView,
)
from inspector.web.panels.panel_parts import empty
from inspector.web.state import InspectorState
from inspector.web.static_files import static_text
from inspector.web.tables import star_header as facts

TABS: dict[str, Any] = {
    "& .MuiTabs-root, & .MuiTab-root": {"minHeight": "36px", "py": "4px"},
}

CARD = static_text("model_card.css")


@dataclass(frozen=True)
class Room:
    """What the parts are placed in.

    Attributes
    ----------
    sheet : str
        The style sheet that places them.
    sizing_mode : str
        Which of its sides they fill.
    height : int or None
        Pixels of the panels with the posteriors; None for what the room leaves them.
    """

    sheet: str
    sizing_mode: str
    height: int | None = None


WINDOW = Room(static_text("layout.css"), "stretch_both")

COMING = "This comes in a moment …"
"""What a tab shows until the server, which may be busy, has filled it."""

NOT_SHIPPED = "These weights are your own: this program does not know how they were trained."


def star_view(
    state: InspectorState, services: Services, room: Room = WINDOW, *between: Any, under_facts: Sequence[Any] = ()
) -> pn.Column:
    """All parts, which follow the state.

    Parameters
    ----------
    state : InspectorState
    services : Services
    room : Room
    *between
        Stands between the spectrum and the tabs.
    under_facts
        Stands under the star's facts.
    """
    parts = (_facts(state, services), *under_facts, SpectrumView(state), *between, _tabs(state, services, room))
    return pn.Column(
        *parts, sizing_mode=room.sizing_mode, margin=(4, 12), css_classes=["page"], stylesheets=[room.sheet]
    )


def _tabs(state: InspectorState, services: Services, room: Room) -> pn.viewable.Viewable:
    """What the network says; a tab is filled when first looked at: half of the page's models are theirs."""
    header = HeaderView(state)
    later: dict[str, Callable[[], Any]] = {
        "Errors": lambda: ErrorsView(state),
        "Visits": lambda: VisitsView(state),
        "Table": lambda: TableAnswerView(state),
        "File header": lambda: header,
        "About the weights": lambda: _about(state, services),
    }
    places = {name: _place(["tab"], room, empty(COMING)) for name in later}
    tabs = pmui.Tabs(
        ("Posteriors", _posteriors(state, room)),
        *places.items(),
        sizing_mode=room.sizing_mode,
        margin=0,
        css_classes=["lower"],
        sx=TABS,
    )

    def fill(event: Any) -> None:
        name = ["Posteriors", *places][event.new]
        header.looked_at = name == "File header"
        if name in later:
            places[name].objects = [later.pop(name)()]

    tabs.param.watch(held(fill), "active")
    return tabs


def _posteriors(state: InspectorState, room: Room) -> pn.Row:
    views = {"labels": LabelsView(state), "posterior": PosteriorView(state), "flags": FlagsView(state)}
    return pn.Row(
        *(_place(["panel", name], room, view, height=room.height) for name, view in views.items()),
        sizing_mode=room.sizing_mode,
        margin=0,
        css_classes=["panels"],
        stylesheets=[room.sheet],
    )


def _place(classes: list[str], room: Room, *parts: Any, **size: Any) -> pn.Column:
    return pn.Column(
        *parts, sizing_mode=room.sizing_mode, margin=0, css_classes=classes, stylesheets=[room.sheet], **size
    )


def _facts(state: InspectorState, services: Services) -> pn.viewable.Viewable:
    star = Html("", stylesheets=[facts.STYLE], margin=0, sizing_mode="stretch_width")
    weights = Html("", stylesheets=[facts.STYLE], margin=0, sizing_mode="stretch_width")

    def tell(*_: Any) -> None:
        card = None if state.network is None else state.network.card
        raw = correction_for(card, state.noise_model).remark if card else ""
        weights.object = facts.weights_line(card, services.loaded, services.problems, raw)

    def tell_star(*_: Any) -> None:
        if state.absent is not None:
            star.object = facts.absent_line(state.absent.name, state.absent.why, state.absent.values)
        else:
            star.object = facts.star_line(state.star, state.inspected, state.key)

    state.param.watch(held(tell_star), ["star", "absent", "inspected", "key"])
    state.param.watch(tell, "network", onlychanged=False)
    tell_star()
    tell()
    return pn.Column(star, weights, sizing_mode="stretch_width", margin=0)


def _about(state: InspectorState, services: Services) -> pn.viewable.Viewable:
    card = None if state.network is None else state.network.card
    shipped = services.weights is None and (card is None or card.demonstration)
    told = model_card() if shipped else NOT_SHIPPED
    return pn.pane.Markdown(told, sizing_mode="stretch_width", stylesheets=[CARD], margin=(0, 4))
