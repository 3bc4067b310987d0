"""The errors of all labels as a table, with the correction of each written out."""

from __future__ import annotations

from html import escape

import numpy as np

from inspector.app.format import MINUS, number, percent
from inspector.app.groups import GROUPS
from inspector.files.noise_model import NoiseModel
from inspector.pipeline.result import Result
from inspector.science.labels import LABELS, label_index

STYLE = """
:host { font-size: 12px; line-height: 1.25; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: 600; text-align: right; padding: 1px 8px; border-bottom: 1px solid currentColor; }
td { text-align: right; padding: 0 8px; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.first td { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
tr.chosen td { background: color-mix(in srgb, currentColor 10%, transparent); }
p { margin: 4px 0; }
"""

HEADS = ("", "value", "raw error", "corrected", "= scale × raw + offset", "model", "predictive", "model share")


def errors_html(result: Result, chosen: int) -> str:
    """The table, one row a label, the chosen one marked."""
    heads = "".join(f"<th>{escape(head)}</th>" for head in HEADS)
    rows = "".join(
        _row(result, label_index(name), first=name == names[0], chosen=label_index(name) == chosen)
        for _, names in GROUPS
        for name in names
    )
    about = f"Noise model: {escape(result.noise_model.name)}"
    if result.noise_model.reference:
        about += f" · {escape(result.noise_model.reference)}"
    return f"<p>{about}</p><table><tr>{heads}</tr>{rows}</table>"


def correction_text(noise_model: NoiseModel, raw_error: float, label: int) -> str:
    """The correction with its numbers in: ``0.83 × 0.061 + 0.0042``."""
    scale, offset = float(noise_model.scale[label]), float(noise_model.offset[label])
    if not np.isfinite(scale):
        return "not in the noise model"
    sign = MINUS if offset < 0 else "+"
    places = 0 if LABELS[label].unit == "K" else 3
    return f"{scale:.3g} × {number(raw_error, places)} {sign} {number(abs(offset), places + 1)}"


def _row(result: Result, i: int, first: bool, chosen: bool) -> str:
    posterior = result.posterior
    assert posterior is not None  # only asked of results with draws
    label, raw, error = LABELS[i], float(result.raw_error[i]), float(result.error[i])
    model, predictive = float(posterior.model_error[i]), float(posterior.predictive_error[i])
    places = 0 if label.unit == "K" else 3
    cells = (
        f"{label.symbol} ({label.unit})",
        number(float(result.value[i]), places),
        *(number(e, places) for e in (raw, error)),
        correction_text(result.noise_model, raw, i),
        *(number(e, places) for e in (model, predictive)),
        percent((model / raw) ** 2),
    )
    kind = " ".join(name for name, on in (("first", first), ("chosen", chosen)) if on)
    return f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
