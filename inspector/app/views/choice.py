"""A list of choices that a keyboard opens and turns."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

_JS = Path(__file__).parents[1] / "js"


class Choice(JSComponent):
    """One of several values; the browser's own list, for Panel's Material one answers the mouse alone."""

    label = param.String(doc="The list's name, for those who do not see where it stands.")
    options = param.Dict(default={}, doc="Text by value, in order.")
    value = param.String(doc="The chosen value.")

    _esm = _JS / "choice.js"
    _stylesheets: ClassVar[list[str]] = [(_JS / "choice.css").read_text(encoding="utf-8")]
