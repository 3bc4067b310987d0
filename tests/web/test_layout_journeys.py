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
    const {labels, posterior, "raw-flux": raw, "normalised-flux": flat} = found
    return {labels, posterior, raw, flat}
}"""
COLUMN = """() => {
    const find = (root, selector) => {
        for (const node of root.querySelectorAll("*")) {
            const found = node.matches(selector) ? node : node.shadowRoot && find(node.shadowRoot, selector)
            if (found) return found
        }
    }
    const over = ({scrollWidth, clientWidth, scrollHeight, clientHeight}) =>
        [scrollWidth - clientWidth, scrollHeight - clientHeight]
    return {page: over(find(document, ".main-content")), labels: over(find(document, ".panel.labels"))}
}"""
"""By how much the main column, and the panel of labels in it, are wider and higher than their place."""


def resize(page: Any, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def visible_after_scrolling(page: Any, text: str) -> bool:
    """Whether a person who scrolls sees the words within the window."""
    target = page.get_by_text(text).last
    target.scroll_into_view_if_needed()
    box, size = target.bounding_box(), page.viewport_size
    return bool(box) and 0 <= box["y"] < size["height"] and 0 <= box["x"] < size["width"]


def test_everything_can_be_reached_at_every_size(regular: Any) -> None:
    page, places = regular.page, {}
    try:
        for size in SIZES:
            resize(page, *size)
            for words in ("flag_warn: set", "Uncertain [Fe/H]", "corrected by the noise model", "Pixel mask of"):
                assert visible_after_scrolling(page, words), (words, *size)
            places[size] = page.evaluate(PLACES)
            assert places[size]["labels"]["height"] > 22 * 13, size
            assert all(place["left"] >= 0 and place["right"] <= size[0] for place in places[size].values()), size
            assert page.evaluate(COLUMN)["page"][0] <= 0, size
    finally:
        resize(page, 1400, 900)
    small, large = places[1400, 900], places[1920, 1080]
    assert {
        name for name in small if large[name]["height"] < small[name]["height"] + 30
    } == set()  # all take their room
    assert large["flat"]["height"] > 1.3 * small["flat"]["height"]
    assert 1080 - large["labels"]["bottom"] < 25


def test_the_essentials_fit_a_window_of_1400_by_900_without_scrolling(regular: Any) -> None:
    page = regular.page
    page.evaluate("() => document.activeElement.blur()")
    column, places = page.evaluate(COLUMN), page.evaluate(PLACES)
    assert column["page"][1] <= 0 and column["labels"][1] <= 0
    assert all(place["top"] > 0 and place["bottom"] <= 900 for place in places.values())


def test_nothing_moves_when_draws_arrive(regular: Any) -> None:
    before = regular.page.evaluate(PLACES)
    for mc_num in (61, 62):
        regular.enter("mc_num", str(mc_num))
        regular.drawn(mc_num)
    assert regular.page.evaluate(PLACES) == before


def test_many_visits_do_not_widen_the_page(regular: Any, tmp_path: Path) -> None:
    page = regular.page
    many = write_apstar(tmp_path / "many.fits", n_visits=60, OBJID="2M60000000+6000000")
    page.get_by_label("Open FITS files").set_input_files(many)
    page.get_by_role("heading", name="2M60000000+6000000").wait_for()
    page.get_by_role("button", name="60", exact=True).wait_for(state="attached")
    assert page.evaluate(COLUMN)["page"][0] <= 0
    assert page.evaluate(PLACES)["flat"]["right"] <= 1400
    last = page.get_by_role("button", name="60", exact=True)
    last.scroll_into_view_if_needed()
    last.click()
    regular.address_has("visit+60")
    regular.choose_star("2M17335483-2753043", "apStar-dr17-2M17335483-2753043")
