"""Flags and visits in Chromium: an undecided flag is drawn to a decision, the visits follow the page, absurd pixels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits
from makers import write_apstar

from inspector.science.number_format import fixed
from inspector.web.figures.hover import number_in_words

pytestmark = pytest.mark.browser


def undecided(page: Any, mc_num: int) -> Any:
    return page.get_by_text(f"undecided at {mc_num} draws: draw more")


def test_an_undecided_flag_is_decided_by_its_button(regular: Any) -> None:
    page = regular.page
    regular.choose_star("2M17335483-2753043", "apStar-dr17-2M17335483-2753043")
    regular.enter("mc_num", "2")
    undecided(page, 2).first.wait_for()
    assert page.get_by_text(re.compile(r"too few draws to say how well known")).first.is_visible()
    wanted = int(re.findall(r"\d+", page.get_by_text(re.compile(r"^\d+ draws are expected")).inner_text())[0])
    page.get_by_role("button", name="Draw more").click()
    regular.drawn(wanted)
    regular.address_has(f"mc_num={wanted}")
    undecided(page, 2).first.wait_for(state="hidden")
    assert page.get_by_text(re.compile(r"\d ± 0\.\d+ × the threshold")).first.is_visible()


CUT_OFF = """() => {
    const found = [], walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.matches(".bk-panel-models-markup-HTML") && node.scrollHeight > node.offsetHeight + 1)
                found.push(node.shadowRoot.textContent.slice(-200))
            if (node.shadowRoot) walk(node.shadowRoot)
        }
    }
    walk(document)
    return found
}"""
"""Words that are higher than their place: what comes below is drawn over them."""


def test_a_folded_flag_opens_and_no_words_lie_on_others(regular: Any) -> None:
    page = regular.page
    folded = page.get_by_text("what it would mean").first
    folded.click()
    folded.locator("xpath=..").get_by_text("Next:").wait_for()
    assert page.evaluate(CUT_OFF) == []


def test_the_visits_follow_the_pages_own_settings(regular: Any) -> None:
    page = regular.page
    page.get_by_role("tab", name="Visits").click()
    for mc_num in ("60", "110"):
        regular.enter("mc_num", mc_num)
        regular.drawn(int(mc_num))
        page.get_by_text(re.compile(rf"^{mc_num} draws each\. .*σ")).wait_for()
    page.get_by_role("tab", name="Posteriors").click()


def test_absurd_pixels_are_said_to_be_absurd_and_the_page_holds(regular: Any, server: Any, tmp_path: Path) -> None:
    page = regular.page
    path = write_apstar(tmp_path / "absurd.fits", n_visits=1, OBJID="2M11111111+1111111")
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[:, 1200:1202] = [2e7, -2e7]
    width = page.evaluate("document.documentElement.scrollWidth")
    page.get_by_label("Open FITS files").set_input_files(path)
    page.get_by_role("heading", name="2M11111111+1111111").wait_for()
    page.get_by_text(re.compile(r"answer cannot be a star's")).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert not [line for line in server.said if "Warning" in line], "".join(server.said)
    assert not re.search(r"\d{9}", page.locator(".lower").inner_text())


def test_the_browser_writes_a_pixels_numbers_as_the_server_does(regular: Any) -> None:
    formatter = number_in_words()
    numbers = [0.0, -0.0004, 1.23456, -12.5, 99999.4, 2e7, -2e7, 1e25, float("nan"), float("inf"), float("-inf")]
    told = regular.page.evaluate(
        """({code, names, given, numbers}) => {
          const write = new Function("value", "format", ...names, code);
          return numbers.map(text => write(Number(text), "3", ...given));
        }""",
        {
            "code": formatter.code,
            "names": list(formatter.args),
            "given": list(formatter.args.values()),
            "numbers": [str(x).replace("inf", "Infinity") for x in numbers],
        },
    )
    assert told == [fixed(number, 3) for number in numbers]
