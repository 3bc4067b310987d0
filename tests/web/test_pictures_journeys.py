"""The spectrum's pictures in Chromium: what is drawn stays the same whatever made the figure anew."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from makers import write_apstar, write_aspcap
from PIL import Image

from inspector.files.spectra.star_file import read_star
from inspector.science.continuum import normalize
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH

pytestmark = pytest.mark.browser

STAR, FILE = "2M17335483-2753043", "apStar-dr17-2M17335483-2753043"
STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"

MARKS = """() => {
    const models = [...Bokeh.documents[0]._all_models.values()];
    const flat = models.findLast((model) => model.name === "normalised-flux");  // older ones live on for a while
    const {data_source} = flat.renderers.find(({glyph}) => glyph.type === "Scatter");
    return [flat.id, data_source.get_length(), data_source.whole?.wavelength.length ?? 0];
}"""
DRAWN = f"(old) => {{ const [id, , whole] = ({MARKS})(); return id !== old && whole > 0 }}"


def test_another_theme_draws_the_same_marks(regular: Any) -> None:
    page = regular.page
    before = page.evaluate(MARKS)
    assert before[2] > 0
    for _ in range(2):
        old = page.evaluate(MARKS)[0]
        page.get_by_role("button", name="theme").click()
        page.wait_for_function(DRAWN, arg=old)
        assert page.evaluate(MARKS)[1:] == before[1:]


def test_the_spectrum_and_one_figure_of_it_all_are_exported(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    coadd = read_star(STARS / f"{FILE}.fits").coadd
    name, data = exported(page, "Spectrum · FITS")
    table = Table.read(io.BytesIO(data), format="fits")
    assert name == f"{FILE}-coadd-spectrum.fits" and str(table["wavelength"].unit) == "Angstrom"
    assert np.array_equal(table["normalized_flux"][CHIP_PIXELS], normalize(coadd).flux)
    name, data = exported(page, "One figure · PDF")
    assert name == f"{FILE}-coadd-figure.pdf" and data.startswith(b"%PDF")
    _, data = exported(page, "One figure · SVG")
    drawing = data.decode()
    for part in (f">{STAR} · coadd<", "Flux / continuum", "flag_warn", "mc_num", "noise model"):
        assert part in drawing, part


def test_panels_are_exported_wide_with_legend_and_axes(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    drawings = exported_all(page, "Panels as shown · SVG", 3)
    spectrum, posterior, labels = (
        drawings[f"{FILE}-coadd-{name}.svg"].decode() for name in ("spectrum", "posterior", "labels")
    )
    for part in ("fitted continuum", "1σ error", "pixels replaced by 1", "10⁻¹⁷ erg/s/cm²/Å", "Flux / continuum", STAR):
        assert part in spectrum, part
    for part in ("mean of the draws: ", "total (raw): both in quadrature: ", "Density (peak = 1)", "Teff (K)"):
        assert part in posterior, part
    assert "value and 1σ error" in labels and "[X/H] (dex)" in labels
    for name, data in exported_all(page, "Panels as shown · PNG", 3).items():
        assert Image.open(io.BytesIO(data)).width >= 1600, name


VISITS = """() => {
    const models = [...Bokeh.documents[0]._all_models.values()];
    return ["raw-flux", "normalised-flux"].map((name) => models.findLast((model) => model.name === name).renderers
        .filter(({name, visible, tags, data_source}) => visible && tags.includes("curve") && name?.startsWith("visit")
            && data_source.get_length() > 100 && data_source.get_length() < 8000).length).join();
}"""
"""How many visits are drawn in each panel, by as many points as the screen can show."""


def test_visits_are_drawn_in_both_panels_before_the_view_moves(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    for key, spectrum in (("]", "visit+1"), ("]", "visit+2"), ("[", "visit+1"), ("[", "coadd")):
        page.keyboard.press(key)
        regular.address_has(f"spectrum={spectrum}")
    page.wait_for_function(f"() => ({VISITS})() === '2,2'")
    page.get_by_role("button", name="every visit").click()
    page.wait_for_function(f"() => ({VISITS})() === '3,3'")
    page.get_by_role("button", name="every visit").click()
    page.wait_for_function(f"() => ({VISITS})() === '0,0'")


SCALES = """([start, end]) => {
    const models = [...Bokeh.documents[0]._all_models.values()];
    const [raw, flat] = ["raw-flux", "normalised-flux"].map((name) => models.findLast((model) => model.name === name));
    raw.x_range.setv({start, end});
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done({
        raw: [raw.y_range.start, raw.y_range.end], flat: [flat.y_range.start, flat.y_range.end],
        said: models.findLast(({name}) => name === "left-out").text,
    }))));
}"""


def test_a_masked_window_shows_the_ones_and_the_raw_flux_and_says_what_is_absurd(regular: Any, tmp_path: Path) -> None:
    page, pixels = regular.page, slice(2000, 2060)
    path = write_apstar(tmp_path / "masked.fits", OBJID="2M22222222+2222222")
    with fits.open(path, mode="update") as hdus:
        hdus[3].data[:, pixels] |= 1
        hdus[1].data[:, 2030] = 2.5e7
        raw = np.delete(hdus[1].data[0, pixels], 30)
    page.get_by_label("Open FITS files").set_input_files(path)
    page.get_by_role("heading", name="2M22222222+2222222").wait_for()
    regular.drawn()
    for first, last in ((1995, 2064), (2002, 2058)):  # with and without a good pixel in view
        seen = page.evaluate(SCALES, [float(WAVELENGTH[first]), float(WAVELENGTH[last])])
        inside = raw[max(first - 2000, 0) : last - 2000]
        assert seen["raw"][0] < inside.min() and inside.max() < seen["raw"][1] < 1e5
        assert seen["flat"][0] < 1 < seen["flat"][1] < 2
        assert seen["said"].startswith("raw flux of 1 replaced pixel beyond the axis")
    page.evaluate(SCALES, [float(WAVELENGTH[0]), float(WAVELENGTH[-1])])


MODEL = """() => [...Bokeh.documents[0]._all_models.values()].findLast(({name}) => name === "normalised-flux")
    .renderers.find(({glyph}) => glyph.y?.field === "normalized_model")
    .data_source.data.normalized_model.some(isFinite)"""


def test_the_model_of_a_star_is_drawn_over_its_spectrum(regular: Any, tmp_path: Path) -> None:
    page = regular.page
    name = "2M11111111+1111111"
    files = [write_aspcap(tmp_path / "modelled.fits", OBJID=name), write_apstar(tmp_path / "beside.fits", OBJID=name)]
    page.get_by_label("Open FITS files").set_input_files(files)
    for title in ("modelled", "beside"):
        page.get_by_role("option", name=title).click()
        regular.address_has(f"star={title}")
        page.get_by_text("ASPCAP's best-fitting model").first.wait_for()
        page.wait_for_function(MODEL)
    regular.choose_star(STAR, FILE)
    page.get_by_text("ASPCAP's best-fitting model").first.wait_for(state="hidden")
    assert not page.evaluate(MODEL)


def exported_all(page: Any, what: str, count: int) -> dict[str, bytes]:
    """Name and content of several files that one item of the Export menu gives."""
    came: list[Any] = []

    def whole(download: Any) -> bool:
        came.append(download)
        return len(came) == count

    with page.expect_event("download", whole):
        page.get_by_role("button", name="Export", exact=True).click()
        page.get_by_role("menuitem", name=what).click()
    return {download.suggested_filename: Path(download.path()).read_bytes() for download in came}


def exported(page: Any, what: str) -> tuple[str, bytes]:
    """The name and content of what the Export menu gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
        page.get_by_role("menuitem", name=what).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()
