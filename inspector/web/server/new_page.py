"""From a request to a page: what Panel calls once per browser tab."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
from bokeh.document import Document

from inspector.service.services import Services
from inspector.web.page import build_page
from inspector.web.page_tasks import at_once
from inspector.web.session import Session

log = logging.getLogger(__name__)

MAX_PAGES = 200
"""Pages one server process has open at once; each takes some 7 MiB, and a browser that asks leaves one for 15 s."""

FULL = f"This server has {MAX_PAGES} pages open, which is all it may. Close one, or load this page again in a minute."


STRANGER = 'Nobody who may use this server is logged in here. <a href="logout">Log out</a>, then in under another name.'


def new_page(services: Services, styles: str = "", login: Callable[[], str] | None = None) -> Any:
    """The page of one new session, which is closed when the tab is; a sentence where too many are open.

    Parameters
    ----------
    services : Services
    styles : str
        Path of Panel's styles on this server. Needed where several processes serve: one that knows a session
        by its websocket alone would have them fetched from Panel's own host.
    login : callable, optional
        Says who opened the page, empty for nobody who may; None where nobody has to log in.
    """
    if services.left.alive >= MAX_PAGES:
        return pn.pane.Str(FULL)
    user = login() if login is not None else ""
    if login is not None and not user:
        return pn.pane.HTML(STRANGER)
    document = pn.state.curdoc
    assert document is not None  # Panel calls this for one
    if styles:
        _keep_styles_at(document, styles)
    query = pn.state.location.search if pn.state.location else ""
    served = document.session_context is not None  # it is not where the page is only built
    session = Session(services, document.add_next_tick_callback if served else at_once, query, user)
    pn.config.exception_handler = partial(_explain, weakref.ref(session))
    if session.queue_export is not None and (location := pn.state.location) is not None:
        session.queue_export.address = lambda: (location.href or "").split("?")[0].split("#")[0]
    if served:
        pn.state.on_session_destroyed(lambda _: session.close())
        pn.state.onload(session.ready)
        services.start()  # where another program serves, nobody else does
        if not services.loaded:
            session.tasks.start(session.await_network())
    return build_page(session)


def _keep_styles_at(document: Document, styles: str) -> None:
    """Have Panel's styles fetched from `styles`; Panel forgets a prefix whenever it hears of the page's path."""

    def keep(*_: Any) -> None:
        document.template_variables["dist_url"] = styles

    if pn.state.location is not None:
        pn.state.location.param.watch(keep, "pathname")
    keep()


def _explain(session: weakref.ref[Session], error: BaseException) -> None:
    """Tell a session what its callback raised; Panel keeps this function, which must not keep the session."""
    if (alive := session()) is not None:
        alive.explain(error)
    else:
        log.error("A callback of a closed session failed", exc_info=error)
