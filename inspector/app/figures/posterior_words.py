"""The chosen label in words: every number of the posterior figure, with the colour it is drawn in."""

from __future__ import annotations

from html import escape

from inspector.app.figures.labels import Catalogue
from inspector.app.figures.posterior import LEVEL, drawn_colours
from inspector.app.figures.theme import Theme
from inspector.app.format import decimals, error_text, number, percent, value_error
from inspector.pipeline.result import Result
from inspector.science.labels import LABELS

STYLE = """
:host { font-size: 12px; line-height: 1.4; }
p { margin: 2px 0 4px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td { padding: 0 10px 0 0; white-space: nowrap; }
i { display: inline-block; width: 14px; height: 3px; vertical-align: middle; border-radius: 1px; }
"""


def posterior_html(result: Result, label: int, catalogue: Catalogue, theme: Theme) -> str:
    """The sentence about the draws and the table of numbers, which is the figure's legend too."""
    colours = drawn_colours(theme)
    rows = "".join(
        f'<tr><td><i style="background:{colours.get(what, "none")}"></i></td>'
        f"<td>{escape(name)}</td><td>{escape(text)}</td></tr>"
        for what, name, text in words(result, label, catalogue)
    )
    share = percent(share_of_draws(result, label))
    said = f"The {result.mc_num} draws show the <b>model part only</b>: {share} of the raw variance."
    return f"<p>{said}</p><table>{rows}</table>"


def words(result: Result, label: int, catalogue: Catalogue) -> tuple[tuple[str, str, str], ...]:
    """What is drawn (a column or a source), its name and its number, the narrowest error first."""
    posterior, unit = result.posterior, LABELS[label].unit
    assert posterior is not None  # only asked of results with draws
    model, predictive = posterior.model_error[label], posterior.predictive_error[label]
    low, high = (number(end, decimals(model)) for end in posterior.interval(LEVEL)[:, label])
    rows = [
        ("mean", "mean of the draws", f"{number(result.value[label], decimals(model))} {unit}"),
        ("interval", f"{percent(LEVEL)} of the draws", f"{low} to {high} {unit}"),
        ("model", "model error: the draws’ spread", f"{error_text(model)} {unit}"),
        ("", "predictive error: the network’s own", f"{error_text(predictive)} {unit}"),
        ("total", "total (raw): both in quadrature", f"{error_text(result.raw_error[label])} {unit}"),
        ("corrected", "corrected by the noise model", f"{error_text(result.error[label])} {unit}"),
    ]
    if LABELS[label].name in catalogue:
        rows.append(("catalogue", "catalogue", f"{value_error(*catalogue[LABELS[label].name])} {unit}"))
    return tuple(rows)


def share_of_draws(result: Result, label: int) -> float:
    """Share of the raw variance that the draws show: model over total."""
    model = result.posterior.model_error[label]  # type: ignore[union-attr]  # only asked of results with draws
    return float((model / result.raw_error[label]) ** 2)
