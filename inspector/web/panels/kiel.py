"""The Kiel diagram beside the table: its rows as stars in a plane, of which some are picked by an outline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.exceptions import WeightsError
from inspector.service.queue.columns import Columns
from inspector.web.components.html import Html
from inspector.web.figures import legend
from inspector.web.figures.diagram_colours import legend_html
from inspector.web.figures.diagram_data import Limits, Numbers, Rows, View
from inspector.web.figures.diagram_layers import Sight, look, look_again
from inspector.web.figures.diagram_selection import nearest_row, rows_within
from inspector.web.figures.kiel import Heard, KielFigure, find_holoviews
from inspector.web.figures.theme import THEMES
from inspector.web.page_tasks import PageTasks
from inspector.web.page_updates import held
from inspector.web.panels.choice import Choice
from inspector.web.panels.diagram_rows import Rowed
from inspector.web.panels.kiel_columns import Columned, axis_options, colour_options, diagram_of, first_choice
from inspector.web.panels.panel_parts import Sentence, empty, heading
from inspector.web.state import InspectorState

NO_TABLE = "No table is open. Open one to see its stars in a diagram."
NO_NUMBERS = "This table has no column of numbers to draw."
LOADING = "The diagram is being drawn …"


class KielView(pn.viewable.Viewer):
    """The diagram with the choice of its axes and colours.

    Whatever goes through all stars is done in a thread, one thing at a time, and of several views that wait the last.

    Parameters
    ----------
    state : InspectorState
    queue : Rowed
    tasks : PageTasks
    """

    def __init__(self, state: InspectorState, queue: Rowed, tasks: PageTasks) -> None:
        super().__init__()
        self._state, self._queue, self._tasks = state, queue, tasks
        self._columns: Columns | None = None
        self._rows: Rows | None = None
        self._chosen: Columned | None = None
        self._sight: Sight | None = None
        self._figure: KielFigure | None = None
        self._due: dict[str, View | None] = {}
        self._busy = self._moved = False
        self._build()
        queue.on_change(held(self._hear))
        state.param.watch(held(lambda *_: self._ask(diagram=None)), "network")
        state.param.watch(held(self._repaint), "theme")
        self._take_table()
        self._hear()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    @property
    def sight(self) -> Sight | None:
        """What is drawn."""
        return self._sight

    @property
    def choices(self) -> dict[str, Choice]:
        """The lists, by what they choose: ``x``, ``y`` and ``colour``."""
        return self._choices

    @property
    def words(self) -> str:
        """How many stars there are, in words."""
        return self._words.text

    @property
    def why_empty(self) -> str:
        """Why there is no diagram; empty where there is one."""
        return self._empty.text

    def clear(self) -> None:
        """Let go of the outline, and of what it keeps from the queue."""
        if self._queue.chosen is not None:
            self._queue.choose(None)

    def _build(self) -> None:
        self._choices = {
            name: Choice(label=label, width=84, margin=(0, 2))
            for name, label in (("y", "Vertical axis"), ("x", "Horizontal axis"), ("colour", "Colour of the stars"))
        }
        for name, choice in self._choices.items():
            choice.on_choice(partial(self._choose, name))
        self._clear = pmui.Button(label="clear outline", variant="text", size="small", margin=0, disabled=True, sx=_LOW)
        self._clear.on_click(lambda _: self._tasks.guarded(self.clear)())
        self._legend = Html("", stylesheets=[legend.STYLE], margin=(0, 6))
        self._words, self._empty = Sentence(), empty()
        self._place = pn.Column(sizing_mode="stretch_both", margin=0)
        y, x, colour = self._choices.values()
        between = [Html(word, margin=(2, 2), styles=_SMALL) for word in ("against", "by")]
        named = heading("Diagram", "kiel")
        head = pn.FlexBox(named, y, between[0], x, between[1], colour, align_items="center", margin=0)
        foot = pn.Row(self._words, self._clear, sizing_mode="stretch_width", margin=0)
        parts = (head, self._empty, self._place, self._legend, foot)
        self._layout = pn.Column(*parts, sizing_mode="stretch_both", margin=0)

    def _choose(self, which: str, name: str) -> None:
        if self._chosen is not None:
            self._chosen, self._moved = replace(self._chosen, **{which: name}), False
            self._ask(diagram=None)

    def _hear(self, *_: Any) -> None:
        """Follow the queue."""
        if self._queue.columns is not self._columns:
            self._take_table()
        rows = self._queue.filtered if self._columns is not None else None
        filled = self._columns is not None and self._chosen is not None and self._chosen.is_filled(self._columns)
        if rows is not self._rows or filled:
            self._rows = rows
            self._ask(diagram=None if self._sight is None else self._sight.view)
        self._clear.disabled = self._queue.chosen is None
        if self._figure is not None and self._sight is not None:
            self._figure.ring(self._sight.diagram.place(self._queue.current))
            if self._queue.chosen is None:
                self._figure.outline(None)

    def _take_table(self) -> None:
        self._columns, self._sight, self._rows, self._moved = self._queue.columns, None, None, False
        self._chosen = None if self._columns is None else first_choice(self._columns, self._chosen)
        self._empty.text = NO_TABLE if self._columns is None else LOADING if self._chosen else NO_NUMBERS
        self._place.objects, self._figure = [], None
        self._words.text = self._legend.object = ""
        columns = self._columns if self._chosen is not None else None
        axes = [] if columns is None else axis_options(columns)
        offered = {"x": axes, "y": axes, "colour": [] if columns is None else colour_options(columns)}
        for name, choice in self._choices.items():
            choice.param.update(options=offered[name], value=getattr(self._chosen, name, ""))

    def _ask(self, **what: View | None) -> None:
        """Have something done soon: the ``diagram`` made anew, in a view or in its own, or another ``view`` drawn."""
        if self._columns is None or self._chosen is None or self._rows is None:
            return
        self._due |= what
        if not self._busy:
            self._busy = True
            self._tasks.start(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            if self._figure is None:
                await asyncio.to_thread(find_holoviews)
            while self._due:
                due, self._due = self._due, {}
                made = await asyncio.to_thread(self._make(due))
                await self._tasks.apply(partial(self._show, made, "diagram" in due))
        finally:
            self._busy = False

    def _make(self, due: Mapping[str, View | None]) -> Callable[[], Sight]:
        """What is to be done, as a function of nothing that may change meanwhile."""
        if "diagram" not in due and self._sight is not None:
            return partial(look, self._sight.diagram, due["view"])
        assert self._columns is not None and self._chosen is not None and self._rows is not None
        table = self._columns, self._rows, self._chosen, self._ranges(), self._queue.star_names
        before, looked = due["diagram"], due.get("view") or (due["diagram"] if self._moved else None)
        return lambda: look_again(diagram_of(*table), before, looked)

    def _show(self, sight: Sight, anew: bool) -> None:
        self._sight = sight
        if self._figure is None:
            self._figure = self._new_figure()
            self._place.objects = [_pane(self._figure)]
        elif anew:
            self._put(self._figure)
        else:
            self._figure.show(sight.diagram, sight.drawn)
        self._say()

    def _say(self) -> None:
        assert self._sight is not None
        diagram, drawn = self._sight.diagram, self._sight.drawn
        self._empty.text = ""
        self._legend.object = legend_html(THEMES[self._state.theme], diagram, drawn.squares is not None)
        self._words.text = count_words(len(diagram), diagram.left_out, len(diagram) - drawn.in_view)

    def _new_figure(self) -> KielFigure:
        guarded = self._tasks.guarded
        heard = Heard(guarded(self._looked), guarded(self._outlined), guarded(self._clicked))
        made = KielFigure(THEMES[self._state.theme], heard)
        self._put(made)
        return made

    def _put(self, figure: KielFigure) -> None:
        """Put all that is known into a figure."""
        assert self._sight is not None
        figure.look_at(self._sight.diagram, self._sight.view)
        figure.show(self._sight.diagram, self._sight.drawn)
        figure.ring(self._sight.diagram.place(self._queue.current))

    def _repaint(self, *_: Any) -> None:
        if self._sight is not None and self._figure is not None:
            self._figure = self._new_figure()
            self._place.objects = [_pane(self._figure)]
            self._say()

    def _looked(self, view: View) -> None:
        if self._sight is not None and view != self._sight.view:
            self._moved = True
            self._ask(view=view)

    async def _outlined(self, corners: Numbers) -> None:
        if self._sight is None or self._figure is None:
            return
        rows = await asyncio.to_thread(rows_within, self._sight.diagram, corners)
        await self._tasks.apply(partial(self._pick, rows, corners))

    def _pick(self, rows: Rows, corners: Numbers) -> None:
        if self._figure is not None:
            self._queue.choose(rows)
            self._figure.outline(corners)

    async def _clicked(self, x: float, y: float) -> None:
        if self._sight is None:
            return
        row = await asyncio.to_thread(nearest_row, self._sight.diagram, x, y, self._sight.view)
        if row is not None:
            await self._tasks.apply(partial(self._queue.open_row, row))

    def _ranges(self) -> dict[str, Limits]:
        try:
            return {} if self._state.network is None else self._state.network.card.ranges
        except WeightsError:  # said where the weights are shown
            return {}


_LOW = {"padding": "0 6px", "minWidth": 0, "fontSize": "12px"}
_SMALL = {"font-size": "12px", "opacity": "0.8"}


def count_words(stars: int, left_out: int, outside: int) -> str:
    """How many stars there are, and how many are not seen, and why."""
    words = ["1 star" if stars == 1 else f"{stars:,} stars"]
    if left_out:
        words.append(f"{left_out:,} left out: a number is missing")
    if outside:
        words.append(f"{outside:,} outside the view")
    return " · ".join(words)


def _pane(figure: KielFigure) -> pn.pane.HoloViews:
    return pn.pane.HoloViews(figure.layout, sizing_mode="stretch_both", min_height=160, margin=0, linked_axes=False)
