"""axe-core finds nothing to complain of, in either theme, on any tab, in the help and beside a message."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

THEIRS = [
    ".MuiToolbar-root > h5",  # Panel's page template: hidden, and empty until its bar is folded
    "[aria-label='Resize sidebar']",  # Panel's page template: a name on a plain box
    "span.MuiLinearProgress-root",  # Panel's busy indicator, which is switched off
    ".copybtn",  # Panel's Markdown: the button beside a code block
]
"""Parts of Panel that we cannot change; everything else is judged."""

RUN = """async ([theirs, rules]) => {
    const only = rules.length ? {runOnly: rules} : {}
    const {violations} = await axe.run(document, {resultTypes: ["violations"], ...only})
    const ours = ({target}) => !theirs.some((selector) => {
        let root = document, found = null
        for (const step of target.flat()) { found = root.querySelector(step); root = found?.shadowRoot }
        return found?.matches(selector)
    })
    return violations.flatMap(({id, nodes}) => nodes.filter(ours).map(
        (node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`))
}"""


STILL = """() => {
    const fading = (root) => root.getAnimations().some((one) => one instanceof CSSTransition)
        || [...root.querySelectorAll("*")].some((node) => node.shadowRoot && fading(node.shadowRoot))
    return !fading(document)
}"""
"""Whether no colour is on its way to another: in between, contrasts are nobody's."""


def complaints(page: Any, *rules: str) -> list[str]:
    """What axe-core finds on the page as it stands, by some of its rules or by all."""
    page.wait_for_function(STILL)
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN, [THEIRS, list(rules)])
    return found


def test_nothing_on_the_page_keeps_anyone_out(regular: Any) -> None:
    page = regular.page
    found: dict[str, list[str]] = {}
    for theme, rules in (("light", ()), ("dark", ("color-contrast",))):  # a theme changes colours and nothing else
        for tab in ("Errors", "Visits", "File header", "About the weights", "Posteriors"):
            page.get_by_role("tab", name=tab).click()
            page.get_by_role("tab", name=tab, selected=True).wait_for()
            found[f"{theme} {tab}"] = complaints(page, *rules)
        page.get_by_role("button", name="Keys and help").click()
        page.get_by_text("next star", exact=True).wait_for()
        found[f"{theme} help"] = complaints(page, *rules)
        page.keyboard.press("Escape")
        page.get_by_text("next star", exact=True).wait_for(state="hidden")
        page.get_by_role("button", name="theme").click()
    listed = "\n".join(f"{where}: {one}" for where, what in found.items() for one in what)
    assert not listed, listed
