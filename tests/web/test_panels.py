"""The views with a session's state: what a choice changes, and that nothing breaks without a star."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import panel as pn
import pytest
from bokeh.document import Document
from made_results import make_failure, make_result

from inspector.files.spectra.star_file import read_star
from inspector.science.flags import check_flags
from inspector.science.labels import ELEMENTS, label_index
from inspector.science.noise_model import NoiseModel
from inspector.science.settings import MC_NUM
from inspector.science.star import Star
from inspector.web import panels
from inspector.web.figures.label_rows import ROW_Y
from inspector.web.panels import (
    ElementPicker,
    ErrorsView,
    FlagsView,
    LabelsView,
    PosteriorView,
    SpectrumView,
    VisitsView,
)
from inspector.web.panels.spectrum import CHIP_VIEWS
from inspector.web.state import InspectorState

STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"


@pytest.fixture(scope="module")
def star() -> Star:
    return read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")


@pytest.fixture
def state(star: Star) -> InspectorState:
    state = InspectorState()
    state.show_star("one", star)
    return state


@pytest.mark.parametrize("name", panels.__all__)
def test_a_view_without_a_star_is_calm(name: str) -> None:
    view = getattr(panels, name)(InspectorState())
    assert isinstance(view.__panel__(), pn.viewable.Viewable)
    view.__panel__().get_root(Document())


def test_every_view_follows_a_whole_session(star: Star) -> None:
    state = InspectorState()
    made = [getattr(panels, name)(state) for name in panels.__all__]
    roots = [view.__panel__().get_root(Document()) for view in made]
    state.show_star("one", star)
    for mc_num in (50, 100):
        state.result = make_result(mc_num)
    state.visit_results = {s.name: make_result(50, i, s.name) for i, s in enumerate(star.spectra)}
    state.label = "mg_h"
    state.elements = list(ELEMENTS)
    state.inspected = star.visits[1].name
    state.result = make_failure("The red chip is dead.")
    state.theme = "dark"
    state.show_star("two", read_star(STARS / "apStar-dr17-2M19485057+5005279.fits"))
    assert len(roots) == len(made)


def test_picking_an_element_shades_its_windows(state: InspectorState) -> None:
    spectrum, picker = SpectrumView(state), ElementPicker(state)
    picker.click("Mg")
    assert state.elements == ["Mg"] and state.label == "mg_h"
    assert set(spectrum.figure.strips.data["name"]) == {"Mg"}
    picker.click("teff")
    assert state.label == "teff" and len(spectrum.figure.strips.data["name"]) == 0


def test_the_next_window_comes_into_view(state: InspectorState) -> None:
    spectrum = SpectrumView(state)
    state.elements = ["Mg"]
    state.step_window(+1)
    assert spectrum.figure.view == state.view_range != CHIP_VIEWS["all chips"]


def test_the_view_follows_the_browser_once_it_has_settled(state: InspectorState) -> None:
    spectrum = SpectrumView(state)
    spectrum.figure.seen.data = {"view": [15_300.0, 15_400.0]}
    assert state.view_range == (15_300.0, 15_400.0)


def test_the_inspected_spectrum_is_not_drawn_twice(state: InspectorState, star: Star) -> None:
    spectrum, visit = SpectrumView(state), star.visits[0].name
    state.inspected = visit
    assert state.shown == ["coadd", visit]
    assert [c.name for c in spectrum.figure.curves if c.renderers[0].visible] == ["coadd"]
    expected = np.where(star.visits[0].flux == 0, np.nan, star.visits[0].flux).astype(np.float32)
    assert np.array_equal(spectrum.figure.detail.data["flux"], expected, equal_nan=True)
    state.shown = ["coadd"]
    assert not any(r.visible for r in spectrum.figure.raw.renderers if r.data_source is spectrum.figure.detail)


def test_a_spectrum_that_cannot_be_normalised_shows_flux_and_says_why(star: Star) -> None:
    dead = replace(star.coadd, bitmask=np.ones_like(star.coadd.bitmask))
    state = InspectorState()
    state.show_star("dead", replace(star, coadd=dead, visits=()))
    view = SpectrumView(state)
    assert "dead" in view._trouble.text
    assert np.isfinite(view.figure.detail.data["flux"]).any()


def test_a_click_on_a_row_chooses_its_label(state: InspectorState) -> None:
    state.result = make_result()
    labels, posterior = LabelsView(state), PosteriorView(state)
    labels._tapped(SimpleNamespace(y=float(ROW_Y[label_index("mg_h")]) + 0.2))
    assert state.label == "mg_h" and state.elements == ["Mg"]
    assert labels.figure.chosen.data["y"] == [ROW_Y[label_index("mg_h")]]
    assert posterior.figure.layout.xaxis[0].axis_label == "[Mg/H] (dex)"


def test_draws_of_the_same_run_do_not_move_the_axes(state: InspectorState) -> None:
    view = LabelsView(state)
    state.result = make_result(200)
    settled = dict(view.figure.limits)
    state.result = make_result(200)
    assert view.figure.limits == settled
    state.result = make_result(200, seed=1)
    assert view.figure.limits != settled


def test_no_numbers_of_the_star_before_are_left(state: InspectorState) -> None:
    view = FlagsView(state)
    state.result = make_result()
    assert "Uncertain" in view._flags.html
    state.result = None
    assert view._flags.html == ""


def test_visits_ask_for_more_than_one(state: InspectorState, star: Star) -> None:
    view = VisitsView(state)
    assert "weights" in view._empty.text
    state.network = object()
    state.visit_results = {"nobody": make_failure("no")}
    state.visit_results = {}
    assert "drawing" in view._empty.text
    state.visit_results = {s.name: make_result(50, i, s.name) for i, s in enumerate(star.spectra)}
    assert view._empty.text == "" and "visits agree" in view._hint.text
    state.show_star("two", read_star(STARS / "apStar-dr17-2M19485057+5005279.fits"))
    assert "nothing to compare" in view._empty.text


def test_a_click_on_a_visit_inspects_it(state: InspectorState, star: Star) -> None:
    view = VisitsView(state)
    state.visit_results = {s.name: make_result(50, i, s.name) for i, s in enumerate(star.spectra)}
    view._figure.visits.selected.indices = [1]
    assert state.inspected == star.visits[1].name
    assert view._figure.visits.selected.indices == []


def test_an_undecided_flag_offers_more_draws_until_there_are_no_more(state: InspectorState) -> None:
    view, result = FlagsView(state), make_result()
    teff = result.flags["flag_uncertain_teff"]
    near = replace(teff, checks=(replace(teff.checks[0], number=303.0, mc_error=18.0, clearance=1.5),))
    report = replace(result.flags, checks=tuple(near if check is teff else check for check in result.flags.checks))
    state.result = replace(result, flags=report)
    state.running = True
    assert view._more.disabled  # the draws asked for are still on their way
    state.running = False
    assert not view._more.disabled and "550 draws are expected to tell more" in view._flags.html
    view._more.clicks += 1
    assert state.mc_num == 550
    state.result = replace(result, flags=report, settings=replace(result.settings, mc_num=MC_NUM.high))
    assert view._more.disabled and "the maximum" in view._flags.html
    state.result = replace(result, flags=report)
    assert not view._more.disabled
    state.result = replace(result, flags=check_flags(result.value, result.error))
    assert view._more.disabled
    view._more.clicks += 1
    assert state.mc_num == 550


def test_a_list_ignores_what_is_not_among_its_options(state: InspectorState, star: Star) -> None:
    listed = SpectrumView(state)._controls._inspected
    assert [value for value, _ in listed.options] == [one.name for one in star.spectra]
    listed.value = "made up"
    assert state.inspected == star.coadd.name
    listed.value = star.visits[0].name
    assert state.inspected == star.visits[0].name


@pytest.mark.parametrize("corrects", [True, False])
def test_the_legend_of_errors_explains_what_is_drawn(state: InspectorState, corrects: bool) -> None:
    view, result = ErrorsView(state), make_result()
    state.result = result if corrects else replace(result, noise_model=NoiseModel.identity())
    assert bool(np.isfinite(view.figure.source.data["corrected"]).any()) == corrects
    assert ("corrected error" in view._legend.html) == corrects
