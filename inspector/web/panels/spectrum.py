"""The spectrum: what is inspected, what lies beside it, and where one looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.files.line_list import load_lines
from inspector.science.lines import species_of
from inspector.science.spectrum import CHIPS, WAVELENGTH
from inspector.web.components.html import Html
from inspector.web.figures.legend import STYLE as LEGEND_STYLE
from inspector.web.figures.legend import Entry, legend_html, spectrum_legend
from inspector.web.figures.spectrum import FULL_VIEW, SpectrumFigure, spectrum_figure
from inspector.web.figures.spectrum_data import Columns, curve_columns
from inspector.web.figures.theme import THEMES
from inspector.web.page_updates import held
from inspector.web.panels.choice import Choice
from inspector.web.panels.panel_parts import Place, empty, figure_pane, heading, note, what_else
from inspector.web.state import ELEMENT_OF_LABEL, InspectorState
from inspector.web.static_files import static_text

CHIP_VIEWS = {
    "all chips": FULL_VIEW,
    **{name: (float(WAVELENGTH[s.start]), float(WAVELENGTH[s.stop - 1])) for name, s in CHIPS.items()},
}
"""Wavelengths of each chip, Å."""


_DENSE = {"& button": {"padding": "3px 7px", "lineHeight": 1.3, "textTransform": "none", "whiteSpace": "nowrap"}}

_MANY = {
    "& .MuiToggleButton-root": {"width": "auto"},
    "& .MuiToggleButtonGroup-root, &.MuiToggleButtonGroup-root": {
        "flexWrap": "wrap",
        "width": "max-content",
        "maxWidth": "min(60vw, 396px)",
        "maxHeight": "46px",
        "overflowY": "auto",
    },
}
"""As many visits as there are: in two rows, which scroll."""

_GROUP: dict[str, Any] = {"size": "small", "stylesheets": [static_text("hidden_label.css")]}
"""A group's name is there for screen readers; on the page a word beside it tells."""

NO_STAR = "No star is open yet. Choose one from the list, or drop a FITS file on the page."


class SpectrumView(pn.viewable.Viewer):
    """Raw and normalised spectrum of a session's star, with the switches that belong to them."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._figure = self._new_figure()
        self._pane = figure_pane(self._figure.layout)
        self._trouble = note()
        self._empty = empty()
        self._controls = SpectrumControls(state)
        drawn = pn.Column(self._controls, self._trouble, self._pane, sizing_mode="stretch_width", margin=0)
        self._place = Place(drawn)
        self._layout = pn.Column(self._place, self._empty, sizing_mode="stretch_width")

        def watch(act: Callable[..., None], names: str | list[str]) -> None:
            state.param.watch(held(act), names)

        watch(self._show_star, ["star", "inspected"])
        watch(self._show_context, "shown")
        watch(lambda *_: self._shade(self._figure), ["elements", "label"])
        watch(lambda event: self._figure.look_at(event.new), "view_range")
        watch(lambda event: self._figure.identify(event.new), "lines_on")
        watch(self._repaint, "theme")
        self._show_star()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    @property
    def figure(self) -> SpectrumFigure:
        """The figure on screen."""
        return self._figure

    def _new_figure(self) -> SpectrumFigure:
        made = spectrum_figure(THEMES[self.state.theme], load_lines(), self.state.view_range)
        made.seen.on_change("data", held(self._settle))
        self._shade(made)
        made.identify(self.state.lines_on)
        return made

    def _shade(self, figure: SpectrumFigure) -> None:
        figure.shade(self.state.elements, ELEMENT_OF_LABEL[self.state.label] or "")
        figure.favour(species_of(self.state.elements, self.state.label))

    def _settle(self, attr: str, old: Any, new: dict[str, list[float]]) -> None:
        start, end = new["view"]
        self._figure.view = self.state.view_range = (start, end)

    def _show_star(self, *events: Any) -> None:
        state = self.state
        self._place.filled = state.star is not None
        self._empty.text = "" if state.star is not None else NO_STAR
        self._trouble.text = ""
        if state.star is None:
            self._figure.clear()
            return
        if not events or any(event.name == "star" for event in events):
            self._figure.forget()
        normalized = state.normalized(state.inspected)
        self._trouble.text = f"{normalized} {what_else(state)}" if isinstance(normalized, str) else ""
        self._figure.inspect(state.spectrum(state.inspected), state.numbers(state.inspected), state.model)
        self._show_context()

    def _show_context(self, *_: Any) -> None:
        if self.state.star is not None:
            shown, inspected = self.state.shown, self.state.inspected
            self._figure.reveal(inspected in shown)
            others = [name for name in shown if name != inspected]
            self._figure.overlay(others, self._curve)
            self._controls.legend = spectrum_legend(
                self._figure.theme, inspected if inspected in shown else "", len(others), self._figure.has_model
            )

    def _curve(self, name: str) -> Columns:
        return curve_columns(self.state.spectrum(name), self.state.numbers(name))

    def _repaint(self, *_: Any) -> None:
        self._figure = self._new_figure()
        self._show_star()
        self._pane.object = self._figure.layout


class SpectrumControls(pn.viewable.Viewer):
    """Which spectrum is inspected, which are drawn, which chip is in view, and whether lines are named."""

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._entries: tuple[Entry, ...] = ()
        self._inspected = Choice(label="Inspected", width=170, margin=(6, 8, 0, 0))
        self._shown = pmui.CheckButtonGroup(label="Drawn spectra", margin=(6, 2), sx=_DENSE | _MANY, **_GROUP)
        self._every = pmui.Button(
            label="every visit", variant="text", size="small", margin=(6, 8, 0, 0), sx={"minWidth": 0}
        )
        self._chip = pmui.CheckButtonGroup(
            label="Chip in view", options=list(CHIP_VIEWS), margin=(6, 8), sx=_DENSE, **_GROUP
        )
        self._lines = pmui.Switch.from_param(
            state.param.lines_on, label="line names", description="", size="small", margin=(8, 4)
        )
        help_ = heading("", "spectrum")
        help_.margin = (8, 0)
        self._legend = Html("", margin=(2, 6), stylesheets=[LEGEND_STYLE], styles={"flex": "1 1 220px"})
        self._row = pn.FlexBox(
            _called("inspected", self._inspected),
            _called("drawn", self._shown, self._every),
            _called("chip", self._chip),
            self._lines,
            help_,
            self._legend,
            align_items="center",
            margin=0,
        )
        self._inspected.on_choice(lambda name: self._write(inspected=name))
        self._shown.param.watch(held(lambda event: self._write(shown=list(event.new))), "value")
        self._every.on_click(held(self._all_or_one))
        self._chip.param.watch(held(self._choose_chip), "value")
        state.param.watch(held(self._read), ["star", "inspected", "shown"])
        state.param.watch(held(self._read_view), "view_range")
        self._reading = False
        self._read()
        self._read_view()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row

    @property
    def legend(self) -> tuple[Entry, ...]:
        """What the figure shows."""
        return self._entries

    @legend.setter
    def legend(self, entries: tuple[Entry, ...]) -> None:
        self._entries = entries
        self._legend.object = legend_html(entries)

    def _read(self, *_: Any) -> None:
        names = self.state.spectrum_names
        self._reading = True
        self._inspected.param.update(
            options=[(name, name) for name in names], value=self.state.inspected if names else ""
        )
        short = {name if i == 0 else str(i): name for i, name in enumerate(names)}
        self._shown.param.update(options=short, value=[n for n in self.state.shown if n in names])
        self._reading = False

    def _read_view(self, *_: Any) -> None:
        self._reading = True
        self._chip.value = [name for name, view in CHIP_VIEWS.items() if view == self.state.view_range]
        self._reading = False

    def _choose_chip(self, event: Any) -> None:
        """At most one of the buttons is pressed, and none of them while the view is another one."""
        pressed = [name for name in event.new if name not in event.old]
        if not self._reading:
            self._write(view_range=CHIP_VIEWS[pressed[-1]] if pressed else None)
            self._read_view()

    def _all_or_one(self, *_: Any) -> None:
        """Draw every spectrum; if all are drawn already, the inspected one alone."""
        names = self.state.spectrum_names
        self.state.shown = [self.state.inspected] if set(names) <= set(self.state.shown) else names

    def _write(self, **choice: Any) -> None:
        if not self._reading and None not in choice.values():
            self.state.param.update(**choice)


def _called(word: str, *parts: pn.viewable.Viewable) -> pn.Row:
    """Parts with a word before them, from which no narrow window separates them."""
    said = Html(f"{word}:", margin=(12, 4), styles={"font-size": "12px", "opacity": "0.8"})
    return pn.Row(said, *parts, align="center", margin=0)
