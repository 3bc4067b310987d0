"""From a request to a page: what Panel calls once a browser tab."""

from __future__ import annotations

import logging
from typing import Any

import panel as pn

from inspector.app.commons import Commons
from inspector.app.page import build_page
from inspector.app.session import Session

log = logging.getLogger(__name__)


def new_page(commons: Commons) -> Any:
    """The page of one new session, which is closed when the tab is."""
    document = pn.state.curdoc
    query = pn.state.location.search if pn.state.location else ""
    session = Session(commons, document.add_next_tick_callback, query)
    pn.config.exception_handler = session.explain
    if document.session_context is not None:  # there is none where the page is only built
        pn.state.on_session_destroyed(lambda _: session.close())
    return build_page(session)
