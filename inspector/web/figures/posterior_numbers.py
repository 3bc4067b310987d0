"""The chosen label in words: every number of the posterior figure, with the colour it is drawn in."""

from __future__ import annotations

from html import escape

from inspector.pipeline.result import Result
from inspector.science.labels import LABELS
from inspector.science.number_format import percent, value_error
from inspector.web.figures.label_numbers import LEVEL, drawable, written
from inspector.web.figures.labels import Catalogue
from inspector.web.figures.posterior import drawn_colours
from inspector.web.figures.theme import Theme
from inspector.web.static_files import static_text

STYLE = static_text("posterior_numbers.css")


def posterior_html(result: Result, label: int, catalogue: Catalogue, theme: Theme) -> str:
    """The sentence about the draws and the table of numbers, which is the figure's legend too."""
    colours = drawn_colours(theme)
    rows = "".join(
        f'<tr><td><i style="background:{colours.get(what, "none")}"></i></td>'
        f"<td>{escape(name)}</td><td>{escape(text)}</td></tr>"
        for what, name, text in words(result, label, catalogue)
    )
    share = percent(result.drawn.model_share[label])
    said = f"The {result.mc_num} draws show the <b>model part only</b>: {share} of the raw variance."
    return f"<p>{said}</p><table>{rows}</table>"


def why_not_drawn(result: Result, label: int) -> str:
    """Why a label with draws has no figure; empty where it has one."""
    if drawable(result)[label]:
        return ""
    symbol = LABELS[label].symbol
    return f"No star has such a {symbol}: its draws are not shown. Look in the spectrum for pixels far from the others."


def words(result: Result, label: int, catalogue: Catalogue) -> tuple[tuple[str, str, str], ...]:
    """What is drawn (a column or a source), its name and its number, the narrowest error first."""
    said = written(result)[label]
    corrected = "corrected by the noise model" if result.noise_model.corrects else "not corrected: errors are raw"
    rows = [
        ("mean", "mean of the draws", said.value),
        ("interval", f"{percent(LEVEL)} of the draws", said.interval),
        ("model", "model error: the draws’ spread", said.model),
        ("", "predictive error: the network’s own", said.predictive),
        ("total", "total (raw): both in quadrature", said.raw),
        ("corrected", corrected, said.corrected),
    ]
    if LABELS[label].name in catalogue:
        rows.append(("catalogue", "catalogue", value_error(*catalogue[LABELS[label].name], LABELS[label].unit)))
    return tuple(rows)
