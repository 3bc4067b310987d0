"""The page: where each part stands. Nothing is decided here."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel_material_ui.template.base import Page

from inspector.service.queue.saved_filters import SavedFilters, filters_file
from inspector.web.components.html import Html
from inspector.web.components.messages import Messages
from inspector.web.components.star_list import StarList
from inspector.web.components.verdict_bar import VerdictBar
from inspector.web.exported_files import MENU
from inspector.web.figures.theme import AS_DRAWN
from inspector.web.help_dialog import help_dialog
from inspector.web.material_theme import MATERIAL
from inspector.web.page_updates import held
from inspector.web.panels import ElementPicker
from inspector.web.panels.columns_dialog import columns_dialog
from inspector.web.panels.fetch_dialog import fetch_dialog
from inspector.web.panels.kiel import KielView
from inspector.web.panels.network_controls import Controls
from inspector.web.panels.panel_parts import heading
from inspector.web.panels.queue import QueueView
from inspector.web.queue_export import QUEUES
from inspector.web.reviewing import Reviewing
from inspector.web.session import Session
from inspector.web.sharing import SHARED
from inspector.web.star_view import star_view
from inspector.web.start_page import TEMPLATE
from inspector.web.static_files import static_text

TITLE = "APOGEE inspector"

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

CSS = static_text("page.css")


def build_page(session: Session) -> Page:
    """All parts of the page, joined to a session."""
    state = session.state
    saved = SavedFilters(filters_file() if session.services.local else None)
    drawer = QueueView(
        session.queue, session.tasks, saved, lambda: KielView(state, session.queue, session.tasks).__panel__()
    )
    reviewing = session.reviewing
    keys = help_dialog(reviewing.scheme if reviewing else None)
    session.show_help = lambda: keys.param.update(open=not keys.open)
    bar = [_verdict_bar(reviewing, session)] if reviewing else []
    star = star_view(state, session.services, under_facts=bar)
    others = _listeners_to_busy()
    page = Page(
        title=TITLE,
        template=TEMPLATE,
        header=[_bar(session)],
        sidebar=_sidebar(session),
        main=[
            star,
            drawer,
            keys,
            session.bridge,
            session.keys,
            Messages(state),
            fetch_dialog(session.finding, session.tasks),
            columns_dialog(session.queue.view, session.guarded(session.tables.name_columns)),
        ],
        sidebar_width=264,
        sidebar_resizable=True,
        theme_config=MATERIAL,
        busy_indicator=None,
        sx=BAR,
        dark_theme=state.theme == "dark",
    )
    for listener in _listeners_to_busy()[len(others) :]:
        pn.state.param.unwatch(listener)
    page.config.raw_css = [CSS]
    if pn.state.curdoc is not None:
        pn.state.curdoc.theme = AS_DRAWN
    page.param.watch(held(lambda e: state.param.update(theme="dark" if e.new else "light")), "dark_theme")
    return page


def _verdict_bar(reviewing: Reviewing, session: Session) -> VerdictBar:
    bar = VerdictBar(reviewing.verdicts, reviewing.scheme, session.guarded(reviewing.hear))
    reviewing.kept, reviewing.saved = bar.kept, bar.saved
    return bar


def _listeners_to_busy() -> list[Any]:
    """Who listens to Panel's busy state: a Page does, forever, and each event then walks twice through its models."""
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))


def _bar(session: Session) -> pn.viewable.Viewable:
    """Step through the stars, copy the link, export results, help."""

    def button(icon: str, tip: str, act: Any) -> pmui.IconButton:
        made = pmui.IconButton(icon=icon, description=tip, size="small", margin=(0, 2))
        made.on_click(lambda _: session.guarded(act)())
        return made

    place = Html(
        _place(session),
        margin=(0, 6),
        align="center",
        styles={"font-size": "13px", "white-space": "nowrap", "color": "#dfe7ef"},
    )
    session.state.param.watch(held(lambda *_: place.param.update(object=_place(session))), ["stars", "key"])
    session.queue.on_change(held(lambda: place.param.update(object=_place(session))))
    menu = pmui.MenuButton(
        label="Export",
        icon="download",
        items=[{"label": name} for name in _exports(session)],
        variant="text",
        size="small",
        margin=(0, 2),
    )

    def export(item: Any) -> None:  # Panel says that it is an event; it is the menu's item
        session.guarded(session.export)(item["label"])

    menu.on_click(export)
    return pn.Row(
        button("chevron_left", "Previous star (p)", lambda: session.step(-1)),
        place,
        button("chevron_right", "Next star (n)", lambda: session.step(1)),
        pn.Spacer(sizing_mode="stretch_width"),
        button("table_rows", "Table of all stars (t)", session.queue.toggle),
        button("link", "Copy a link to this view", session.exporting.copy_link),
        menu,
        button("help_outline", "Keys and help (?)", lambda: session.show_help()),
        *([_way_out(session.user)] if session.user else []),
        sizing_mode="stretch_width",
        margin=0,
        styles={"align-items": "center", "color": "#fff"},
    )


def _exports(session: Session) -> list[str]:
    """What the menu offers here."""
    queues, shared = (QUEUES if session.queue_export else ()), (SHARED if session.services.local else ())
    return [*MENU, *queues, *shared]


def _way_out(user: str) -> pmui.IconButton:
    """A link that logs out."""
    return pmui.IconButton(icon="logout", description=f"Log out ({user})", href="logout", size="small", margin=(0, 2))


def _place(session: Session) -> str:
    if session.queue.view.leads:
        return session.queue.place
    keys = [entry.key for entry in session.state.stars]
    here = keys.index(session.state.key) + 1 if session.state.key in keys else 0
    return f"star {here} of {len(keys)}" if here else "no star"


def _sidebar(session: Session) -> list[pn.viewable.Viewable]:
    live = session.live
    parts: list[pn.viewable.Viewable] = [StarList(session.state, session.hear_list, keys=session.keys.all_keys)]
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
        await session.open_path(text)
        await session.tasks.apply(lambda: box.param.update(value="", value_input=""))

    # the value itself follows Enter only after a pause
    box.param.watch(lambda event: session.guarded(opened)(event.obj.value_input), "enter_pressed")
    return box


_PATH_BOX: dict[str, Any] = {"size": "small", "margin": (6, 0), "sizing_mode": "stretch_width"}
