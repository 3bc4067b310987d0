"""The HTML a browser gets first: it says what the page waits for, and watches the line to the server."""

from __future__ import annotations

from pathlib import Path

from panel_material_ui.base import BASE_TEMPLATE

_JS = Path(__file__).parent / "js"


def _text(name: str) -> str:
    return (_JS / name).read_text(encoding="utf-8")


TEMPLATE = BASE_TEMPLATE.environment.from_string(
    _text("page.html"),
    globals={"base": BASE_TEMPLATE, "connection_css": _text("connection.css"), "connection_js": _text("connection.js")},
)
"""Panel's own template with its loader replaced."""
