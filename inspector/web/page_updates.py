"""Changes that reach the browser together, and none before the browser can take them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeGuard

import panel as pn
from bokeh.document import Document


def held(act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, with all it changes sent as one message, from whatever event it is called.

    The browser then lays the page out once, not once per property. Panel also runs some events without
    the document's lock, where a Bokeh model may be changed only like this.

    An event that comes while the page is still being drawn waits until the browser says that it is there: without
    the lock, what it changes would raise half-way. What follows another change (a panel that shows a star) and
    raises is said on the page, and keeps no other panel from showing the same.
    """

    @wraps(act)
    def told_together(*args: Any) -> Any:
        document = pn.state.curdoc
        if not _is_served(document):  # no browser has it yet
            return act(*args)
        if document.callbacks.hold_value:  # part of a larger change
            return _explained(act, *args)
        if pn.state.loaded:
            with pn.io.hold():
                return act(*args)
        return pn.state.onload(partial(_as_one, document, act, *args))

    return told_together


def once_drawn(act: Callable[..., Any]) -> Callable[..., None]:
    """`act` now, or once the browser has drawn the page: Bokeh's buttons cannot be disabled before that."""

    @wraps(act)
    def when_there(*args: Any) -> None:
        if _is_served(pn.state.curdoc) and not pn.state.loaded:
            pn.state.onload(partial(act, *args))
        else:
            act(*args)

    return when_there


def delivered(act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, which has the document's lock, with all it changes sent as one message, now, drawn or not."""

    @wraps(act)
    def told_together(*args: Any) -> Any:
        document = pn.state.curdoc
        if not _is_served(document) or pn.state.loaded:
            return held(act)(*args)
        return _as_one(document, act, *args)

    return told_together


def _as_one(document: Document, act: Callable[..., Any], *args: Any) -> Any:
    # A browser may be drawing what it was given. Panel takes it to be connected only once it has drawn all, and puts
    # off what its components change until then: https://github.com/holoviz/panel/issues/8692
    pn.state._connected[document] = True  # noqa: SLF001
    document.hold()
    try:
        return act(*args)
    finally:
        document.unhold()


def _is_served(document: Document | None) -> TypeGuard[Document]:
    context = document and document.session_context
    return context is not None and getattr(context, "session", None) is not None


def _explained(act: Callable[..., Any], *args: Any) -> Any:
    """What it returns; what it raises is handed to the session, where there is one to tell."""
    try:
        return act(*args)
    except Exception as error:
        if pn.config.exception_handler is None:
            raise
        pn.config.exception_handler(error)
