"""What a mouse does in the diagram, in a browser: point, pick, click, look around."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_rows import HOSTILE_NAME

pytestmark = pytest.mark.browser

STAR = """(name) => {
    const views = (parents) => [...parents].flatMap((view) => [view, ...views(view.children?.() ?? [])]);
    const view = views(window.Bokeh?.index?.roots ?? []).find(({model}) => model.name === "kiel");
    const source = view?.model.renderers.map((one) => one.data_source).find((one) => one.columns().includes("colour"));
    const row = source?.get("name").indexOf(name) ?? -1;
    if (row < 0) return null;
    const {left, top} = view.canvas_view.el.getBoundingClientRect(), {x_scale, y_scale} = view.frame;
    return [left + x_scale.compute(source.get("x")[row]), top + y_scale.compute(source.get("y")[row])];
}"""
"""Where a star is on the screen; null while it is not drawn."""

SQUARES = """() => {
    const figure = window.Bokeh?.documents[0]?.get_model_by_name("kiel");
    const source = figure?.renderers.map((one) => one.data_source).find((one) => one.columns().includes("count"));
    return source && [source.get("x")[0], source.get("dw")[0], source.get("image")[0].length];
}"""
"""Left edge, width and number of the squares."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of diagrams."""
    script = Path(__file__).with_name("made_rows.py")
    server = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.terminate()
    server.wait(timeout=30)
    server.stdout.close()


@pytest.fixture(scope="module")
def page(context: Any, address: str) -> Iterator[Any]:
    """A page with a diagram of few stars."""
    page = context.new_page()
    page.goto(address)
    yield page
    page.close()


def place(page: Any, name: str) -> tuple[float, float]:
    """Where a star is on the screen, once it stands still there."""
    still = f"(name) => {{ const [before, now] = [window.before, ({STAR})(name)]; window.before = String(now);"
    still += " return before === window.before && now }"
    x, y = page.wait_for_function(still, arg=name, polling=100).json_value()
    return x, y


def tool(page: Any, name: str) -> None:
    """Take a tool of the toolbar."""
    page.locator(f".bk-OnOffButton[title='{name}']").click()


def outline(page: Any, name: str, reach: float = 6) -> None:
    """Draw a small square around a star, corner by corner."""
    x, y = place(page, name)
    page.mouse.move(x - reach, y - reach)
    page.mouse.down()
    for across, down in ((1, -1), (1, 1), (-1, 1), (-1, -1), (1, 1)):
        page.mouse.move(x + across * reach, y + down * reach, steps=4)
    page.mouse.up()


def test_the_pointer_names_a_star_as_text(page: Any) -> None:
    page.mouse.move(*place(page, HOSTILE_NAME))
    page.get_by_text(HOSTILE_NAME, exact=True).wait_for()
    assert page.locator("img").count() == 0


def test_a_click_opens_a_star(page: Any) -> None:
    page.mouse.click(*place(page, "2M00000200"))
    page.get_by_text("opened: [200]").wait_for()


@pytest.mark.parametrize("name", ["Lasso Select", "Box Select"])
def test_what_is_outlined_is_picked_until_it_is_cleared(page: Any, name: str) -> None:
    tool(page, name)
    outline(page, "2M00000200")
    page.get_by_text(re.compile(r"chosen: \d+ rows?;")).wait_for()
    page.get_by_role("button", name="clear outline").click()
    page.get_by_text("chosen: all").wait_for()
    tool(page, "Pan")


def test_other_columns_and_colours_are_drawn(page: Any) -> None:
    page.get_by_label("Horizontal axis").select_option("snr")
    page.wait_for_function("() => Bokeh.documents[0].get_model_by_name('kiel').below[0].axis_label.text === 'S/N'")
    page.get_by_label("Vertical axis").select_option("teff")
    page.wait_for_function("() => Bokeh.documents[0].get_model_by_name('kiel').left[0].axis_label.text === 'Teff (K)'")
    page.get_by_label("Colour of the stars").select_option("verdict")
    page.get_by_text("bad", exact=True).wait_for()


def test_many_stars_are_counted_anew_where_one_looks(context: Any, address: str) -> None:
    page = context.new_page()
    page.goto(address + "many")
    before = page.wait_for_function(f"() => {{ const now = ({SQUARES})(); return now?.[2] > 1 && now }}").json_value()
    page.locator(".bk-Figure").hover()
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"(width) => ({SQUARES})()[1] < width", arg=before[1])
    page.get_by_text(re.compile("outside the view")).wait_for()
    page.locator(".bk-ClickButton[title='Reset']").click()
    page.wait_for_function(f"(width) => ({SQUARES})()[1] === width", arg=before[1])
    page.close()
