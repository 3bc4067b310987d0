"""Whose spectrum is on screen: journeys in one tab of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pytest
from astropy.io import fits
from conftest import PATIENCE, Server, Visitor
from makers import write_apstar

from inspector.files.spectra.star_file import read_star
from inspector.science.continuum import normalize
from inspector.science.seeds import flux_seed

pytestmark = pytest.mark.browser

STARS = Path(__file__).resolve().parents[2] / "assets" / "stars"
PROBE = Path(__file__).with_name("probe.js")


@pytest.fixture(scope="module")
def tab(context: Any, server: Server) -> Iterator[Visitor]:
    """One tab for all journeys of this file."""
    visitor = Visitor(context, server.url)
    visitor.page.add_init_script(path=PROBE)
    visitor.open()
    yield visitor
    visitor.page.close()


def test_the_path_field_opens_a_file_a_folder_and_says_what_is_missing(tab: Visitor, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    single = write_apstar(tmp_path / "typed.fits", n_visits=1, OBJID="2M-TYPED")
    for field in ("000+02", "001-03"):  # as the archive keeps a star seen in two fields
        (folder / field).mkdir(parents=True)
        write_apstar(folder / field / "star.fits", n_visits=2, OBJID=f"2M-{field}")
    field = "File or folder on this machine"
    tab.enter(field, f"  {single} ")
    tab.page.get_by_role("heading", name="2M-TYPED").wait_for()
    tab.enter(field, str(folder))
    tab.page.get_by_role("heading", name="2M-000+02").wait_for()
    tab.page.get_by_text("000+02/star.fits").wait_for()  # in the header
    tab.choose_star("2M-001-03", "001-03/star")
    tab.page.keyboard.press("]")
    tab.page.get_by_text("S/N of visit 1 · MJD 55874").wait_for()
    tab.choose_star("2M-000+02", "000+02/star")
    tab.enter(field, str(tmp_path / "none.fits"))
    tab.page.get_by_role("alert").get_by_text("does not exist").wait_for()
    assert tab.page.get_by_role("textbox", name=field).input_value().endswith("none.fits")  # to be put right
    tab.enter(field, "~nobody-of-that-name/x.fits")
    tab.page.get_by_role("alert").get_by_text("is not a path on this machine").wait_for()
    assert tab.page.get_by_role("heading", name="2M-000+02").is_visible()
    tab.enter(field, str(single))  # what is open already is shown, not opened a second time
    tab.page.get_by_role("heading", name="2M-TYPED").wait_for()
    assert tab.page.get_by_role("option", name="typed").count() == 1


def test_a_star_without_signal_shows_nothing_of_the_one_before(tab: Visitor, tmp_path: Path) -> None:
    dead = write_apstar(tmp_path / "dead.fits", n_visits=1, OBJID="2M-DEAD")
    with fits.open(dead, mode="update") as hdus:
        hdus[1].data[...] = 0
    tab.page.wait_for_function("probe.figures().includes('posterior')")
    tab.enter("File or folder on this machine", str(dead))
    tab.page.get_by_role("heading", name="2M-DEAD").wait_for()
    tab.page.get_by_text("No draws: this spectrum has no result.").wait_for()
    tab.page.wait_for_function("!probe.figures().some((name) => ['posterior', 'labels'].includes(name))")
    assert tab.page.evaluate("probe.tells().flux") == 0
    assert tab.page.get_by_text("This file has no other spectrum of the star.").first.is_visible()
    tab.choose_star("2M-TYPED", "typed")
    tab.page.wait_for_function("probe.figures().includes('posterior') && probe.figures().includes('labels')")


ACTS = {
    "socket": [["key", "n"], ["click", "Mg"]],
    "rendered": [["key", "n"], ["key", "n"], ["key", "p"], ["key", "p"], ["key", "]"], ["click", "Next window"]],
    "painted": [["key", "n"], ["click", "Mg"], ["key", "."]],
    "idle": [["click", "apVisit-r13-5095"], ["click", "Mg"], ["key", "p"], ["key", "]"]],
}
"""What an impatient person does at a stage of loading, by what BokehJS says of it."""


@pytest.mark.parametrize("stage", ACTS)
def test_whatever_is_done_while_the_page_loads_all_of_it_tells_of_one_star(tab: Visitor, stage: str) -> None:
    tab.page.goto("about:blank")
    hash_ = urlencode({"stage": stage, "acts": json.dumps(ACTS[stage])}, quote_via=quote)
    tab.page.goto(f"{tab.url}?mc_num=30#{hash_}", wait_until="commit")
    tab.enter("mc_num", "50")  # as soon as the field can be typed into
    tab.page.wait_for_function("window.hurried")
    tab.drawn(50)
    told = agreeing(tab)
    if stage in ("painted", "idle"):  # the others may come before anything listens
        assert told["address"]["star"] == "apStar-dr17-2M19485057+5005279.fits"
        assert told["address"]["elements"] == "Mg"
    if stage == "painted":
        hurried = sources(tab)
        tab.open(f"?{urlencode(told['address'])}")  # the same, calmly
        assert agreeing(tab) == told
        assert sources(tab) == hurried


def agreeing(tab: Visitor) -> dict[str, Any]:
    """What the page tells, once all its parts tell the same."""
    said: dict[str, Any] = {}

    def agree() -> None:
        said.update(tab.page.evaluate("probe.tells()"))
        (title,), (place,), (draws,) = said["selected"], said["place"], said["draws"][:1]
        star = read_star(STARS / f"{title}.fits")
        spectrum = next(s for s in star.spectra if s.name == said["address"]["spectrum"])
        assert said["heading"] == [star.id]
        assert said["address"]["star"] == f"{title}.fits"
        assert place.startswith(f"star {said['options'].index(title) + 1} of ")
        assert said["inspected"][0] == spectrum.name
        assert said["flux"] == pytest.approx(np.nansum(spectrum.flux), rel=1e-5)
        mc_num, seed = said["address"]["mc_num"], flux_seed(normalize(spectrum).flux)
        assert draws == f"{mc_num} of {mc_num} draws · seed {seed}"

    until_true(agree)
    return said


def sources(tab: Visitor) -> dict[str, list[str]]:
    """A digest of all data drawn, but for what hangs on an axis that settled on other draws."""
    told = tab.page.evaluate("probe.sources()")
    return {columns: digests for columns, digests in told.items() if columns != "corrected model total x"}


def until_true(check: Callable[[], None]) -> None:
    """Check again until it holds; what is wrong at the end is raised."""
    end = time.monotonic() + PATIENCE / 1000
    pause = threading.Event()
    while True:
        try:
            return check()
        except (AssertionError, ValueError, IndexError):
            if time.monotonic() > end:
                raise
        pause.wait(0.1)
