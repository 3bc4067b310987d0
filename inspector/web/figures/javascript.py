"""The figures' JavaScript, which lies in files of its own."""

from __future__ import annotations

from functools import cache

from inspector.web.static_files import static_path, static_text

_FOLDER = static_path("spectrum")


@cache
def script(*names: str) -> str:
    """Files of ``static/spectrum``, one after the other, as the body of a `CustomJS`."""
    return "\n".join(static_text(f"spectrum/{name}.js") for name in names)
