"""The page at many sizes: everything can be reached, nothing is wider than the window, panels take their room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from makers import write_apstar

pytestmark = pytest.mark.browser

SIZES = [(1400, 900), (1920, 1080), (1024, 768), (960, 540), (700, 450)]

PLACES = """() => {
    const found = {}
    const walk = (view) => {
        const {model, el} = view
        if (model.type === "Figure" && el.isConnected) found[model.name] = el.getBoundingClientRect()
        view.children().forEach(walk)
    }
    for (const root of Bokeh.index.roots) walk(root)
    return {labels: found.labels, flat: found["normalised-flux"]}
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def visible_after_scrolling(page: Any, text: str) -> bool:
    """Whether a person who scrolls sees the words within the window."""
    target = page.get_by_text(text).last
    target.scroll_into_view_if_needed()
    box, size = target.bounding_box(), page.viewport_size
    return bool(box) and 0 <= box["y"] < size["height"] and 0 <= box["x"] < size["width"]


def test_everything_can_be_reached_at_every_size(regular: Any) -> None:
    page, heights = regular.page, {}
    try:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(
                "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
            for words in ("flag_warn: set", "Uncertain [Fe/H]"):
                assert visible_after_scrolling(page, words), (words, width, height)
            heights[width, height] = page.evaluate(PLACES)
            assert heights[width, height]["labels"]["height"] > 22 * 13, (width, height)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.set_viewport_size({"width": 1400, "height": 900})
    assert heights[1920, 1080]["flat"]["height"] > 1.3 * heights[1400, 900]["flat"]["height"]  # takes the room there is


def test_the_essentials_fit_a_window_of_1400_by_900(regular: Any) -> None:
    places = regular.page.evaluate(PLACES)
    assert places["labels"]["bottom"] <= 900 and places["flat"]["top"] > 0


def test_many_visits_do_not_widen_the_page(regular: Any, tmp_path: Path) -> None:
    page = regular.page
    many = write_apstar(tmp_path / "many.fits", n_visits=60, OBJID="2M60000000+6000000")
    page.get_by_label("Open FITS files").set_input_files(many)
    page.get_by_role("heading", name="2M60000000+6000000").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400
    assert page.evaluate(PLACES)["flat"]["right"] <= 1400
    last = page.get_by_role("button", name="60", exact=True)
    last.scroll_into_view_if_needed()
    last.click()
    regular.address_has("visit+60")
    regular.choose_star("2M17335483-2753043", "apStar-dr17-2M17335483-2753043")
