"""The page: where each part stands. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel_material_ui.template.base import Page

from inspector.pipeline.correction import correction_for
from inspector.web.components.keys import HELP
from inspector.web.components.messages import Messages
from inspector.web.components.star_list import StarList
from inspector.web.exported_files import MENU
from inspector.web.model_card import model_card
from inspector.web.page_updates import held
from inspector.web.panels import (
    ElementPicker,
    ErrorsView,
    FlagsView,
    HeaderView,
    LabelsView,
    PosteriorView,
    SpectrumView,
    VisitsView,
)
from inspector.web.panels.network_controls import Controls
from inspector.web.panels.panel_parts import heading
from inspector.web.session import Session
from inspector.web.start_page import TEMPLATE
from inspector.web.static_files import static_text
from inspector.web.tables import star_header as facts

TITLE = "APOGEE inspector"

THEME: dict[str, Any] = {
    "palette": {"primary": {"main": "#1f5f99"}, "default": {"main": "#5f6b76"}},
    "typography": {"fontSize": 13},
    "shape": {"borderRadius": 4},
}
DARK_THEME: dict[str, Any] = {**THEME, "palette": {"primary": {"main": "#6cb0ee"}, "default": {"main": "#9aa5b1"}}}

BAR: dict[str, Any] = {
    "& .MuiToolbar-root": {"minHeight": "44px !important", "m": "0 !important", "paddingRight": "8px"},
    "& header.MuiAppBar-root": {
        "backgroundColor": "#1b2b3b",
        "backgroundImage": "none",
        "boxShadow": "none",
        "color": "#fff",
    },
    "& header .MuiTypography-root": {"fontSize": "16px", "fontWeight": 500},
}
"""The bar at the top: low and quiet."""

TABS: dict[str, Any] = {
    "& .MuiTabs-root, & .MuiTab-root": {"minHeight": "36px", "py": "4px"},
}

CSS, LAYOUT, CARD, KEYS = (static_text(f"{name}.css") for name in ("page", "layout", "model_card", "keys"))


def build_page(session: Session) -> Page:
    """All parts of the page, joined to a session."""
    state = session.state
    help_dialog = _help()
    session.show_help = lambda: help_dialog.param.update(open=not help_dialog.open)
    others = _listeners_to_busy()
    page = Page(
        title=TITLE,
        template=TEMPLATE,
        header=[_bar(session)],
        sidebar=_sidebar(session),
        main=[_main(session), help_dialog, session.bridge, session.keys, Messages(state)],
        sidebar_width=264,
        sidebar_resizable=True,
        theme_config={"light": THEME, "dark": DARK_THEME},
        busy_indicator=None,
        sx=BAR,
        dark_theme=state.theme == "dark",
    )
    for listener in _listeners_to_busy()[len(others) :]:
        pn.state.param.unwatch(listener)
    page.config.raw_css = [CSS]
    page.param.watch(held(lambda e: state.param.update(theme="dark" if e.new else "light")), "dark_theme")
    return page


def _listeners_to_busy() -> list[Any]:
    """Who listens to Panel's busy state: a Page does, forever, and each event then walks twice through its models."""
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))


def _bar(session: Session) -> pn.viewable.Viewable:
    """Step through the stars, copy the link, export results, help."""

    def button(icon: str, tip: str, act: Any) -> pmui.IconButton:
        made = pmui.IconButton(icon=icon, description=tip, size="small", margin=(0, 2))
        made.on_click(lambda _: session.guarded(act)())
        return made

    place = pn.pane.HTML(
        _place(session),
        margin=(0, 6),
        align="center",
        styles={"font-size": "13px", "white-space": "nowrap", "color": "#dfe7ef"},
    )
    session.state.param.watch(lambda *_: place.param.update(object=_place(session)), ["stars", "key"])
    menu = pmui.MenuButton(
        label="Export",
        icon="download",
        items=[{"label": name} for name in MENU],
        variant="text",
        size="small",
        margin=(0, 2),
    )

    def export(item: Any) -> None:  # Panel says that it is an event; it is the menu's item
        session.guarded(session.exporting.export)(item["label"])

    menu.on_click(export)
    return pn.Row(
        button("chevron_left", "Previous star (p)", lambda: session.opening.step(-1)),
        place,
        button("chevron_right", "Next star (n)", lambda: session.opening.step(1)),
        pn.Spacer(sizing_mode="stretch_width"),
        button("link", "Copy a link to this view", session.exporting.copy_link),
        menu,
        button("help_outline", "Keys and help (?)", lambda: session.show_help()),
        sizing_mode="stretch_width",
        margin=0,
        styles={"align-items": "center", "color": "#fff"},
    )


def _place(session: Session) -> str:
    keys = [entry.key for entry in session.state.stars]
    here = keys.index(session.state.key) + 1 if session.state.key in keys else 0
    return f"star {here} of {len(keys)}" if here else "no star"


def _sidebar(session: Session) -> list[pn.viewable.Viewable]:
    live = session.live
    parts: list[pn.viewable.Viewable] = [StarList(session.state, session.hear_list)]
    if session.services.local:
        parts.append(_path_box(session))
    parts += [
        ElementPicker(session.state).__panel__(),
        heading("Network", "network"),
        Controls(session.state, *map(session.guarded, (live.redraw, live.stop, live.go_on))).__panel__(),
    ]
    return [pn.Column(*parts, sizing_mode="stretch_width", margin=(8, 12))]


def _path_box(session: Session) -> pn.viewable.Viewable:
    """A field that opens what is typed into it on Enter, and is emptied once that worked."""
    box = pmui.TextInput(label="File or folder on this machine", placeholder="type a path, then Enter", **_PATH_BOX)

    async def opened(text: str) -> None:
        await session.opening.open_path(text)
        await session.tasks.apply(lambda: box.param.update(value="", value_input=""))

    # the value itself follows Enter only after a pause
    box.param.watch(lambda event: session.guarded(opened)(event.obj.value_input), "enter_pressed")
    return box


_PATH_BOX: dict[str, Any] = {"size": "small", "margin": (6, 0), "sizing_mode": "stretch_width"}


def _main(session: Session) -> pn.viewable.Viewable:
    state = session.state
    posteriors = pn.Row(
        _panel(LabelsView(state), "labels"),
        _panel(PosteriorView(state), "posterior"),
        _panel(FlagsView(state), "flags"),
        sizing_mode="stretch_both",
        margin=0,
        css_classes=["panels"],
        stylesheets=[LAYOUT],
    )
    header = HeaderView(state)
    later: dict[str, Callable[[], Any]] = {  # made when first looked at: half of the page's models are theirs
        "Errors": lambda: ErrorsView(state),
        "Visits": lambda: VisitsView(state),
        "File header": lambda: header,
        "About the weights": lambda: _about(session),
    }
    tabs = pmui.Tabs(
        ("Posteriors", posteriors),
        *((name, _tab()) for name in later),
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
    return pn.Column(
        _facts(session),
        SpectrumView(state),
        tabs,
        sizing_mode="stretch_both",
        margin=(4, 12),
        css_classes=["page"],
        stylesheets=[LAYOUT],
    )


def _tab() -> pn.Column:
    return pn.Column(sizing_mode="stretch_both", margin=0, css_classes=["tab"], stylesheets=[LAYOUT])


def _panel(view: pn.viewable.Viewer, name: str) -> pn.viewable.Viewable:
    return pn.Column(view, sizing_mode="stretch_both", css_classes=["panel", name], stylesheets=[LAYOUT])


def _facts(session: Session) -> pn.viewable.Viewable:
    state, services = session.state, session.services
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


def _about(session: Session) -> pn.viewable.Viewable:
    shipped = session.services.weights is None
    told = model_card() if shipped else "These weights are your own: this program does not know how they were trained."
    return pn.pane.Markdown(told, sizing_mode="stretch_width", stylesheets=[CARD], margin=(0, 4))


def _help() -> pmui.Dialog:
    rows = "".join(f"<tr><td><kbd>{escape(key)}</kbd></td><td>{escape(what)}</td></tr>" for key, what in HELP.items())
    return pmui.Dialog(
        pn.pane.HTML(f"<table>{rows}</table>", stylesheets=[KEYS]),
        title="Keys",
        title_variant="h6",
        open=False,
        show_close_button=True,
        close_on_click=True,
        sx={"& .MuiIconButton-root": {"color": "inherit"}},  # the button to close is grey on grey in the dark theme
    )
