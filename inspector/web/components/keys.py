"""The keys the page listens to, and what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import param
from panel.custom import JSComponent

from inspector.service.verdicts.scheme import Scheme
from inspector.web.static_files import static_path

HELP: Mapping[str, str] = {
    "n": "next star",
    "p": "previous star",
    "]": "next visit",
    "[": "previous visit",
    "v": "next visit, for keyboards without a ] key",
    "b": "previous visit, likewise",
    ".": "next window of the chosen elements",
    ",": "previous window",
    "l": "line identifications on or off",
    "t": "table of all stars, opened or closed",
    "escape": "let go of the outline drawn in the diagram",
    "/": "search the stars",
    "?": "this help",
}
"""Every key the page listens to, and what it does."""

OF_VERDICTS: Mapping[str, str] = {"c": "comment on the verdict", "u": "undo the last verdict"}
"""Keys of the verdict bar beside those of its scheme."""


def handed_keys(scheme: Scheme) -> list[str]:
    """The keys of the verdict bar, as ``keys.js`` names them."""
    letters = [f"Shift+{cause.letter.upper()}" for cause in scheme.causes]
    return [*(quality.key for quality in scheme.qualities), *letters, *OF_VERDICTS]


class Keys(JSComponent):
    """Hears keys wherever on the page they are pressed, but not while somebody types."""

    keys = param.List(default=list(HELP), doc="Keys to listen to.")
    handed = param.List(
        default=[], doc="Keys told to other parts of the page as an `inspector:key` event, in the browser."
    )

    _esm = static_path("keys.js")

    def __init__(self, pressed: Callable[[str], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._pressed = pressed

    @property
    def all_keys(self) -> list[str]:
        """Every key that means something on the page, as a list of names is told that it must not take it."""
        return [*self.keys, *(key.removeprefix("Shift+").lower() for key in self.handed)]

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and data.get("key") in HELP:
            self._pressed(data["key"])
