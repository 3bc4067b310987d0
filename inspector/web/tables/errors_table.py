"""The errors of all labels as a table, with the correction of each written out."""

from __future__ import annotations

from html import escape

from inspector.pipeline.result import Result
from inspector.science.label_groups import GROUPS
from inspector.science.labels import LABELS, Label, label_index
from inspector.science.number_format import NOTHING, percent
from inspector.web.figures.label_numbers import NO_UNITS, Written, written
from inspector.web.static_files import static_text

STYLE = static_text("errors.css")

HEADS = ("label", "value", "raw error", "corrected", "= scale × raw + offset", "model", "predictive", "model share")


def errors_html(result: Result, chosen: int) -> str:
    """The table, one row per label, the chosen one marked."""
    heads = "".join(f"<th>{escape(head)}</th>" for head in HEADS)
    said, shares = written(result, NO_UNITS), result.drawn.model_share.tolist()
    rows = "".join(
        _row(LABELS[i], said[i], shares[i], result.noise_model.corrects, first=name == names[0], chosen=i == chosen)
        for _, names in GROUPS
        for name in names
        for i in [label_index(name)]
    )
    about = f"Noise model: {escape(result.noise_model.name)}"
    if result.noise_model.reference:
        about += f" · {escape(result.noise_model.reference)}"
    return f"<p>{about}</p><table><tr>{heads}</tr>{rows}</table>"


def _row(label: Label, said: Written, share: float, corrects: bool, first: bool, chosen: bool) -> str:
    cells = (
        f"{label.symbol} ({label.unit})",
        said.value,
        said.raw,
        said.corrected if corrects else NOTHING,
        said.correction,
        said.model,
        said.predictive,
        percent(share),
    )
    kind = " ".join(name for name, on in (("first", first), ("chosen", chosen)) if on)
    return f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
