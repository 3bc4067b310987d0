"""From what a session looks at to the figure of it."""

from __future__ import annotations

from inspector.app.facts import sexagesimal
from inspector.app.figures.summary_words import Summary
from inspector.app.state import InspectorState
from inspector.science.labels import label_index


def summarize(state: InspectorState) -> Summary:
    """The star, spectrum and answer on screen, as the figure takes them; `LookupError` without a star."""
    spectrum = state.spectrum(state.inspected)
    assert state.star is not None  # it has a spectrum
    meta = state.star.meta
    place = "" if "ra" not in meta or "dec" not in meta else _place(meta["ra"], meta["dec"])
    return Summary(
        state.star,
        spectrum,
        state.numbers(spectrum.name),
        state.result,
        tuple(state.elements),
        label_index(state.label),
        state.view_range,
        place,
    )


def _place(ra: float, dec: float) -> str:
    return f"{sexagesimal(ra / 15, 2)} {sexagesimal(dec, 1, sign=True)}"
