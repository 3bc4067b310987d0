"""The page's JavaScript, CSS and HTML, which lie in `static`."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "static"


def static_path(name: str) -> Path:
    """Where a file lies."""
    return _FOLDER / name


def static_text(name: str) -> str:
    """What a file holds."""
    return static_path(name).read_text(encoding="utf-8")
