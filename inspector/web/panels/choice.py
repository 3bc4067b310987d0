"""A list of choices that a keyboard opens and turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.web.page_updates import held
from inspector.web.static_files import static_path, static_text


class Choice(JSComponent):
    """One of several values; the browser's own list, for Panel's Material one answers the mouse alone."""

    label = param.String(doc="The list's name, for those who do not see where it stands.")
    options = param.List(doc="Pairs of value and text, in order.")
    value = param.String(doc="The chosen value.")

    _esm = static_path("choice.js")
    _stylesheets: ClassVar[list[str]] = [static_text("choice.css")]

    def on_choice(self, act: Callable[[str], Any]) -> None:
        """Call `act` with each value chosen; one that a browser made up is none of the options, and is ignored."""

        def chosen(event: Any) -> None:
            if event.new in dict(self.options):
                act(event.new)

        self.param.watch(held(chosen), "value")
