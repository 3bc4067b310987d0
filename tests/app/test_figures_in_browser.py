"""What the spectrum figure does by itself in a browser: it draws what is seen, and its heights follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.embed import file_html
from bokeh.resources import INLINE

from inspector.app.figures.narrowing import BAND_ALPHA, MOST_MARKS
from inspector.app.figures.ranges import y_limits
from inspector.app.figures.scripts import script
from inspector.app.figures.spectrum import spectrum_figure
from inspector.app.figures.spectrum_data import curve_columns, detail_columns
from inspector.app.figures.theme import THEMES
from inspector.app.lines import load_lines
from inspector.files.stars import read_star
from inspector.science.continuum import normalize

STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"
VIEW = (16_130.0, 16_160.0)

MOVE = """([start, end]) => {
    Bokeh.documents[0].get_model_by_name("raw-flux").x_range.setv({start, end});
}"""
LOOK = """() => {
    const [raw, flat] = ["raw-flux", "normalised-flux"].map((name) => Bokeh.documents[0].get_model_by_name(name));
    const {data, whole} = flat.renderers.find((renderer) => renderer.tags.includes("curve")).data_source;
    const bounds = (column) => {
        const known = Array.from(column).filter(isFinite);
        return [Math.min(...known), Math.max(...known)];
    };
    const band = flat.renderers.map(({glyph}) => glyph).filter((glyph) => glyph.y2?.field === "normalized_high");
    const outline = flat.renderers.map(({glyph}) => glyph).filter((glyph) => glyph.y?.field === "normalized_high");
    return {
        filled: band[0].fill_alpha.value, outlined: outline[0].line_alpha.value,
        edges: ["normalized", "normalized_low", "normalized_high"].map((name) => Array.from(data[name], String)),
        raw: [raw.y_range.start, raw.y_range.end], flat: [flat.y_range.start, flat.y_range.end],
        drawn: data.flux.length, whole: whole.flux.length, bounds: bounds(data.flux), all: bounds(whole.flux),
    };
}"""


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[dict]]]:
    star = read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")
    whole = np.nan_to_num(star.coadd.flux, nan=np.nanmedian(star.coadd.flux))  # in the gaps too, as early releases
    bitmask = star.coadd.bitmask | (np.random.default_rng(0).random(8575) < 0.1)  # more bad pixels than can be marked
    coadd, visit = replace(star.coadd, flux=whole, bitmask=bitmask), star.visits[0]
    curves = [detail_columns(coadd, normalize(coadd)), curve_columns(visit, normalize(visit))]
    figure = spectrum_figure(THEMES["light"], load_lines())
    figure.inspect(coadd, normalize(coadd))
    figure.overlay([visit.name], lambda _: curves[1])
    file = tmp_path_factory.mktemp("figure") / "figure.html"
    file.write_text(file_html(figure.layout, INLINE, "spectrum"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 500})
    page.goto(file.as_uri())
    page.wait_for_function("window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle")
    yield page, curves
    page.close()


def test_heights_follow_by_the_same_rule_as_on_the_server(page: tuple[Any, list[dict]]) -> None:
    browser_page, curves = page
    browser_page.evaluate(MOVE, list(VIEW))
    found = browser_page.evaluate(LOOK)
    assert found["raw"] == pytest.approx(y_limits(curves, "flux", VIEW), rel=1e-3)
    assert found["flat"] == pytest.approx(y_limits(curves, "normalized", VIEW), rel=1e-3)


def test_few_rows_are_drawn_and_no_extreme_is_lost(page: tuple[Any, list[dict]]) -> None:
    browser_page, curves = page
    browser_page.evaluate(MOVE, list(VIEW))
    near = browser_page.evaluate(LOOK)
    assert near["whole"] == 8575 and near["drawn"] < 200
    browser_page.evaluate(MOVE, [15_101.0, 16_999.0])
    far = browser_page.evaluate(LOOK)
    assert far["drawn"] < 4000 and far["bounds"] == far["all"]
    assert far["all"][1] == pytest.approx(float(np.nanmax(curves[0]["flux"])))


EXTREMES = """([script, flux, normalized, blocks]) => {
    const rows = new Function("a", "b", "n", script + "; return extremeRows([a, b], 0, a.length, n)")(
        flux.map(Number), normalized.map(Number), blocks);
    return rows;
}"""


def block_bounds(curve: np.ndarray, rows: np.ndarray, blocks: int) -> list[tuple[float, float]]:
    """Lowest and highest of some rows of a curve in each block of its pixels; infinite where there is none."""
    edges = [block * len(curve) // blocks for block in range(blocks + 1)]
    known = rows[np.isfinite(curve[rows])]
    parts = [curve[known[(known >= a) & (known < b)]] for a, b in pairwise(edges)]
    return [(float(part.min(initial=np.inf)), float(part.max(initial=-np.inf))) for part in parts]


def made_curve(seed: int) -> np.ndarray:
    """Noise, spikes, constants and gaps."""
    rng = np.random.default_rng(seed)
    curve = np.round(rng.normal(size=8575), int(rng.integers(0, 4)))
    curve[rng.random(8575) < 0.02] *= 1e7
    curve[rng.random(8575) < rng.choice([0.0, 0.05, 0.9])] = np.nan
    return curve


@pytest.mark.parametrize("blocks", [881, 300])
def test_each_curve_keeps_its_own_extremes_in_every_screen_column(page: tuple[Any, list[dict]], blocks: int) -> None:
    browser_page, curves = page
    pairs = [(curve["flux"], curve["normalized"]) for curve in curves]
    pairs += [(made_curve(seed), made_curve(seed + 100)) for seed in range(4)]
    for pair in pairs:
        texts = [[str(value) for value in curve.tolist()] for curve in pair]
        texts = [[text.replace("nan", "NaN") for text in curve] for curve in texts]
        rows = np.array(browser_page.evaluate(EXTREMES, [script("narrow"), *texts, blocks]))
        assert np.all(np.diff(rows) > 0)
        for curve in pair:
            assert block_bounds(curve, rows, blocks) == block_bounds(curve, np.arange(8575), blocks)


def test_marks_are_thinned_from_the_start_and_the_plot_says_so(page: tuple[Any, list[dict]]) -> None:
    browser_page, _ = page
    marks = """() => {
        const flat = Bokeh.documents[0].get_model_by_name("normalised-flux");
        const dots = flat.renderers.find(({glyph}) => glyph.type === "Scatter").data_source;
        const {text} = Bokeh.documents[0].get_model_by_name("left-out");
        return [dots.get_length(), dots.whole?.wavelength.length, text];
    }"""
    browser_page.evaluate(MOVE, [15_101.0, 16_999.0])
    shown, of, said = browser_page.evaluate(marks)
    assert 100 < shown <= MOST_MARKS < of
    assert said == f"{shown} of {of} replaced pixels marked"
    browser_page.evaluate(MOVE, list(VIEW))
    assert browser_page.evaluate(marks)[2] == ""


def test_the_error_band_is_filled_where_pixels_are_wide(page: tuple[Any, list[dict]]) -> None:
    browser_page, _ = page
    browser_page.evaluate(MOVE, list(VIEW))
    near = browser_page.evaluate(LOOK)
    assert near["filled"] == BAND_ALPHA and near["outlined"] == 0
    browser_page.evaluate(MOVE, [15_101.0, 16_999.0])
    far = browser_page.evaluate(LOOK)
    assert far["filled"] == 0 and far["outlined"] == BAND_ALPHA


def test_the_band_s_outline_breaks_off_between_chips_and_its_edges_meet_there(page: tuple[Any, list[dict]]) -> None:
    browser_page, curves = page
    assert np.isfinite(curves[0]["flux"]).all() and np.isnan(curves[0]["normalized"]).any()

    def seen(view: list[float]) -> list[np.ndarray]:
        browser_page.evaluate(MOVE, view)
        return [np.array(edge, dtype=float) for edge in browser_page.evaluate(LOOK)["edges"]]

    flux, low, high = seen([15_101.0, 16_999.0])
    assert np.isnan(flux).any() and np.isnan(low[np.isnan(flux)]).all() and np.isnan(high[np.isnan(flux)]).all()
    flux, low, high = seen([15_790.0, 15_880.0])
    assert np.isnan(flux).any() and np.isfinite(low).all()
    assert np.array_equal(low[np.isnan(flux)], high[np.isnan(flux)])
