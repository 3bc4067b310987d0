"""The spectrum's pictures in Chromium: what is drawn stays the same whatever made the figure anew."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

MARKS = """() => {
    const models = [...Bokeh.documents[0]._all_models.values()];
    const flat = models.find((model) => model.name === "normalised-flux");
    const {data_source} = flat.renderers.find(({glyph}) => glyph.type === "Scatter");
    return [flat.id, data_source.get_length(), data_source.whole?.wavelength.length ?? 0];
}"""
DRAWN = f"(old) => {{ const [id, , whole] = ({MARKS})(); return id !== old && whole > 0 }}"


def test_another_theme_draws_the_same_marks(regular: Any) -> None:
    page = regular.page
    before = page.evaluate(MARKS)
    assert before[2] > 0
    for _ in range(2):
        old = page.evaluate(MARKS)[0]
        page.get_by_role("button", name="theme").click()
        page.wait_for_function(DRAWN, arg=old)
        assert page.evaluate(MARKS)[1:] == before[1:]
