"""The figure for a talk or a paper: by what it draws and what it says."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from made_results import NOISE, make_failure, make_result
from PIL import Image

from inspector.files.spectra.star_file import read_star
from inspector.science.continuum import normalize
from inspector.science.flag_rules import JUDGED
from inspector.science.flags import check_flags
from inspector.science.labels import LABELS, TEFF, label_index
from inspector.science.monte_carlo_error import influence
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH
from inspector.science.star import Star
from inspector.science.star_info import SourceFile
from inspector.web.figures.paper.caption import Summary, caption
from inspector.web.figures.paper.paper_figure import KINDS, summary_figure, summary_picture
from inspector.web.figures.spectrum_data import MODEL

STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"
FULL = float(WAVELENGTH[0]), float(WAVELENGTH[-1])


@pytest.fixture(scope="module")
def star() -> Star:
    return read_star(STARS / "apStar-dr17-2M17335483-2753043.fits")


@pytest.fixture(scope="module")
def summary(star: Star) -> Summary:
    return Summary(star, star.coadd, normalize(star.coadd), make_result(), ("Mg", "Ca"), label_index("mg_h"), FULL)


def said(drawing: bytes) -> list[str]:
    """Every text of an SVG, as a reader would select it."""
    root = ET.fromstring(drawing.decode())
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_every_pixel_in_view_is_drawn(summary: Summary) -> None:
    figure = summary_figure(summary)
    flux, flat = figure.axes[:2]
    raw = np.where(summary.spectrum.flux == 0, np.nan, summary.spectrum.flux).astype(np.float32)
    assert np.array_equal(flux.lines[0].get_ydata(), raw, equal_nan=True)
    assert np.array_equal(flat.lines[1].get_ydata()[CHIP_PIXELS], summary.normalized.flux.astype(np.float32))
    low, high = flat.get_ylim()
    good = summary.normalized.flux[summary.normalized.good]
    assert low < good.min() and good.max() < high  # down to the deepest line


def test_a_picture_is_wide_and_its_words_can_be_selected(summary: Summary) -> None:
    made = {kind: summary_picture(summary, kind) for kind in KINDS}
    assert Image.open(io.BytesIO(made["png"])).width == 3200
    texts = said(made["svg"])
    for wanted in (
        f"{summary.star.id} · coadd", "Flux / continuum", "(10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹)", "fitted continuum",
        "windows of Mg", "windows of Ca", "replaced by 1", "flagged only", "Posterior of [Mg/H]", "[Mg/H] (dex)",
        "flag_warn: set", *(label.symbol for label in LABELS),
    ):  # fmt: skip
        assert wanted in texts, wanted
    assert any(text.startswith("Set when error of log g > 0.2 dex and |error of log g / log g|") for text in texts)
    assert made["pdf"].startswith(b"%PDF") and b"/Subtype /Type0" in made["pdf"]  # a font, not outlines


def test_the_caption_names_what_the_answer_was_made_from(summary: Summary) -> None:
    text = "\n".join(caption(summary))
    result = summary.result
    for part in ("apStar-dr17", "coadd", "15100.8 to 16999.8 Å", "Mg, Ca", result.weights.name, "0" * 16,
                 "mc_num 100 · seed 0 · dropout rate 0.3", f"noise model {NOISE.sha256[:8]} (made)",
                 "not for publication"):  # fmt: skip
        assert part in text, part
    assert all(line in said(summary_picture(summary, "svg")) for line in caption(summary))


def test_only_what_is_in_view_is_in_the_file(summary: Summary) -> None:
    close = replace(summary, view=(16_100.0, 16_110.0))
    x = summary_figure(close).axes[0].lines[0].get_xdata()
    assert 16_099.5 < x[0] < 16_100 and 16_110 < x[-1] < 16_110.5
    assert len(summary_picture(close, "svg")) < len(summary_picture(summary, "svg")) / 3


def test_the_same_summary_gives_the_same_bytes_and_leaves_matplotlib_as_it_was(summary: Summary) -> None:
    before = dict(mpl.rcParams)
    for kind in KINDS:
        assert summary_picture(summary, kind) == summary_picture(summary, kind)
    assert dict(mpl.rcParams) == before


HOSTILE = ("$x^2$", r"\frac{1}{2} $\alpha", "a_b^c$", "星\U0001f320<b>&amp;", "\x00\x1b[31m", "9" * 999)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_stranger_s_text_is_written_as_it_is(summary: Summary, text: str) -> None:
    info = summary.star.info
    hostile = replace(
        summary,
        view=(16_100.0, 16_110.0),
        star=summary.star.with_info(replace(info, apogee_id=text, field=text, telescope=text)),
        spectrum=replace(summary.spectrum, name=text, star=replace(info, file=SourceFile(text))),
        result=replace(summary.result, remark=text),
    )
    drawn = said(summary_picture(hostile, "svg"))
    assert "$" not in text or sum(text in line for line in drawn) >= 4
    assert all(line.isprintable() and len(line) <= 200 for line in drawn)


def test_what_is_absent_is_said(summary: Summary) -> None:
    assert "No draws yet." in said(summary_picture(replace(summary, result=None), "svg"))
    dead = replace(summary, normalized=None, result=make_failure("The red chip is dead."))
    texts = said(summary_picture(dead, "svg"))
    assert "This spectrum cannot be normalised." in texts and "No labels: The red chip is dead." in texts
    assert "No result: set" in texts


def test_replaced_pixels_beyond_the_axis_are_counted(summary: Summary) -> None:
    texts = said(summary_picture(summary, "svg"))
    found = next(filter(None, (re.match(r"(\d+) pixels replaced by 1, (\d+) of them beyond", text) for text in texts)))
    low, high = summary_figure(summary).axes[0].get_ylim()
    raw = summary.spectrum.flux[CHIP_PIXELS][~summary.normalized.good]
    assert (int(found[1]), int(found[2])) == (len(raw), int(((raw < low) | (raw > high)).sum()))


def test_absurd_values_leave_the_figure_whole(summary: Summary) -> None:
    flux = summary.spectrum.flux.copy()
    flux[2000], flux[2001] = 2e7, -2e7
    value = summary.result.value.copy()
    value[5] = 1e25
    absurd = replace(
        summary, spectrum=replace(summary.spectrum, flux=flux), result=replace(summary.result, value=value)
    )
    figure = summary_figure(absurd)
    assert max(figure.axes[0].get_ylim()) < 1e4
    assert all(len(text) <= 200 for text in said(summary_picture(absurd, "svg")))


def test_matplotlib_is_not_loaded_before_a_figure_is_asked_for() -> None:
    code = "import sys, inspector.web.page, inspector.web.session; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_flags_the_draws_leave_undecided_are_said_to_be(summary: Summary) -> None:
    result, error = summary.result, summary.result.error.copy()
    error[TEFF] = 300.01  # K, at the threshold
    draws = {label: influence(result.posterior, label, 1.1) for label in JUDGED}
    report = check_flags(result.value, error, draws)
    assert report["flag_uncertain_teff"].undecided
    texts = said(summary_picture(replace(summary, result=replace(result, flags=report)), "svg"))
    assert "Uncertain Teff: set (undecided at 100 draws)" in texts


def test_a_model_is_drawn_and_named(summary: Summary) -> None:
    assert MODEL not in said(summary_picture(summary, "svg"))
    modelled = replace(summary, model=np.full(8575, 0.9))
    assert said(summary_picture(modelled, "svg")).count(MODEL) == 1
