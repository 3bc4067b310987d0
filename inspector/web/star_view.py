"""One star as it is shown anywhere: its facts, its spectrum, and tabs with what the network says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.pipeline.correction import correction_for
from inspector.service.services import Services
from inspector.web.model_card import model_card
from inspector.web.page_updates import held
from inspector.web.panels import (
    ErrorsView,
    FlagsView,
    HeaderView,
    LabelsView,
    PosteriorView,
    SpectrumView,
    VisitsView,
)
from inspector.web.state import InspectorState
from inspector.web.static_files import static_text
from inspector.web.tables import star_header as facts

TABS: dict[str, Any] = {
    "& .MuiTabs-root, & .MuiTab-root": {"minHeight": "36px", "py": "4px"},
}

CARD = static_text("model_card.css")

LAYOUT = static_text("layout.css")
"""How the parts share a window; see `star_view`."""

NOT_SHIPPED = "These weights are your own: this program does not know how they were trained."


def star_view(state: InspectorState, services: Services, layout: str = LAYOUT, *between: Any) -> pn.Column:
    """All parts, which follow the state.

    Parameters
    ----------
    state : InspectorState
    services : Services
    layout : str
        The style sheet that places the parts.
    *between
        Stands between the spectrum and the tabs.
    """
    parts = (_facts(state, services), SpectrumView(state), *between, _tabs(state, services, layout))
    return pn.Column(*parts, sizing_mode="stretch_both", margin=(4, 12), css_classes=["page"], stylesheets=[layout])


def _tabs(state: InspectorState, services: Services, layout: str) -> pn.viewable.Viewable:
    """What the network says; a tab is filled when first looked at: half of the page's models are theirs."""
    header = HeaderView(state)
    later: dict[str, Callable[[], Any]] = {
        "Errors": lambda: ErrorsView(state),
        "Visits": lambda: VisitsView(state),
        "File header": lambda: header,
        "About the weights": lambda: _about(state, services),
    }
    tabs = pmui.Tabs(
        ("Posteriors", _posteriors(state, layout)),
        *((name, _place(["tab"], layout)) for name in later),
        sizing_mode="stretch_both",
        margin=0,
        css_classes=["lower"],
        sx=TABS,
    )

    def fill(event: Any) -> None:
        header.looked_at = event.new == list(later).index("File header") + 1
        place = tabs[event.new]
        if event.new and not len(place):
            place.append(list(later.values())[event.new - 1]())

    tabs.param.watch(held(fill), "active")
    return tabs


def _posteriors(state: InspectorState, layout: str) -> pn.Row:
    views = {"labels": LabelsView(state), "posterior": PosteriorView(state), "flags": FlagsView(state)}
    return pn.Row(
        *(_place(["panel", name], layout, view) for name, view in views.items()),
        sizing_mode="stretch_both",
        margin=0,
        css_classes=["panels"],
        stylesheets=[layout],
    )


def _place(classes: list[str], layout: str, *parts: Any) -> pn.Column:
    return pn.Column(*parts, sizing_mode="stretch_both", margin=0, css_classes=classes, stylesheets=[layout])


def _facts(state: InspectorState, services: Services) -> pn.viewable.Viewable:
    star = pn.pane.HTML("", stylesheets=[facts.STYLE], margin=0, sizing_mode="stretch_width")
    weights = pn.pane.HTML("", stylesheets=[facts.STYLE], margin=0, sizing_mode="stretch_width")

    def tell(*_: Any) -> None:
        card = state.network and state.network.card
        raw = correction_for(card, state.noise_model).remark if card else ""
        weights.object = facts.weights_line(card, services.loaded, services.problems, raw)

    def tell_star(*_: Any) -> None:
        star.object = facts.star_line(state.star, state.inspected, state.key)

    state.param.watch(held(tell_star), ["star", "inspected", "key"])
    state.param.watch(tell, "network", onlychanged=False)
    tell_star()
    tell()
    return pn.Column(star, weights, sizing_mode="stretch_width", margin=0)


def _about(state: InspectorState, services: Services) -> pn.viewable.Viewable:
    card = state.network and state.network.card
    shipped = services.weights is None and (card is None or card.demonstration)
    told = model_card() if shipped else NOT_SHIPPED
    return pn.pane.Markdown(told, sizing_mode="stretch_width", stylesheets=[CARD], margin=(0, 4))
