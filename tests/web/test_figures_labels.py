"""The figures of labels, errors, flags and visits by their data: no browser."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pytest
from bokeh.core.validation import check_integrity
from bokeh.embed import json_item
from made_results import CENTRE, NOISE, SPREAD, make_failure, make_result

from inspector.files.spectra.star_file import read_star
from inspector.pipeline.result import Result
from inspector.science.flag_rules import FLAGS
from inspector.science.flags import FlagCheck, FlagReport
from inspector.science.label_groups import GROUPS, ORDER
from inspector.science.labels import ELEMENTS, LOGG, TEFF, label_index
from inspector.science.settings import MC_NUM, Settings
from inspector.science.star import Star
from inspector.science.star_info import StarInfo
from inspector.science.visits import farthest
from inspector.web.figures.axis_limits import bin_edges, round_width, settle
from inspector.web.figures.colours import ELEMENT_COLOURS, ink_on
from inspector.web.figures.errors import error_columns, errors_figure
from inspector.web.figures.label_numbers import written
from inspector.web.figures.label_rows import ROW_Y, label_at
from inspector.web.figures.labels import SCALES, labels_figure, value_columns
from inspector.web.figures.posterior import curve_columns, histogram_columns, posterior_figure
from inspector.web.figures.posterior_numbers import posterior_html
from inspector.web.figures.theme import THEMES
from inspector.web.figures.visits import draws_text, odd_one_out, pulls_of, visit_columns, visits_figure
from inspector.web.help_texts import HELP
from inspector.web.tables.element_table import PLACES, cells
from inspector.web.tables.errors_table import errors_html
from inspector.web.tables.flags_report import bar_length, flags_html, starflag_html

MG = label_index("mg_h")
STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"
LIGHT = THEMES["light"]


@pytest.fixture(scope="module")
def star() -> Star:
    return read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")


def test_groups_hold_each_label_once() -> None:
    assert sorted(ORDER) == list(range(22)) and GROUPS[0][0] == "Star"
    assert all(label_at(ROW_Y[i]) == i for i in range(22))
    assert label_at(5.0) is None


def test_every_element_has_one_colour_and_one_place() -> None:
    assert set(ELEMENT_COLOURS) == set(PLACES) == set(ELEMENTS)
    assert len(set(ELEMENT_COLOURS.values())) == len(set(PLACES.values())) == 19
    places = [(cell["row"], cell["column"] + i) for cell in cells() for i in range(cell["span"])]
    assert len(places) == len(set(places))
    assert (ink_on("#000000"), ink_on("#ffffff")) == ("#ffffff", "#000000")


def test_axes_settle_and_widen_only_when_they_must() -> None:
    first = settle(None, (0.0, 1.0))
    assert settle(first, (0.1, 0.9)) == first
    wider = settle(first, (0.1, 2.0))
    assert wider[0] == first[0] and wider[1] > 2
    assert settle(None, (1.0, 1.0))[0] < 1 < settle(None, (1.0, 1.0))[1]


def test_bins_stand_still_while_draws_arrive() -> None:
    draws = np.random.default_rng(0).normal(4300, 40, 5000)
    few, many = bin_edges(draws[:200]), bin_edges(draws)
    assert few[1] - few[0] == pytest.approx(many[1] - many[0])
    assert np.isin(np.round(few, 6), np.round(many, 6)).all()
    assert many[0] <= draws.min() and draws.max() <= many[-1]
    assert round_width(0.07) == pytest.approx(0.05)
    assert len(bin_edges(np.full(10, 3.0))) >= 2


def test_histogram_counts_every_draw() -> None:
    columns = histogram_columns(make_result(500), MG)
    assert columns["count"].sum() == 500 and max(columns["top"]) == 1
    assert set(columns["colour"]) == {ELEMENT_COLOURS["Mg"]}


def test_the_total_curve_is_wider_than_the_models() -> None:
    result = make_result(500)
    curves = curve_columns(result, MG, (CENTRE[MG] - 1, CENTRE[MG] + 1))
    assert np.all(curves["total"] >= curves["model"]) and np.all(curves["corrected"] >= curves["total"])
    assert curves["model"].max() == pytest.approx(1, abs=0.03)


def test_an_unknown_corrected_error_draws_no_curve() -> None:
    result = replace(make_result(), error=np.full(22, np.nan))
    assert np.isnan(curve_columns(result, MG, (-1, 1))["corrected"]).all()
    figure = posterior_figure(LIGHT)
    figure.show(result, MG, {})
    assert np.isfinite(figure.limits).all()


def test_words_say_that_draws_show_the_model_part_only() -> None:
    result = make_result(400)
    assert result.posterior.model_share[MG] == pytest.approx(0.2, abs=0.03)  # 1 of 1 + 2²
    html = posterior_html(result, MG, {"mg_h": (0.1, 0.02)}, LIGHT)
    assert "model part only" in html and "400 draws" in html and "0.100 ± 0.020 dex" in html


def test_posterior_axis_stays_while_the_run_grows() -> None:
    result, figure = make_result(1000), posterior_figure(LIGHT)
    figure.show(replace(result, posterior=result.posterior.first(300)), MG, {})
    limits = figure.limits
    figure.show(result, MG, {})
    assert figure.limits == limits
    figure.show(result, MG, {"mg_h": (3.0, 0.1)})
    assert figure.limits[1] > 3 and figure.catalogue.data["x"] == [3.0]


def test_labels_figure_places_every_label_once() -> None:
    figure = labels_figure(LIGHT)
    figure.show(make_result(), {"teff": (4250.0, 70.0)})
    assert sum(len(source.data["xs"]) for source in figure.hills.values()) == 22
    assert SCALES["teff"] == (TEFF,) and SCALES["logg"] == (LOGG,)
    assert figure.values["teff"].data["catalogue"] == [4250.0]
    teff = figure.ranges["teff"]
    assert teff.start < CENTRE[TEFF] - 2 * SPREAD[TEFF] and CENTRE[TEFF] + 2 * SPREAD[TEFF] < teff.end
    assert figure.text.data["written"][TEFF].endswith("K")
    figure.choose(MG)
    assert figure.chosen.data["y"] == [ROW_Y[MG]]


def test_the_axes_hold_nearly_all_draws() -> None:
    result, figure = make_result(1000), labels_figure(LIGHT)
    figure.show(replace(result, error=result.error / 10, raw_error=result.raw_error / 10), {})
    low, high = figure.limits["teff"]
    assert ((low < result.posterior.draws[:, TEFF]) & (result.posterior.draws[:, TEFF] < high)).mean() > 0.98


def test_errors_add_up() -> None:
    columns = error_columns(make_result())
    assert np.allclose(np.add(columns["model"], columns["predictive"]), 1)
    assert columns["raw"][TEFF] == pytest.approx(make_result().raw_error[TEFF] / 1000)
    figure = errors_figure(LIGHT)
    figure.show(make_result())
    assert 0 < figure.dumbbells.x_range.start < figure.dumbbells.x_range.end


def test_the_correction_is_written_out() -> None:
    result = make_result()
    assert re.fullmatch(r"1\.10 × 0\.1\d+ \+ 0\.010+", written(result)[MG].correction)
    left_out = replace(NOISE, scale=np.full(22, np.nan), offset=np.full(22, np.nan))
    result = replace(result, noise_model=left_out, error=np.full(22, np.nan))
    assert written(result)[MG].correction == "not in the noise model"
    assert written(result)[MG].error.startswith("0.11") and written(result)[MG].corrected == "unknown"
    html = errors_html(replace(make_result(), noise_model=replace(NOISE, name="<i>mine</i>")), MG)
    assert "&lt;i&gt;mine" in html and html.count("<tr") == 23


def test_flags_are_shown_with_rule_numbers_and_words() -> None:
    result = make_result()
    html = flags_html(result)
    for check in result.flags.checks:
        words = (check.flag.title, check.flag.meaning, check.flag.advice)
        assert all(escape(text) in html for text in words)
        assert all(one.text in html for one in check.checks)
    assert "flag_warn" in html and "flag_bad" in html


def test_no_result_says_why_and_escapes_it() -> None:
    html = flags_html(make_failure("The <red> chip is dead."))
    assert "The &lt;red&gt; chip is dead." in html and "<red>" not in html
    assert FLAGS[-1].title in html


def test_bars_are_half_full_at_the_threshold() -> None:
    assert [bar_length(x) for x in (0.0, 1.0, 5.0, np.inf, np.nan)] == [0.0, 0.5, 1.0, 1.0, 1.0]


def test_starflag_bits_by_name(star: Star) -> None:
    flagged = star.with_info(replace(star.info, starflag=1 << 3 | 1 << 17 | 1 << 30))
    html = starflag_html(flagged, "coadd")
    assert "VERY_BRIGHT_NEIGHBOR" in html and "SUSPECT_BROAD_LINES" in html and str(1 << 30) in html
    assert "does not say" in starflag_html(star.with_info(StarInfo()), "coadd")


def visit_results(star: Star, odd: int | None = None) -> dict:
    names = [spectrum.name for spectrum in star.spectra]
    return {name: make_result(200, i, name, 60.0 if i == odd else 0.0) for i, name in enumerate(names)}


def test_agreeing_visits_agree(star: Star) -> None:
    assert odd_one_out(star, visit_results(star), MG).startswith("The visits agree")


def test_the_odd_visit_is_named_and_red(star: Star) -> None:
    results, odd = visit_results(star, odd=2), star.visits[1].name
    assert farthest(pulls_of(star, results, MG)) == odd
    assert draws_text(star, results) == "200 draws each"
    assert odd_one_out(star, results, MG).startswith(odd)
    rows = visit_columns(star, results, MG, "mjd", "coadd", LIGHT)
    assert rows["colour"][rows["name"].index(odd)] == LIGHT.attention


@pytest.mark.parametrize("axis", ["mjd", "snr"])
def test_visits_figure_has_finite_ranges(star: Star, axis: str) -> None:
    figure = visits_figure(LIGHT)
    figure.show(star, visit_results(star), MG, axis, star.visits[0].name)
    x, y = figure.layout.x_range, figure.layout.y_range
    ends = x.start, x.end, y.start, y.end
    assert np.isfinite(ends).all() and ends[0] < ends[1] and ends[2] < ends[3]
    assert len(figure.visits.data["x"]) == 3


def test_visits_without_results_are_left_out(star: Star) -> None:
    figure = visits_figure(LIGHT)
    figure.show(star, {star.visits[0].name: make_failure("no")}, MG, "mjd", "coadd")
    assert figure.visits.data["x"] == []
    assert "needed" in odd_one_out(star, {}, MG)


@pytest.mark.parametrize("theme", THEMES)
def test_every_figure_can_be_sent_to_a_browser(theme: str) -> None:
    for layout in (
        labels_figure(THEMES[theme]).layout,
        posterior_figure(THEMES[theme]).layout,
        errors_figure(THEMES[theme]).layout,
        visits_figure(THEMES[theme]).layout,
    ):
        assert json_item(layout)["root_id"] == layout.id
        found = check_integrity(layout.references())
        assert not found.error and not found.warning


def test_help_is_short() -> None:
    panels = {"spectrum", "elements", "network", "labels", "posterior", "errors", "flags", "visits", "table", "kiel"}
    assert set(HELP) == panels
    assert all(len(text) < 900 for text in HELP.values())


def test_a_remark_is_shown_and_escaped() -> None:
    html = flags_html(replace(make_result(), remark="Outside <b>training</b>"))
    assert "Outside &lt;b&gt;training" in html
    assert 'class="remark"' not in flags_html(make_result())


def printed(text: str) -> float:
    return float(text.split(maxsplit=1)[0].replace("−", "-"))


@pytest.mark.parametrize("seed", range(20))
def test_the_printed_numbers_of_a_label_add_up_and_each_has_one_spelling(seed: int) -> None:
    result = make_result(100, seed)
    table, hover = errors_html(result, MG), error_columns(result)
    for i, one in enumerate(written(result)):
        model, predictive = printed(one.model), printed(one.predictive)
        places = len(one.raw.split()[0].partition(".")[2])
        assert f"{np.hypot(model, predictive):.{places}f}" == one.raw.split()[0]
        scale, _, raw_again, sign, offset = one.correction.split()
        made = float(scale) * float(raw_again) + float(offset) * (1 if sign == "+" else -1)
        assert f"{made:.{len(one.corrected.split()[0].partition('.')[2])}f}" == one.corrected.split()[0]
        words = posterior_html(result, i, {}, LIGHT)
        assert all(text in words for text in (one.value, one.interval, one.model, one.predictive, one.raw))
        assert (hover["raw_text"][i], hover["corrected_text"][i]) == (one.raw, one.corrected)
        assert all(f"<td>{text.split()[0]}</td>" in table for text in (one.value, one.raw, one.corrected))
        assert one.both == f"{one.value.split()[0]} ± {one.corrected}" and raw_again == one.raw.split()[0]
        assert one.both in value_columns(result, (i,), {})["written"]


def judged_as(**sets: bool) -> Result:
    """A result whose flags of these names are set by a number far off, and all others are not."""
    made = make_result()
    return replace(made, flags=FlagReport(tuple(far_off(c, sets.get(c.flag.name, False)) for c in made.flags.checks)))


def far_off(check: FlagCheck, is_set: bool) -> FlagCheck:
    number, clearance = (9e3, 99.0) if is_set else (0.0, -99.0)
    return replace(check, checks=tuple(replace(one, number=number, clearance=clearance) for one in check.checks))


def test_set_flags_come_first_and_flag_warn_names_them() -> None:
    html = flags_html(judged_as(flag_uncertain_fe_h=True, flag_uncertain_teff=True))
    titles = re.findall(r"<h3>([^<]+?) <span", html)
    assert titles == ["Uncertain Teff", "Uncertain [Fe/H]", "Uncertain log g", "No result"]
    assert "flag_warn: set by Uncertain Teff, Uncertain [Fe/H]" in html and "flag_bad: not set" in html
    assert "undecided" not in html


def test_an_undecided_flag_says_so_with_its_monte_carlo_error() -> None:
    result = judged_as()
    teff = result.flags["flag_uncertain_teff"]
    near = replace(teff, checks=(replace(teff.checks[0], number=303.0, mc_error=18.0, clearance=3.0 / 18.0),))
    checks = tuple(near if check is teff else check for check in result.flags.checks)
    html = flags_html(replace(result, flags=FlagReport(checks)))
    assert "1.01 ± 0.06 × the threshold" in html and "undecided at 100 draws: draw more" in html
    assert "flag_warn: set by Uncertain Teff (undecided)" in html and "flag_bad: not set<" in html
    at_the_end = flags_html(replace(result, flags=FlagReport(checks), settings=Settings(MC_NUM.high)))
    assert "undecided at 10000 draws, the maximum" in at_the_end
