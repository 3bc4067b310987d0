"""What the spectrum figure does by itself in a browser: it draws what is seen, and its heights follow."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.embed import file_html
from bokeh.models import Column
from bokeh.resources import INLINE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.files.line_list import load_lines
from inspector.files.spectra.star_file import read_star
from inspector.science.continuum import normalize
from inspector.science.spectrum import WAVELENGTH
from inspector.web.figures.decimation import BAND_ALPHA, MOST_MARKS
from inspector.web.figures.flux_range import y_limits
from inspector.web.figures.javascript import script
from inspector.web.figures.spectrum import FULL_VIEW, spectrum_figure
from inspector.web.figures.spectrum_data import curve_columns, detail_columns
from inspector.web.figures.theme import THEMES

pytestmark = pytest.mark.browser

STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"
VIEW = (16_130.0, 16_160.0)

MOVE = """([start, end]) => {
    Bokeh.documents[0].get_model_by_name("raw-flux").x_range.setv({start, end});
}"""
LOOK = """() => {
    const [raw, flat] = ["raw-flux", "normalised-flux"].map((name) => Bokeh.documents[0].get_model_by_name(name));
    const curve = (plot) => plot.renderers.find((renderer) => renderer.tags.includes("curve")).data_source;
    const {data, whole} = curve(raw), beside = curve(flat).data;
    const bounds = (column) => {
        const known = Array.from(column).filter(isFinite);
        return [Math.min(...known), Math.max(...known)];
    };
    const band = flat.renderers.map(({glyph}) => glyph).filter((glyph) => glyph.y2?.field === "normalized_high");
    const outline = flat.renderers.map(({glyph}) => glyph).filter((glyph) => glyph.y?.field === "normalized_high");
    return {
        filled: band[0].fill_alpha.value, outlined: outline[0].line_alpha.value,
        edges: ["normalized", "normalized_low", "normalized_high"].map((name) => Array.from(beside[name], String)),
        raw: [raw.y_range.start, raw.y_range.end], flat: [flat.y_range.start, flat.y_range.end],
        drawn: data.flux.length, whole: whole.flux.length, bounds: bounds(data.flux), all: bounds(whole.flux),
    };
}"""


def standalone(layout: Any) -> str:
    """A page of these figures alone, with an icon: the browser would look for one beside the file."""
    page = file_html(layout, INLINE, "figures").replace("<head>", '<head><link rel="icon" href="data:,">', 1)
    return re.sub(r'<script[^>]* src="[^"]*"></script>', "", page)  # of models that other tests brought in


@pytest.fixture(scope="module")
def page(context: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[dict]]]:
    star = read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")
    whole = np.nan_to_num(star.coadd.flux, nan=np.nanmedian(star.coadd.flux))  # in the gaps too, as early releases
    bitmask = star.coadd.bitmask | (np.random.default_rng(0).random(8575) < 0.1)  # more bad pixels than can be marked
    coadd, visit = replace(star.coadd, flux=whole, bitmask=bitmask), star.visits[0]
    curves = [detail_columns(coadd, normalize(coadd)), curve_columns(visit, normalize(visit))]
    figure = spectrum_figure(THEMES["light"], load_lines())
    figure.inspect(coadd, normalize(coadd))
    figure.overlay([visit.name], lambda _: curves[1])
    file = tmp_path_factory.mktemp("figure") / "figure.html"
    file.write_text(standalone(figure.layout), encoding="utf-8")
    page = context.new_page()
    page.set_viewport_size({"width": 1200, "height": 500})
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


BOUNDS = """(x, y, start, end, width) => {  // lowest and highest known pixel of each screen column, written out
    const found = {};
    for (let i = 0; i < x.length; i++) {
        if (!isFinite(y[i]) || x[i] < start || x[i] > end) continue;
        const column = Math.floor((x[i] - start) / (end - start) * width), [low, high] = found[column] ?? [y[i], y[i]];
        found[column] = [Math.min(low, y[i]), Math.max(high, y[i])];
    }
    return JSON.stringify(found);
}"""
DECIMATE = f"""([script, bytes, {{start, end, width}}]) => {{
    const bounds = {BOUNDS}, names = ["wavelength", "flux", "normalized", "low", "high"];
    const all = new Float64Array(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)).buffer);
    const n = all.length / names.length, part = (name, i) => [name, all.slice(i * n, (i + 1) * n)];
    const whole = Object.fromEntries(names.map(part));
    const parts = {{curves: ["flux", "normalized"], edges: ["low", "high"], bands: []}};
    const code = script + "; return curveRows(whole, parts, 0, whole.flux.length, view, true)";
    const drawn = new Function("whole", "parts", "view", code)(whole, parts, {{start, end, width}});
    return names.slice(1).filter((name) => bounds(whole.wavelength, whole[name], start, end, width)
        !== bounds(drawn.wavelength, drawn[name], start, end, width));
}}"""
DRAWN = f"""async ([start, end]) => {{
    const bounds = {BOUNDS}, seen = {{lines: 0, rows: 0, lost: [], columns: 0}};
    const models = [...Bokeh.documents[0]._all_models.values()];
    const plots = models.filter((model) => ["raw-flux", "normalised-flux"].includes(model.name));
    for (const plot of plots) plot.x_range.setv({{start, end}});
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));  // callbacks run by and by
    for (const plot of plots) {{
        for (const {{glyph, data_source: {{data, whole}}}} of plot.renderers) {{
            if (glyph.type !== "Line" || glyph.line_alpha.value === 0) continue;
            const name = glyph.y.field, view = [start, end, plot.inner_width];
            seen.lines++;
            seen.columns = plot.inner_width;
            seen.rows = Math.max(seen.rows, data.wavelength.length);
            const [drawn, all] = [data, whole].map((columns) => bounds(columns.wavelength, columns[name], ...view));
            if (drawn !== all) seen.lost.push(name);
        }}
    }}
    return seen;
}}"""


@st.composite
def spectra(draw: Any) -> np.ndarray:
    """Two curves and two edges with noise, spikes, constants and gaps, below their wavelengths."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gaps, spikes = draw(st.sampled_from([0.0, 0.05, 0.9])), draw(st.sampled_from([0.0, 0.02, 0.5]))
    curves = np.round(1 + draw(st.floats(0.0, 2.0)) * rng.normal(size=(4, 8575)), draw(st.integers(0, 4)))
    curves[rng.random(curves.shape) < spikes] *= draw(st.sampled_from([2.0, -3.0, 1e7]))
    curves[rng.random(curves.shape) < gaps] = np.nan
    return np.vstack([WAVELENGTH, curves])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spectra(), st.sampled_from([881, 300, 2000]))
def test_any_curve_keeps_its_own_extremes_in_every_screen_column(page: Any, made: np.ndarray, width: int) -> None:
    view = {"start": FULL_VIEW[0], "end": FULL_VIEW[1], "width": width}
    assert page[0].evaluate(DECIMATE, [script("narrow"), b64encode(made.tobytes()).decode(), view]) == []


def test_what_is_drawn_of_real_stars_has_the_extremes_of_all_their_pixels(context: Any, tmp_path: Path) -> None:
    figures, curves = [], 0
    for path in sorted(STARS.glob("*.fits")):
        star = read_star(path)
        figures.append(spectrum_figure(THEMES["dark"], load_lines()))
        figures[-1].inspect(star.coadd, normalize(star.coadd))
        visits = {visit.name: curve_columns(visit, normalize(visit)) for visit in star.visits}
        figures[-1].overlay(list(visits), visits.get)
        curves += 1 + len(visits)
    layout = Column(children=[figure.layout for figure in figures], sizing_mode="stretch_width")
    (tmp_path / "figures.html").write_text(standalone(layout), encoding="utf-8")
    page = context.new_page()
    page.set_viewport_size({"width": 960, "height": 500})
    page.goto((tmp_path / "figures.html").as_uri())
    page.wait_for_function("window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle")
    for view in (FULL_VIEW, (15_101.0, 16_999.0), (15_200.0, 16_100.0), (16_000.0, 16_300.0), VIEW):
        seen = page.evaluate(DRAWN, list(view))
        assert seen["lost"] == [], view
        assert 800 < seen["columns"] < 960 and seen["lines"] >= 2 * curves + len(figures)
    assert page.evaluate(DRAWN, list(FULL_VIEW))["rows"] < 6000
    page.close()


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
    assert f"{shown} of {of} replaced pixels marked" in said
    browser_page.evaluate(MOVE, list(VIEW))
    assert "marked" not in browser_page.evaluate(marks)[2]


def test_replaced_pixels_beyond_the_axis_are_marked_at_its_edge_and_counted(page: tuple[Any, list[dict]]) -> None:
    browser_page, (detail, _) = page
    arrows = """() => {
        const raw = Bokeh.documents[0].get_model_by_name("raw-flux");
        const {data} = raw.renderers.find(({glyph}) => glyph.y?.field === "place").data_source;
        const {text} = Bokeh.documents[0].get_model_by_name("left-out");
        return [raw.y_range.start, raw.y_range.end, Array.from(data.flux), Array.from(data.marker), text];
    }"""
    browser_page.evaluate(MOVE, [15_101.0, 16_999.0])
    start, end, flux, markers, said = browser_page.evaluate(arrows)
    raw = detail["flux"][detail["replaced"] == 1]
    beyond = raw[(raw < start) | (raw > end)]
    assert len(beyond) > 10 and flux == pytest.approx(beyond.tolist())
    assert markers == ["triangle" if value > end else "inverted_triangle" for value in beyond]
    assert f"raw flux of {len(beyond)} replaced pixels beyond the axis" in said


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
