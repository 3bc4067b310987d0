"""axe-core finds nothing to complain of, in either theme, on any tab, in the help and beside a message."""

from __future__ import annotations

from collections.abc import Sequence
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


BUTTONS = """() => {
    const names = []
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.matches("button, [role=button]") && node.checkVisibility())
                names.push(node.getAttribute("aria-label") || node.textContent.trim() || node.title)
            if (node.shadowRoot) walk(node.shadowRoot)
        }
    }
    walk(document)
    return names
}"""


RULES: dict[str, list[str]] = {"light": [], "dark": ["color-contrast"]}
"""What is asked in each theme, everything if empty: a theme changes colours and nothing else."""


def complaints(page: Any, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds on the page as it stands, by some of its rules or by all."""
    page.wait_for_function(STILL)
    found: list[str] = page.evaluate(RUN, [THEIRS, list(rules)])
    return found


def test_nothing_on_the_page_keeps_anyone_out(regular: Any) -> None:
    page = regular.page
    page.evaluate(AXE)
    found: dict[str, list[str]] = {}
    for theme in ("light", "dark"):
        for tab in ("Errors", "Visits", "File header", "About the weights", "Posteriors"):
            page.get_by_role("tab", name=tab).click()
            page.get_by_role("tab", name=tab, selected=True).wait_for()
            found[f"{theme} {tab}"] = complaints(page, RULES[theme])
        page.get_by_role("button", name="Keys and help").click()
        page.get_by_text("next star", exact=True).wait_for()
        found[f"{theme} help"] = complaints(page, RULES[theme])
        page.keyboard.press("Escape")
        page.get_by_text("next star", exact=True).wait_for(state="hidden")
        page.get_by_role("button", name="theme").click()
    page.get_by_role("button", name="Copy a link").click()
    page.get_by_text("ink copied").or_(page.get_by_text("Copy this link")).first.wait_for()
    found["message"] = complaints(page)
    listed = "\n".join(f"{where}: {one}" for where, what in found.items() for one in what)
    assert not listed, listed


def test_a_label_is_chosen_by_keyboard_and_figures_say_what_they_show(regular: Any) -> None:
    page = regular.page
    labels = page.get_by_role("combobox", name="Label")
    labels.focus()
    assert labels.get_by_role("option").count() == 22
    page.keyboard.type("[Mg")
    regular.address_has("label=mg_h")
    page.keyboard.press("ArrowDown")
    regular.address_has("label=al_h")
    shown = page.get_by_role("figure")
    assert shown.filter(visible=True).count() >= 6
    assert page.get_by_role("figure", name="Posterior of the chosen label").is_visible()
    assert page.get_by_role("group", name="Drawn spectra").count() == 1


def test_no_two_buttons_have_one_name(regular: Any) -> None:
    names = regular.page.evaluate(BUTTONS)
    assert len(names) > 30
    assert sorted({name for name in names if names.count(name) > 1}) == []
