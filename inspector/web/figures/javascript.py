"""The figures' JavaScript, which lies in files of its own."""

from __future__ import annotations

from functools import cache

from bokeh.models import CustomJS

from inspector.web.static_files import static_text


@cache
def script(*names: str) -> str:
    """Files of ``static/spectrum``, one after the other, as the body of a `CustomJS`."""
    return "\n".join(static_text(f"spectrum/{name}.js") for name in names)


@cache
def hover_script(name: str) -> str:
    """A file of ``static/hover``, which defines ``said(value, format)``, as the body of a `CustomJSHover`."""
    return static_text(f"hover/{name}.js") + "return said(value, format)"


def hover_filter(name: str) -> CustomJS:
    """A file of ``static/hover`` that tells of which values the pointer says something."""
    return CustomJS(code=static_text(f"hover/{name}.js"))
