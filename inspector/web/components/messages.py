"""Messages for the user, over the page: plain text, several at once, each closed by its reader."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.web.page_updates import held
from inspector.web.state import InspectorState
from inspector.web.static_files import static_path, static_text


class Messages(JSComponent):
    """Shows `InspectorState.messages`; the browser sets them as text, so that no name or link in them is live."""

    messages = param.List(default=[], doc="One dict per message: number, text, severity.")
    dark = param.Boolean(default=False)

    _esm = static_path("messages.js")
    _stylesheets: ClassVar[list[str]] = [static_text("messages.css")]

    def __init__(self, state: InspectorState, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._state = state
        state.param.watch(self._update, ["messages", "theme"])
        self._update()

    def _update(self, *_: Any) -> None:
        told = [{**asdict(message), "text": _printable(message.text)} for message in self._state.messages]
        self.param.update(messages=told, dark=self._state.theme == "dark")

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and isinstance(data.get("close"), list):
            held(self._state.dismiss)({number for number in data["close"] if isinstance(number, int)})


LONGEST = 1000
"""Characters of one message that are shown."""


def _printable(text: str) -> str:
    """The text without control characters and marks that turn the direction of reading, cut where it is too long."""
    plain = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text[: LONGEST + 1])
    return plain if len(plain) <= LONGEST else plain[:LONGEST] + "…"
