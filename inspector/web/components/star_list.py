"""The list of opened stars: search, choose, drop files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.science.bitmask import STAR_BITS, set_bits
from inspector.science.flags import FlagReport
from inspector.science.star import Star
from inspector.science.star_info import StarInfo
from inspector.service.library import StarEntry
from inspector.service.uploads import MAX_UPLOAD
from inspector.web.components.keys import HELP
from inspector.web.state import InspectorState
from inspector.web.static_files import static_path, static_text


class StarList(JSComponent):
    """Rows of opened stars; choosing and uploading are told to the session."""

    rows = param.List(default=[], doc="One dict per star: key, title, note, error, find.")
    learned = param.Dict(default={}, doc="What finds the star on screen, under its key; the browser collects them.")
    keys = param.List(default=list(HELP), doc="Keys that are the page's, unless a name is being typed.")
    selected = param.String(default="", doc="Key of the star on screen.")
    limit = param.Integer(default=MAX_UPLOAD, doc="Bytes an uploaded file may have.")

    _esm = static_path("star_list.js")
    _stylesheets: ClassVar[list[str]] = [static_text("star_list.css")]

    def __init__(self, state: InspectorState, heard: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **params)
        self._state, self._heard = state, heard
        state.param.watch(self._list, "stars")
        state.param.watch(self._mark, ["key", "star", "result"])
        self._list()
        self._mark()

    def _list(self, *_: Any) -> None:
        self.rows = rows(self._state.stars)

    def _mark(self, *_: Any) -> None:
        state = self._state
        self.selected = state.key
        if state.star is not None:
            self.learned = {state.key: words(state.star, state.result.flags if state.result is not None else None)}

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._heard(data)


def rows(stars: Sequence[StarEntry]) -> list[dict[str, str]]:
    """What the list shows of each star, and what it is found by; nothing of where its file lies."""
    return [
        {
            "key": e.key,
            "title": e.key.removesuffix(".fits"),
            "note": e.error or ("uploaded" if e.path is None else ""),
            "error": e.error,
            "find": words(e.star) if e.star else "",
        }
        for e in stars
    ]


def words(star: Star, flags: FlagReport | None = None) -> str:
    """What a star is found by: its ids, field, telescope, kind of file, spectra, and the flags that are set."""
    bits = [bit.name for bit in set_bits(star.info.starflag or 0, STAR_BITS)]
    spectra = [spectrum.name for spectrum in star.spectra]
    return " ".join([star.id, *_known(star.info), *bits, *(_set(flags) if flags else ()), *spectra])[:LONGEST]


def _known(info: StarInfo) -> list[str]:
    ids = (info.apogee_id, info.sdss_id, info.gaia_id, info.catalogid)
    place = (info.field, info.telescope)
    file = (info.product, info.release, info.version, info.file.name)
    return [text for text in (*ids, *place, *file) if text]


def _set(flags: FlagReport) -> list[str]:
    summary = {"flag_warn": flags.warn, "flag_bad": flags.bad}
    flagged = [f"{check.flag.name} {check.flag.title}" for check in flags.checks if check.is_set]
    return [*(name for name, is_set in summary.items() if is_set), *flagged]


LONGEST = 2000
"""Characters to find one star by."""
