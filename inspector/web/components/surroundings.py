"""Where a view stands, which only the browser knows: on which ground, and whether it has been drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel.custom import JSComponent

from inspector.web.page_updates import held
from inspector.web.static_files import static_path


class Surroundings(JSComponent):
    """Tells ``light`` or ``dark`` when that is known and whenever it changes, and then ``drawn``, once a drawing."""

    _esm = static_path("surroundings.js")

    def __init__(self, told: Callable[[str], Any], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._told = held(told)

    def _handle_msg(self, data: Any) -> None:
        if data in ("light", "dark", "drawn"):
            self._told(data)
