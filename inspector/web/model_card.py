"""The shipped weights' model card, whole: its pictures are carried in the text, so that nothing is fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache

from inspector.files.bundled_files import bundled_path

_PICTURE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<path>[\w/.-]+\.(?P<kind>png|svg))\)")
_MIME = {"png": "image/png", "svg": "image/svg+xml"}


@cache
def model_card() -> str:
    """The card as Markdown; a sentence where there is none."""
    card = bundled_path("MODEL_CARD.md", "weights")
    if not card.is_file():
        return "These weights come without a model card."
    return _PICTURE.sub(_carried, card.read_text(encoding="utf-8"))


def _carried(picture: re.Match[str]) -> str:
    file = bundled_path(picture["path"], "weights")
    if not file.is_file():
        return f"*({picture['words']}: the picture is not part of this build)*"
    return f"![{picture['words']}](data:{_MIME[picture['kind']]};base64,{b64encode(file.read_bytes()).decode()})"
