"""What stands for what in the figures: on the page beside the spectrum, and in every exported picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from inspector.pipeline.result import Result
from inspector.web.figures.labels import Catalogue
from inspector.web.figures.posterior import drawn_colours
from inspector.web.figures.posterior_numbers import words
from inspector.web.figures.spectrum_data import MODEL
from inspector.web.figures.theme import Theme
from inspector.web.static_files import static_text

STYLE = static_text("legend.css")


@dataclass(frozen=True)
class Entry:
    """One thing drawn: its name, its colour, and whether it is a ``line``, a ``band`` or a ``dot``."""

    name: str
    colour: str
    form: str = "line"


def spectrum_legend(theme: Theme, inspected: str, others: int = 0, model: bool = False) -> tuple[Entry, ...]:
    """What is drawn of a spectrum.

    Parameters
    ----------
    theme : Theme
    inspected : str
        Name of the inspected spectrum; empty where it is not drawn.
    others : int
        Spectra drawn in grey.
    model : bool
        Whether a best-fitting model is drawn over it.
    """
    entries = [
        Entry(inspected, theme.chosen),
        Entry("1σ error", theme.chosen, "band"),
        Entry("fitted continuum", theme.total),
        Entry("pixels replaced by 1", theme.attention, "dot"),
        *([Entry(MODEL, theme.catalogue)] if model else ()),
    ]
    grey = [Entry(f"{others} other {'spectrum' if others == 1 else 'spectra'}", theme.context)] if others else []
    return (*(entries if inspected else ()), *grey)


def answer_legends(
    theme: Theme, result: Result | None, label: int, catalogue: Catalogue
) -> dict[str, tuple[Entry, ...]]:
    """What is drawn of an answer, by the name of the figure; nothing where there are no draws."""
    if result is None or result.posterior is None:
        return {}
    colours = drawn_colours(theme)
    posterior = [
        Entry(f"{name}: {number}", colours[what], "band" if what == "interval" else "line")
        for what, name, number in words(result, label, catalogue)
        if what in colours
    ]
    known = [Entry("catalogue", theme.catalogue, "dot")] if catalogue else []
    labels = [Entry(f"{result.mc_num} draws", theme.context, "band"), Entry("value and 1σ error", theme.text), *known]
    return {"posterior": tuple(posterior), "labels": tuple(labels)}


def legend_html(entries: Iterable[Entry]) -> str:
    """A legend as a line of HTML."""
    parts = (
        f'<span><i class="{entry.form}" style="background:{entry.colour}"></i>{escape(entry.name)}</span>'
        for entry in entries
    )
    return f"<p>{''.join(parts)}</p>"


def told(legends: Mapping[str, Sequence[Entry]]) -> dict[str, Any]:
    """Legends as a browser is told of them."""
    return {name: [asdict(entry) for entry in entries] for name, entries in legends.items()}
