"""Under a hand: messages, connection, keys and the list of stars, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser

IMAGE = "![x](http://stranger.example/a.png)<img src=//stranger.example/b.png><b>bold</b>"


def test_markup_and_markdown_in_a_message_are_text_and_nobody_is_called(newcomer: Any, tmp_path: Path) -> None:
    visitor = newcomer()
    called: list[str] = []
    visitor.page.on("request", lambda request: called.append(request.url))
    page = visitor.open(f"?star={quote(IMAGE)}&mc_num=zero")
    alerts = page.get_by_role("alert")
    alerts.get_by_text(IMAGE, exact=False).wait_for()
    alerts.get_by_text("The link's mc_num").wait_for()  # several faults, several messages
    names = [f"{n} **b** _i_ `c` [a](javascript:1) &amp; <i>.fits" for n in range(3)]
    for name in names:
        (tmp_path / name).write_bytes(b"not a FITS file")
    page.get_by_label("Open FITS files").set_input_files([tmp_path / name for name in names])
    for name in names:
        alerts.get_by_text(name, exact=False).wait_for()
    assert alerts.locator("img, b, i, em, code, a, strong").count() == 0
    assert not [url for url in called if url.startswith(("http://stranger", "https://stranger"))]
    alerts.filter(has_text=IMAGE).get_by_role("button").click()
    alerts.get_by_text(IMAGE, exact=False).wait_for(state="detached")
    page.get_by_role("button", name="Close all").click()
    alerts.first.wait_for(state="detached")
