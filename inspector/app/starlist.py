"""The list of opened stars: search, choose, drop files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.app.state import InspectorState, StarEntry
from inspector.app.uploads import MAX_UPLOAD


class StarList(JSComponent):
    """Rows of opened stars; choosing and uploading are told to the session."""

    rows = param.List(default=[], doc="One dict a star: key, title, note, error.")
    selected = param.String(default="", doc="Key of the star on screen.")
    limit = param.Integer(default=MAX_UPLOAD, doc="Bytes an uploaded file may have.")

    _esm = Path(__file__).parent / "js" / "starlist.js"
    _stylesheets: ClassVar[list[str]] = [(Path(__file__).parent / "js" / "starlist.css").read_text(encoding="utf-8")]

    def __init__(self, state: InspectorState, heard: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **params)
        self._state, self._heard = state, heard
        state.param.watch(self._update, ["stars", "key"])
        self._update()

    def _update(self, *_: Any) -> None:
        self.param.update(rows=rows(self._state.stars), selected=self._state.key)

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._heard(data)


def rows(stars: Sequence[StarEntry]) -> list[dict[str, str]]:
    """What the list shows of each star; nothing of where its file lies."""
    return [
        {"key": e.key, "title": e.key.removesuffix(".fits"), "note": e.error or _kind(e), "error": e.error}
        for e in stars
    ]


def _kind(entry: StarEntry) -> str:
    return "uploaded" if entry.path is None else ""
