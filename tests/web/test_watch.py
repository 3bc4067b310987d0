"""The watch over the browser hears what it should, and says so once."""

from __future__ import annotations

from typing import Any

import pytest
from watch import Watch

pytestmark = pytest.mark.browser

FAULTS = """() => new Promise((done) => {
    console.error("said so")
    console.warn("no error")
    window.onerror = () => requestAnimationFrame(done)
    setTimeout(() => { throw new Error("thrown") })
})"""
CALLS = """() => Promise.allSettled([
    fetch("http://elsewhere.example/"),
    new Promise((done) => { new WebSocket("ws://elsewhere.example/").onerror = done }),
])"""


def test_errors_and_calls_of_any_tab_are_heard_once(context: Any, watch: Watch) -> None:
    page = context.new_page()
    page.evaluate(FAULTS)
    said, thrown = watch.verdict()
    assert said == "said so" and "thrown" in thrown
    assert watch.verdict() == []
    with context.expect_page() as other:
        page.evaluate("window.open('about:blank')")
    other.value.evaluate(CALLS)
    heard = watch.verdict()
    assert {"a request to http://elsewhere.example/", "a request to ws://elsewhere.example/"} <= set(heard)
    for one in (page, other.value):
        one.close()


def test_what_is_expected_must_come_and_lets_nothing_else_pass(context: Any, watch: Watch) -> None:
    page = context.new_page()
    watch.expect("^said")
    watch.expect("never")
    page.evaluate(FAULTS)
    thrown, in_vain = watch.verdict()
    assert "thrown" in thrown and in_vain == "expected in vain: never"
    for pattern in ("later", "never"):
        watch.let_pass(pattern)
    page.evaluate("console.error('said later')")
    assert watch.verdict() == []
    page.evaluate("console.error('said later')")
    assert watch.verdict() == ["said later"]  # another test expects for itself
    page.close()
