"""What only a browser can do, as one invisible component: address line, history, clipboard, files saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent

from inspector.web.static_files import static_path


class Bridge(JSComponent):
    """Tells the browser what to do, and hears what came of it; messages are plain dictionaries."""

    ticket = param.String(default="", doc="What this page shows when it comes back; see `LeftSessions`.")
    opened = param.Boolean(default=False, doc="Whether files are open that a reload would lose.")

    _esm = static_path("bridge.js")

    def __init__(self, heard: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._heard = heard

    def tell(self, what: str, **how: Any) -> None:
        """Have the browser do something; see ``bridge.js`` for what it knows."""
        self._send_msg({"do": what, **how})

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and "beat" in data:
            self.tell("beat")  # an answer is all it asks for
        elif isinstance(data, dict):
            self._heard(data)
