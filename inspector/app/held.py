"""Changes that reach the browser together."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import panel as pn


def held(act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, with all it changes sent as one message, from whatever event it is called.

    The browser then lays the page out once, not once a property. Panel also runs some events without
    the document's lock, where a Bokeh model may be changed only like this.
    """

    @wraps(act)
    def told_together(*args: Any) -> Any:
        if not pn.state.loaded:  # until the browser says that the page is there, Panel drops what is held
            return act(*args)
        with pn.io.hold():
            return act(*args)

    return told_together
