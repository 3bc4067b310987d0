"""Small parts that several panels share."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from inspector.science.labels import LABELS
from inspector.web.components.html import Html
from inspector.web.figures.labels import Catalogue
from inspector.web.help_texts import HELP
from inspector.web.page_updates import held
from inspector.web.panels.choice import Choice
from inspector.web.state import InspectorState
from inspector.web.static_files import static_text

_HEADING, _WORDS, _SENTENCE = (static_text(f"{name}.css") for name in ("heading", "words", "sentence"))


def figure_pane(layout: Any) -> pn.pane.Bokeh:
    """A Bokeh figure in its place on the page, in its own colours; as high as its place if the figure is."""
    return pn.pane.Bokeh(layout, sizing_mode=layout.sizing_mode or "stretch_width", margin=0)


def heading(title: str, panel: str) -> pn.Row:
    """A panel's title with the "?" behind which it is explained."""
    words = Html(f"<h2>{escape(title)}</h2>" if title else "", stylesheets=[_HEADING], margin=(2, 0))
    return pn.Row(words, pn.widgets.TooltipIcon(value=HELP[panel], margin=(0, 2)), margin=0)


def label_select(state: InspectorState) -> Choice:
    """The chosen label as a list, for those who cannot point at a row of a figure."""
    made = Choice(label="Label", options=_SYMBOLS, value=state.label, width=84, margin=(0, 4))
    made.on_choice(lambda label: state.param.update(label=label))
    state.param.watch(held(lambda event: made.param.update(value=event.new)), "label")
    return made


_SYMBOLS = [(label.name, label.symbol) for label in LABELS]


class Place(pn.viewable.Viewer):
    """A part of the page that is there or not.

    It comes and goes: what is made invisible stays on the page where the browser had not drawn it yet.
    """

    def __init__(self, part: pn.viewable.Viewable) -> None:
        super().__init__()
        self._part, self._nothing = part, pn.Spacer(width=0, height=0)  # of a place with no part, Bokeh complains
        self._column = pn.Column(part, sizing_mode=part.sizing_mode, margin=0)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column

    @property
    def filled(self) -> bool:
        """Whether the part is on the page."""
        return self._column[0] is not self._nothing

    @filled.setter
    def filled(self, filled: bool) -> None:
        if filled != self.filled:
            self._column.objects = [self._part if filled else self._nothing]


_WHOLE = {"max-height": "none"}
"""Panel lets no part be higher than its place: what comes after would be drawn over the rest of long words."""


class Words(pn.viewable.Viewer):
    """HTML that changes often; not a Bokeh `Div`, which lays out the whole page at each change."""

    html = param.String(default="", doc="What is shown; whoever sets it escapes what comes from a file.")
    visible = param.Boolean(default=True, doc="Whether it is on the page.")

    def __init__(self, style: str = "", margin: tuple[int, int] = (2, 6)) -> None:
        super().__init__()
        style = style or _WORDS
        self._pane = Html("", sizing_mode="stretch_width", margin=margin, stylesheets=[style], styles=_WHOLE)
        self.param.watch(self._show, ["html", "visible"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _show(self, *_: Any) -> None:
        # blanked, not made invisible: in the browser that fails until the pane has been rendered once
        self._pane.object = self.html if self.visible else ""


class Sentence(Words):
    """Plain text, whatever it holds; gone from the page while it is empty."""

    text = param.String(default="", doc="The sentence.")

    def __init__(self, text: str = "", css_class: str = "") -> None:
        super().__init__(_SENTENCE, margin=(0, 6))
        self._class = css_class
        self.param.watch(self._say, "text")
        self.text = text
        self._say()

    def _say(self, *_: Any) -> None:
        self.html = f'<p class="{self._class}">{escape(self.text)}</p>' if self.text else ""


def empty(text: str = "") -> Sentence:
    """A calm sentence where there is nothing to show."""
    return Sentence(text, "empty")


def note(text: str = "") -> Sentence:
    """A sentence that needs attention."""
    return Sentence(text, "note")


NO_WEIGHTS = "No labels yet: the weights are not loaded."


def why_no_result(state: InspectorState) -> str:
    """Why there are no numbers to show; empty where there are some or the first ones are on their way."""
    if state.star is None:
        return "No star is open yet."
    if state.result is None:
        return "" if state.network is not None else NO_WEIGHTS
    return "" if state.result.posterior is not None else f"{state.result.reason} {what_else(state)}"


def what_else(state: InspectorState) -> str:
    """Where to look next, at a star whose inspected spectrum gives no result."""
    others = len(state.spectrum_names) - 1
    if others < 1:
        return "This file has no other spectrum of the star."
    return f"Try {'the other spectrum' if others == 1 else f'one of the {others} other spectra'} of this star."


def catalogue_of(state: InspectorState) -> Catalogue:
    """The catalogue's labels, where the file on screen has them."""
    return {} if state.star is None else state.star.info.catalogue
