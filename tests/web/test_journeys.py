"""Whole journeys in Chromium, as a person makes them; most of them one after the other in the same tab."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from conftest import ROOT, Visitor, start_server, stop_server
from makers import write_apstar

pytestmark = pytest.mark.browser

STAR, FILE = "2M17335483-2753043", "apStar-dr17-2M17335483-2753043"

HISTOGRAM = """() => [...Bokeh.documents[0]._all_models.values()].some(
  model => model.type === "ColumnDataSource" && model.columns().includes("top") && model.get_length() > 0)"""
"""Whether the chosen label's draws are in the browser's figure, not in words alone."""

Newcomer = Callable[[], Any]


def test_a_bundled_star_opens_with_its_labels(regular: Any) -> None:
    page = regular.open()  # whatever others did in this tab
    assert page.get_by_role("heading", name=STAR).is_visible()
    assert page.get_by_text("demonstration weights", exact=True).is_visible()
    assert page.get_by_text("STARFLAG").first.is_visible()
    page.wait_for_function(HISTOGRAM)


def test_mc_num_changes_the_draws(regular: Any) -> None:
    regular.enter("mc_num", "150")
    regular.drawn(150)
    regular.enter("mc_num", "20")
    regular.drawn(20)


def test_a_number_that_is_none_gets_a_sentence(regular: Any) -> None:
    regular.enter("mc_num", "zero")
    regular.page.get_by_text("it must be a whole number from 2 to 10000").wait_for()
    field = regular.page.get_by_label("mc_num").element_handle()
    regular.page.wait_for_function("field => /^\\d+$/.test(field.value)", arg=field)  # a moment after the sentence


def test_mg_shows_its_windows_and_its_posterior(regular: Any) -> None:
    page = regular.page
    page.get_by_role("button", name=re.compile(r"^Mg\b")).click()
    regular.address_has("elements=Mg")
    regular.address_has("label=mg_h")
    page.get_by_text(re.compile(r"Mg.*106")).first.wait_for()
    label = page.get_by_role("combobox", name="Label").element_handle()
    page.wait_for_function("list => list.value === 'mg_h'", arg=label)
    page.keyboard.press(".")
    regular.address_has("view=")


def test_a_visit_is_inspected(regular: Any) -> None:
    regular.page.keyboard.press("]")
    regular.address_has("spectrum=visit+1")
    regular.drawn()
    inspected = regular.page.get_by_role("combobox", name="Inspected").element_handle()
    regular.page.wait_for_function("list => list.value.startsWith('visit 1')", arg=inspected)
    regular.page.keyboard.press("[")
    regular.address_has("spectrum=coadd")


def test_a_set_flag_explains_itself(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    page.get_by_text("flag_warn").first.wait_for()
    assert page.get_by_text(re.compile(r"against 0\.2 dex")).first.is_visible()


def test_a_wrong_file_says_why_and_the_star_stays(regular: Any, tmp_path: Path) -> None:
    page = regular.page
    wrong = tmp_path / "notes&amp;.fits"
    wrong.write_bytes(b"no FITS at all")
    page.get_by_label("Open FITS files").set_input_files(wrong)
    page.get_by_role("alert").get_by_text("notes&amp;.fits").wait_for()
    assert page.get_by_role("heading", name=STAR).is_visible()
    regular.enter("mc_num", "120")
    regular.drawn(120)


def test_a_tab_killed_while_it_draws_harms_nobody(newcomer: Any) -> None:
    hurried, calm = newcomer(), newcomer()
    hurried.open()
    hurried.enter("mc_num", "5000")
    hurried.page.get_by_text(re.compile(r"of 5000 draws")).wait_for()
    hurried.page.close()
    calm.open("?mc_num=130")
    calm.drawn(130)


def test_an_empty_file_a_bomb_and_a_huge_one_are_refused_in_one_message(regular: Any, tmp_path: Path) -> None:
    empty, bomb = tmp_path / "empty.fits", tmp_path / "bomb.fits.gz"
    empty.write_bytes(b"")
    huge = tmp_path / "huge.fits"
    with huge.open("wb") as sparse:
        sparse.truncate(300 << 20)
    bomb.write_bytes(gzip.compress(bytes(1 << 30), 1))
    regular.page.get_by_label("Open FITS files").set_input_files([empty, bomb, huge])
    for name in (empty.name, bomb.name, huge.name):
        regular.page.get_by_role("alert").get_by_text(name).wait_for()
    assert regular.page.get_by_role("heading", name=STAR).is_visible()


def test_two_files_at_once_are_opened_and_markup_in_a_name_is_text(regular: Any, tmp_path: Path) -> None:
    name = "<b onclick=x>2M1</b>"
    files = [write_apstar(tmp_path / "one.fits", OBJID=name), write_apstar(tmp_path / "two.fits", OBJID="2M2")]
    regular.page.get_by_label("Open FITS files").set_input_files(files)
    for title, heading in (("one", name), ("two", "2M2")):
        regular.choose_star(heading, title)
    regular.choose_star(STAR, FILE)


def test_a_real_file_past_20_mb_is_uploaded(regular: Any, tmp_path: Path) -> None:
    big = write_apstar(tmp_path / "big.fits", n_visits=2, OBJID="2M99999999+9999999")
    fits.append(big, np.zeros((24, 1 << 17)))
    assert big.stat().st_size > 20 << 20
    regular.page.get_by_label("Open FITS files").set_input_files(big)
    regular.page.get_by_role("heading", name="2M99999999+9999999").wait_for()
    regular.drawn()


def test_keys_step_and_help_but_not_while_typing(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    page.keyboard.press("/")
    page.keyboard.type("n?")
    assert page.get_by_label("Search stars").input_value() == "n?"
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.get_by_role("heading", name="2M19485057+5005279").wait_for()
    page.keyboard.press("p")
    page.get_by_role("heading", name=STAR).wait_for()
    page.keyboard.press("?")
    page.get_by_text("next star", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("next star", exact=True).wait_for(state="hidden")


def test_draws_and_pictures_are_exported(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    regular.enter("mc_num", "60")
    regular.drawn(60)
    with np.load(export(page, "Draws · npz")) as draws:
        assert draws["draws"].shape == (60, 22)
    said = export(page, "Panels as shown · SVG").read_text(encoding="utf-8")
    assert "<svg" in said[:400]
    assert "Flux / continuum" in said
    assert "Vacuum wavelength" in said  # the axis below belongs to the same picture
    assert f"{STAR} · coadd · Demonstration weights" in said and "mc_num 60" in said


def test_a_link_gives_the_same_numbers(regular: Any, newcomer: Newcomer) -> None:
    regular.choose_star(STAR, FILE)
    regular.enter("seed", "42")
    regular.page.get_by_text("seed 42").wait_for()
    regular.address_has("seed=42")
    regular.drawn()
    first = json.loads(export(regular.page, "Result · JSON").read_text(encoding="utf-8"))
    other = newcomer()
    page = other.open("?" + regular.page.url.partition("?")[2])
    again = json.loads(export(page, "Result · JSON").read_text(encoding="utf-8"))
    assert again == first
    assert again["result"]["seed"] == 42


def test_two_people_do_not_meet_and_nobody_reads_what_is_not_open(regular: Any, newcomer: Newcomer) -> None:
    regular.choose_star(STAR, FILE)
    other = newcomer()
    page = other.open("?star=../../../../etc/passwd")
    page.get_by_role("alert").get_by_text("is not open here").wait_for()
    assert page.get_by_role("heading", name=STAR).is_visible()
    other.choose_star("2M00000000+0000000", "generated")
    assert page.get_by_text("<img src=x onerror=alert(1)>").first.is_visible()  # markup in a header is text
    assert regular.page.get_by_role("heading", name=STAR).is_visible()


def export(page: Any, what: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
        page.get_by_role("menuitem", name=what).click()
    return Path(download.value.path())


@pytest.mark.parametrize(
    "more", [["--weights", f"{ROOT}/weights/demonstration.safetensors"], ["--prefix", "/stars", "--network-procs", "2"]]
)
def test_each_of_several_processes_answers(context: Any, more: list[str]) -> None:
    server = start_server("--num-procs", "2", *more)
    try:
        visitor = Visitor(context, server.url)
        visitor.open()
        visitor.page.close()
        assert sum("answers at" in line for line in server.said) == 1
    finally:
        stop_server(server)
    assert not [line for line in server.said if "Traceback" in line], "".join(server.said)
