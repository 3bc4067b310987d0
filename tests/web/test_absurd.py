"""Absurd numbers, from absurd flux or weights: said to be absurd, drawn nowhere, and no warning on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from bokeh.embed import json_item
from made_results import NOISE, make_result

from inspector.files.bundled_files import bundled_path
from inspector.files.spectra.star_file import read_star
from inspector.pipeline.result import Result
from inspector.science.flag_rules import JUDGED
from inspector.science.flags import check_flags
from inspector.science.labels import TEFF, label_index
from inspector.science.monte_carlo_error import influence
from inspector.web.figures.errors import errors_figure
from inspector.web.figures.labels import labels_figure
from inspector.web.figures.posterior import posterior_figure
from inspector.web.figures.posterior_numbers import posterior_html, why_not_drawn
from inspector.web.figures.theme import THEMES
from inspector.web.panels import PosteriorView
from inspector.web.state import InspectorState
from inspector.web.tables.errors_table import errors_html
from inspector.web.tables.flags_report import flags_html

MG, LIGHT = label_index("mg_h"), THEMES["light"]
Change = Callable[[np.ndarray, np.ndarray], None]


def changed(change: Change) -> Result:
    """A result whose draws and log-variances of some label were changed in place."""
    made = make_result()
    draws, log_variance = made.posterior.draws.copy(), made.posterior.log_variance.copy()
    change(draws, log_variance)
    posterior = replace(made.posterior, draws=draws, log_variance=log_variance)
    value, raw = posterior.value, posterior.total_error
    error = NOISE.correct(raw)
    flags = check_flags(value, error, {label: influence(posterior, label, 1.1) for label in JUDGED})
    return replace(made, posterior=posterior, value=value, raw_error=raw, error=error, flags=flags)


def put(column: int, number: float, row: slice | int = slice(None), variance: bool = False) -> Change:
    def change(draws: np.ndarray, log_variance: np.ndarray) -> None:
        (log_variance if variance else draws)[row, column] = number

    return change


CASES = {
    "a label of 1e25": put(MG, 1e25),
    "Teff of 1e300": lambda draws, _: draws.__setitem__((slice(None), TEFF), draws[:, TEFF] * 1e297),
    "draws from 1e-5 to 1e25": lambda draws, _: draws.__setitem__((slice(None), MG), np.logspace(-5, 25, len(draws))),
    "one draw of 1e31": put(MG, 1e31, row=3),
    "every draw 1e31": put(slice(None), 1e31),  # type: ignore[arg-type]
    "one draw that is not a number": put(MG, np.nan, row=3),
    "one infinite draw": put(MG, np.inf, row=3),
    "an error of 1e21": put(MG, 100.0, variance=True),
    "a variance that overflows": put(MG, 3000.0, variance=True),
    "an infinite variance": put(MG, np.inf, variance=True),
    "no variance": put(MG, -np.inf, variance=True),
    "draws all alike": put(MG, 0.3),
}


@pytest.mark.parametrize("case", CASES)
def test_every_panel_holds_and_no_text_is_long(case: str) -> None:
    result = changed(CASES[case])  # warnings are errors here
    labels, errors = labels_figure(LIGHT), errors_figure(LIGHT)
    labels.show(result, {"mg_h": (1e25, 1e24)})
    errors.show(result)
    assert max(map(len, labels.text.data["written"])) <= 26
    assert all(-10 < end < 1e5 for limits in labels.limits.values() for end in limits)
    for label in (MG, TEFF):
        posterior = posterior_figure(LIGHT)
        posterior.show(result, label, {"mg_h": (1e25, 1e24)})
        drawn = len(posterior.histogram.data["top"]) > 0
        assert drawn == (why_not_drawn(result, label) == "")
        words = posterior_html(result, label, {}, LIGHT)
        assert drawn or "absurd" in words or "—" in words
        assert "0000000" not in words + errors_html(result, label) + flags_html(result)
        assert json_item(posterior.layout)
    assert json_item(labels.layout) and json_item(errors.layout)


def test_other_labels_keep_their_axis_beside_an_absurd_one() -> None:
    calm, wild = labels_figure(LIGHT), labels_figure(LIGHT)
    calm.show(changed(put(MG, 0.0)), {})
    wild.show(changed(put(MG, 1e25)), {})
    assert wild.limits == calm.limits and wild.text.data["written"][MG].endswith("(absurd)")


def test_the_posterior_of_an_absurd_label_has_words_instead_of_an_empty_plot() -> None:
    state = InspectorState()
    state.show_star("one", read_star(bundled_path("stars") / "apStar-dr17-2M17335483-2753043.fits"))
    view = PosteriorView(state)
    state.label = "mg_h"
    state.result = changed(put(MG, 1e25))
    assert view._empty.text.startswith("No star has such a [Mg/H]") and not view._place.filled
    assert "1e25 dex (absurd)" in view._words.html
    state.label = "teff"
    assert view._empty.text == "" and view._place.filled
