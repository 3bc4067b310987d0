"""The pages around a login, as templates: no script, no other host."""

from __future__ import annotations

from jinja2 import Environment, Template

from inspector.web.static_files import static_text

_environment = Environment(autoescape=True)
_base = _environment.from_string(static_text("login_base.html"))


def _page(name: str) -> Template:
    return _environment.from_string(static_text(name), globals={"base": _base, "css": static_text("login.css")})


ASK = _page("login.html")
"""Takes ``xsrf``, ``onward``, ``wrong`` and ``name``."""

FAILED = _page("login_failed.html")
"""Takes Panel's ``error``."""

OUT = _page("logout.html")
