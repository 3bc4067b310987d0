"""The spectrum's figures by their data: no browser."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from bokeh.core.validation import check_integrity
from bokeh.embed import json_item
from bokeh.models import HoverTool

from inspector.files.line_list import load_lines
from inspector.files.spectra.star_file import read_star
from inspector.science.bitmask import ASTRONN_BITS, any_bit
from inspector.science.continuum import normalize
from inspector.science.labels import ELEMENTS
from inspector.science.lines import species_of
from inspector.science.masking import bit_counts
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH
from inspector.science.star import Star
from inspector.science.windows import element_windows, window_spans
from inspector.web.figures.colours import ELEMENT_COLOURS, ELEMENT_PATTERNS, FULL_SPECTRUM_COLOUR
from inspector.web.figures.flux_range import y_limits
from inspector.web.figures.label_placement import ROOM, WIDTHS, widest_view, written
from inspector.web.figures.masks import FLAGGED, REPLACED, bit_names, mask_columns
from inspector.web.figures.spectrum import FULL_VIEW, spectrum_figure
from inspector.web.figures.spectrum_data import curve_columns, detail_columns, overview_columns, replaced_columns
from inspector.web.figures.theme import THEMES
from inspector.web.figures.windows import strip_columns
from inspector.web.help_texts import HELP
from inspector.web.tables.mask_table import mask_html

STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"


@pytest.fixture(scope="module")
def star() -> Star:
    return read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")


@pytest.fixture(scope="module")
def detail(star: Star) -> dict:
    return detail_columns(star.coadd, normalize(star.coadd))


def test_every_column_has_a_row_a_pixel_and_no_wide_integer(detail: dict) -> None:
    assert {len(column) for column in detail.values()} == {8575}
    assert all(column.dtype.kind == "f" or column.dtype.itemsize <= 4 for column in detail.values())


def test_replaced_pixels_are_astronns_and_stand_at_one(star: Star, detail: dict) -> None:
    inside = np.zeros(8575, dtype=bool)
    inside[CHIP_PIXELS] = True
    expected = any_bit(star.coadd.bitmask, ASTRONN_BITS) & inside
    assert np.array_equal(detail["replaced"] == 1, expected)
    assert np.all(replaced_columns(detail)["normalized"] == 1)


def test_pixel_numbers_of_both_grids(detail: dict) -> None:
    assert np.array_equal(detail["network_pixel"][CHIP_PIXELS], np.arange(7514))
    assert (detail["network_pixel"] == -1).sum() == 8575 - 7514


def test_the_error_band_breaks_off_where_there_is_no_error(detail: dict) -> None:
    unknown = ~np.isfinite(detail["normalized_error"])
    assert unknown.any() and not unknown.all()
    for edge in ("normalized_low", "normalized_high"):
        assert np.array_equal(np.isfinite(detail[edge]), ~unknown)
    width = detail["normalized_high"] - detail["normalized_low"]
    assert np.allclose(width[~unknown], 2 * detail["normalized_error"][~unknown], rtol=1e-3)


def test_a_spectrum_without_continuum_still_shows_raw_flux(star: Star) -> None:
    columns = detail_columns(star.coadd, None)
    assert np.isfinite(columns["flux"]).sum() > 7000
    assert not np.isfinite(columns["normalized"]).any() and not columns["replaced"].any()


def test_zero_flux_is_a_gap_not_a_spike(star: Star) -> None:
    flux = star.coadd.flux.copy()
    flux[1000:1010] = 0
    assert np.isnan(curve_columns(replace(star.coadd, flux=flux), None)["flux"][1000:1010]).all()


def test_y_limits_ignore_bad_pixels_and_what_is_out_of_view(star: Star) -> None:
    flux, bitmask = star.coadd.flux.copy(), star.coadd.bitmask.copy()
    flux[2000], bitmask[2000] = 1e9, 1
    flux[7000] = 1e9
    view = (float(WAVELENGTH[1500]), float(WAVELENGTH[2500]))
    curve = curve_columns(replace(star.coadd, flux=flux, bitmask=bitmask), None)
    low, high = y_limits([curve], "flux", view)
    shown = flux[1500:2501][curve["good"][1500:2501] == 1]
    assert low < np.quantile(shown, 0.01) < np.quantile(shown, 0.99) < high < 2000


def test_y_limits_of_nothing_in_view(detail: dict) -> None:
    assert y_limits([detail], "flux", (15_000.0, 15_050.0)) is None
    assert y_limits([], "flux", FULL_VIEW) is None


def test_y_limits_of_a_constant_are_not_noise() -> None:
    flat = {"wavelength": np.array([1.0, 2.0]), "flux": np.array([5.0, 5.0]), "good": np.array([1, 1])}
    low, high = y_limits([flat], "flux", (0.0, 3.0))
    assert low < 5 < high


def test_overview_keeps_the_extremes(detail: dict) -> None:
    coarse = overview_columns(detail)
    assert np.nanmin(coarse["normalized"]) == np.nanmin(detail["normalized"])
    assert len(coarse["normalized"]) < 1500
    assert np.isnan(coarse["normalized"]).any()  # the chip gaps stay gaps


def test_mask_bars_cover_each_flagged_pixel_once(star: Star) -> None:
    columns = mask_columns(star.coadd)
    inside = star.coadd.bitmask[CHIP_PIXELS]
    assert columns["pixels"].sum() == (inside != 0).sum()
    red = columns["lane"] == REPLACED
    assert columns["pixels"][red].sum() == any_bit(inside, ASTRONN_BITS).sum()
    assert set(columns["lane"]) == {REPLACED, FLAGGED}
    assert np.all(columns["left"] < columns["right"])


def test_mask_of_a_clean_spectrum_is_empty(star: Star) -> None:
    clean = replace(star.coadd, bitmask=np.zeros_like(star.coadd.bitmask))
    assert len(mask_columns(clean)["left"]) == 0


def test_mask_table_counts_each_bit(star: Star) -> None:
    html = mask_html(star.coadd)
    counts = {bit.name: (count, masked) for bit, count, masked in bit_counts(star.coadd)}
    assert counts["SIG_SKYLINE"] == (121, True) and counts["SIG_TELLURIC"] == (397, False)
    assert html.count("replaced by 1") == 1 and all(name in html for name in counts)
    assert "No pixel" in mask_html(replace(star.coadd, bitmask=np.zeros_like(star.coadd.bitmask)))


def test_bits_are_named() -> None:
    assert bit_names(1 << 12 | 1 << 14) == "SIG_SKYLINE (astroNN masks it), NOT_ENOUGH_PSF"
    assert bit_names(1 << 9) == "PERSIST_HIGH"


@pytest.mark.parametrize("element", ELEMENTS)
def test_strips_match_the_windows(element: str) -> None:
    spans = window_spans(element_windows()[ELEMENTS.index(element)])
    strips = strip_columns([element])
    assert len(strips["left"]) == len(spans)
    assert strips["pixels"].sum() == element_windows()[ELEMENTS.index(element)].sum()
    assert np.all((strips["left"] < WAVELENGTH[spans[:, 0]]) & (WAVELENGTH[spans[:, 1]] < strips["right"]))
    assert np.allclose(strips["right"] - strips["left"], strips["pixels"] * 0.22, rtol=0.08)


def test_no_element_no_strip() -> None:
    assert {len(column) for column in strip_columns([]).values()} == {0}


def test_every_element_is_named_at_the_widest_view() -> None:
    strips = strip_columns(["Mg", "Al", "Ca"])
    assert set(strips["name"][strips["widest_view"] >= WIDTHS[0]]) == {"Mg", "Al", "Ca"}


def test_thinning_leaves_room_and_keeps_the_important() -> None:
    position = np.linspace(15_200, 15_210, 50)
    widest = widest_view(position, range(50))
    assert widest[0] == WIDTHS[0]
    for width in WIDTHS:
        kept = position[widest >= width]
        assert np.all(np.diff(kept) >= width * ROOM - 1e-9)
    assert written(widest, (15_200.0, 15_200.0 + WIDTHS[-1])) == np.flatnonzero(widest > 0).tolist()


@pytest.fixture(scope="module")
def figure(star: Star):
    made = spectrum_figure(THEMES["light"], load_lines())
    made.inspect(star.coadd, normalize(star.coadd))
    return made


def test_the_figure_can_be_sent_to_a_browser(figure) -> None:
    assert json_item(figure.layout)["root_id"] == figure.layout.id
    found = check_integrity(figure.layout.references())
    assert not found.error and not found.warning


def test_windows_do_not_stretch_the_ranges(figure) -> None:
    before = figure.view, (figure.flat.y_range.start, figure.flat.y_range.end)
    figure.shade(ELEMENTS)
    assert (figure.view, (figure.flat.y_range.start, figure.flat.y_range.end)) == before
    assert len(figure.strips.data["left"]) > 400
    figure.shade([])


def test_curves_are_hidden_and_shown_and_never_made_again(figure, star: Star) -> None:
    names = [visit.name for visit in star.visits]
    asked = []

    def columns(name: str) -> dict:
        asked.append(name)
        return curve_columns(next(v for v in star.visits if v.name == name), None)

    figure.overlay(names, columns)
    renderers = list(figure.raw.renderers)
    figure.overlay(names[:1], columns)
    figure.overlay(names, columns)
    assert asked == names and figure.raw.renderers == renderers
    assert all(curve.renderers[0].visible for curve in figure.curves)
    assert [curve.renderers[0].name for curve in figure.curves] == names  # what the pointer tells
    figure.forget()
    figure.overlay(["another star's visit"], lambda _: columns(names[0]))
    assert figure.raw.renderers == renderers  # the freed curve serves again
    figure.overlay([], columns)


def test_looking_elsewhere_moves_both_ends_at_once_and_fits_the_heights(figure) -> None:
    figure.look_at((16_000.0, 16_050.0))
    assert figure.view == (16_000.0, 16_050.0) and figure.seen.data["view"] == [16_000.0, 16_050.0]
    figure.fit()
    low, high = figure.flat.y_range.start, figure.flat.y_range.end
    assert 0 < low < 1 < high < 1.5
    figure.look_at(FULL_VIEW)


def test_line_names_are_switched_not_made(figure) -> None:
    assert not any(mark.visible for mark in figure.marks)
    figure.identify(True)
    assert all(mark.visible for mark in figure.marks)
    figure.identify(False)


def test_a_fully_masked_window_shows_one_and_the_raw_flux_that_was_replaced(star: Star) -> None:
    pixels = slice(2000, 2060)
    flux, bitmask = star.coadd.flux.copy(), star.coadd.bitmask.copy()
    bitmask[pixels] |= 1
    flux[2030] = 2.5e7  # absurd: said on the plot, not shown
    masked = replace(star.coadd, flux=flux, bitmask=bitmask)
    columns = detail_columns(masked, normalize(masked))
    view = (float(WAVELENGTH[1995]), float(WAVELENGTH[2064]))
    low, high = y_limits([columns], "normalized", view)
    assert low < 1 < high
    low, high = y_limits([columns], "flux", view)
    raw = np.delete(flux[pixels], 30)
    assert low < raw.min() and raw.max() < high < 1e4
    inside = (float(WAVELENGTH[2001]), float(WAVELENGTH[2029]))  # nothing good in view
    assert y_limits([columns], "flux", inside) is not None
    low, high = y_limits([columns], "normalized", inside)
    assert low < 1 < high


# protanopia, deuteranopia, tritanopia: Machado et al. 2009, severity 1, on linear RGB
SIGHTS = (
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
)


def oklab(colour: str, sight: list[list[float]]) -> np.ndarray:
    """A colour as somebody sees it, where distances are those of perception (Ottosson 2020)."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(sight) @ linear, 0, 1)
    lms = [[0.4122215, 0.5363325, 0.0514460], [0.2119035, 0.6806995, 0.1073970], [0.0883025, 0.2817188, 0.6299787]]
    lab = [[0.2104543, 0.7936178, -0.0040720], [1.9779985, -2.4285922, 0.4505937], [0.0259040, 0.7827718, -0.8086758]]
    return np.array(lab) @ np.cbrt(np.array(lms) @ seen)


@pytest.mark.parametrize("sight", SIGHTS, ids=["protanopia", "deuteranopia", "tritanopia"])
def test_elements_whose_colours_somebody_confuses_have_another_hatch(sight: list[list[float]]) -> None:
    seen = {element: oklab(colour, sight) for element, colour in ELEMENT_COLOURS.items()}
    for one, other in combinations(ELEMENTS, 2):
        alike = np.linalg.norm(seen[one] - seen[other]) < 0.045
        assert not alike or ELEMENT_PATTERNS.get(one) != ELEMENT_PATTERNS.get(other), (one, other)


def test_of_very_many_elements_only_the_chosen_one_keeps_its_colour() -> None:
    strips = strip_columns(ELEMENTS, "Mg")
    drawn = np.isfinite(strips["left"])
    assert set(strips["colour"][drawn & (strips["name"] == "Mg")]) == {ELEMENT_COLOURS["Mg"]}
    ground = drawn & (strips["name"] != "Mg")
    assert set(strips["colour"][ground]) == {FULL_SPECTRUM_COLOUR}
    assert (strips["left"][ground][1:] > strips["right"][ground][:-1]).all()  # none lies on another
    assert (strips["name"] == "Ca").sum() == len(strip_columns(["Ca"])["name"])  # each window still has its name


def test_pixels_are_counted_from_one_as_in_fits() -> None:
    hover = next(tool for tool in spectrum_figure(THEMES["light"], ()).flat.select(HoverTool) if tool.mode == "vline")
    assert all("value + 1" in hover.formatters[name].code for name in ("@pixel", "@network_pixel"))
    assert "4.14 km/s" in HELP["elements"] and "from 1" in HELP["elements"]


def test_unflagged_absurd_pixels_do_not_flatten_a_narrow_view(star: Star) -> None:
    flux = star.coadd.flux.copy()
    flux[2030], flux[2031] = 2e7, -2e7
    view = (float(WAVELENGTH[2020]), float(WAVELENGTH[2040]))
    columns = detail_columns(replace(star.coadd, flux=flux, bitmask=np.zeros_like(star.coadd.bitmask)), None)
    low, high = y_limits([columns], "flux", view)
    sound = np.delete(flux[2020:2041], [10, 11])
    assert low < sound.min() and sound.max() < high and high - low < 3 * np.ptp(sound)


@pytest.mark.parametrize("raw", [-0.9, 0.2, 2.9])
def test_a_replaced_pixel_in_a_quiet_window_is_in_view_with_the_one_it_became(star: Star, raw: float) -> None:
    flux = np.full(8575, 1000.0) + np.random.default_rng(0).normal(size=8575)
    bitmask = np.zeros(8575, dtype=np.int64)
    flux[2030], bitmask[2030] = 1000 * raw, 1
    columns = detail_columns(replace(star.coadd, flux=flux, bitmask=bitmask), None) | {"replaced": bitmask}
    columns["normalized"] = np.where(bitmask == 1, 1.0, 0.5 + 1e-5 * (flux - 1000))
    view = (float(WAVELENGTH[2020]), float(WAVELENGTH[2040]))
    low, high = y_limits([columns], "flux", view)
    assert low < 1000 * raw < high
    for seen in (view, FULL_VIEW):
        low, high = y_limits([columns], "normalized", seen)
        assert low < 1 < high


def test_a_model_is_drawn_over_both_curves_and_one_of_another_file_over_the_normalised(star: Star) -> None:
    model = np.where(np.arange(8575) < 300, 0.0, 0.9)
    normalized = normalize(star.coadd)
    own = detail_columns(replace(star.coadd, model=model), normalized)
    assert np.isnan(own["model"][:300]).all() and np.allclose(own["model"][300:], 0.9)
    assert np.allclose(own["normalized_model"][1000:3000], 0.9 / own["continuum"][1000:3000])
    other = detail_columns(star.coadd, normalized, model)
    assert np.isnan(other["model"]).all() and np.allclose(other["normalized_model"][300:], 0.9)
    none = detail_columns(star.coadd, normalized)
    assert not np.isfinite(none["model"]).any() and not np.isfinite(none["normalized_model"]).any()


def test_lines_of_the_chosen_element_are_named_before_all_others(figure) -> None:
    lines = load_lines()
    full = np.array([line.species for line in lines])
    figure.favour(species_of(["K"]))
    columns = figure.marks[0].data_source.data
    kept = columns["widest_view"] >= WIDTHS[0]
    potassium = full == "K I"
    assert (columns["weight"] == "bold").tolist() == potassium.tolist()
    alone = widest_view(columns["wavelength"][potassium], range(int(potassium.sum())))
    assert (kept & potassium).sum() == (alone >= WIDTHS[0]).sum() > 1  # each that has room beside its own kind
    figure.favour(species_of([]))
    plain = figure.marks[0].data_source.data
    assert set(plain["weight"]) == {"normal"} and (plain["widest_view"][potassium] >= WIDTHS[0]).sum() < 3
