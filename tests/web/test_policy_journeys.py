"""The page under its Content-Security-Policy: what it needs works, what a stranger would need does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from watch import Watch

pytestmark = pytest.mark.browser

ATTEMPTS = """async () => {
  const met = new Set()
  document.addEventListener("securitypolicyviolation", (event) => met.add(event.effectiveDirective))
  const put = (tag, traits) => document.body.appendChild(Object.assign(document.createElement(tag), traits))
  fetch("http://elsewhere.example/").catch(() => null)
  put("img", {src: "http://elsewhere.example/x.png"})
  put("div", {innerHTML: '<img src="data:," onerror="window.ran = true">'})
  put("script", {textContent: "window.ran = true"})
  put("link", {rel: "stylesheet", href: "http://elsewhere.example/x.css"})
  put("iframe", {src: "http://elsewhere.example/"})
  put("object", {data: "http://elsewhere.example/"})
  put("form", {action: "http://elsewhere.example/", target: "_blank"}).submit()
  put("base", {href: "http://elsewhere.example/"})
  const wanted = ["connect-src", "img-src", "script-src-attr", "script-src-elem", "style-src-elem", "frame-src",
    "object-src", "form-action", "base-uri"]
  const started = performance.now()
  while (wanted.some((name) => !met.has(name)) && performance.now() - started < 20000) {
    await new Promise((done) => requestAnimationFrame(done))
  }
  return {missing: wanted.filter((name) => !met.has(name)), ran: window.ran === true}
}"""
"""Each way out of the page, tried; which of them the browser did not stop."""


def test_every_tab_works_and_a_strangers_markup_reaches_nobody(newcomer: Callable[[], Any], watch: Watch) -> None:
    visitor = newcomer()
    page = visitor.open()
    for tab in ("Errors", "Visits", "File header", "About the weights", "Posteriors"):
        page.get_by_role("tab", name=tab).click()
        page.locator(f"role=tab[name='{tab}'][selected]").wait_for()
    assert watch.verdict() == []
    watch.expect("Content Security Policy")
    watch.expect("elsewhere.example")
    tried = page.evaluate(ATTEMPTS)
    assert tried == {"missing": [], "ran": False}
