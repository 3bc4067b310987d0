"""The HTML a browser gets first: it says what the page waits for, and watches the line to the server."""

from __future__ import annotations

from panel_material_ui.base import BASE_TEMPLATE

from inspector.web.static_files import static_text

TEMPLATE = BASE_TEMPLATE.environment.from_string(
    static_text("page.html"),
    globals={
        "base": BASE_TEMPLATE,
        "connection_css": static_text("connection.css"),
        "connection_js": static_text("connection.js"),
    },
)
"""Panel's own template with its loader replaced."""
