"""The headers of the star's file: every card of every HDU, to be searched."""

from __future__ import annotations

from typing import Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from inspector.files.fits_header import listed
from inspector.web.page_updates import held
from inspector.web.state import InspectorState
from inspector.web.static_files import static_path, static_text


class HeaderTable(JSComponent):
    """Cards in tables, one per HDU, and a field that leaves those with a word in them."""

    hdus = param.List(default=[], doc="One dict per HDU: title, and cards as [keyword, value, comment].")

    _esm = static_path("header.js")
    _stylesheets: ClassVar[list[str]] = [static_text("header.css")]


class HeaderView(pn.viewable.Viewer):
    """The headers of the star on screen; parsed and sent only while somebody looks."""

    looked_at = param.Boolean(default=False, doc="Whether the panel is in view.")

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._shown: object = None
        self._table = HeaderTable(sizing_mode="stretch_width", margin=0)
        state.param.watch(held(self._show), "star")
        self.param.watch(held(self._show), "looked_at")
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._table

    def _show(self, *_: Any) -> None:
        star = self.state.star
        if star is None:
            self._table.hdus = []
        elif self.looked_at and star is not self._shown:
            hdus = [{"title": title, "cards": cards} for title, cards in listed(star.info.file.headers)]
            self._table.hdus = hdus
        else:
            return
        self._shown = star
