"""The figures' JavaScript, which lies in files of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "js" / "spectrum"


@cache
def script(*names: str) -> str:
    """Files of ``js/spectrum``, one after the other, as the body of a `CustomJS`."""
    return "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)
