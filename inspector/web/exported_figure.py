"""From what a session looks at to the figure of it, and to the legends of its panels."""

from __future__ import annotations

from typing import Any

from inspector.science.labels import label_index
from inspector.web.figures.legend import answer_legends, spectrum_legend, told
from inspector.web.figures.paper.caption import Summary
from inspector.web.figures.theme import THEMES
from inspector.web.state import InspectorState
from inspector.web.tables.star_header import sexagesimal


def summarize(state: InspectorState) -> Summary:
    """The star, spectrum and answer on screen, as the figure takes them; `LookupError` without a star."""
    spectrum = state.spectrum(state.inspected)
    assert state.star is not None  # it has a spectrum
    info = state.star.info
    place = "" if info.ra is None or info.dec is None else _place(info.ra, info.dec)
    return Summary(
        state.star,
        spectrum,
        state.numbers(spectrum.name),
        state.result,
        tuple(state.elements),
        label_index(state.label),
        state.view_range,
        place,
        state.model,
    )


def picture_legends(state: InspectorState) -> dict[str, Any]:
    """The legend of each panel on screen, by the name of its figure, as the browser draws it below a picture."""
    theme = THEMES[state.theme]
    others = [name for name in state.shown if name != state.inspected]
    inspected = state.inspected if state.inspected in state.shown else ""
    catalogue = {} if state.star is None else state.star.info.catalogue
    legends = answer_legends(theme, state.result, label_index(state.label), catalogue)
    return told(legends | {"spectrum": spectrum_legend(theme, inspected, len(others), state.model is not None)})


def _place(ra: float, dec: float) -> str:
    return f"{sexagesimal(ra / 15, 2)} {sexagesimal(dec, 1, sign=True)}"
