"""The live network's controls: how many draws, which seed, which dropout rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.exceptions import SettingsError
from inspector.science.settings import MC_NUM, RATE, SEED, Bounds
from inspector.web import icons
from inspector.web.components.html import Html
from inspector.web.page_updates import held
from inspector.web.state import InspectorState
from inspector.web.static_files import static_text

STEPS = (MC_NUM.low, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, int(MC_NUM.high))
"""Numbers of draws the slider offers; the field beside it takes any."""


class Controls(pn.viewable.Viewer):
    """Writes mc_num, seed and dropout rate to the state; shows how far a run is.

    Parameters
    ----------
    state : InspectorState
    redraw, stop, go_on : callable
        What the buttons do: see `Live`.
    """

    def __init__(
        self,
        state: InspectorState,
        redraw: Callable[[], None],
        stop: Callable[[], None] = lambda: None,
        go_on: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._state, self._following = state, False
        self._slider = pmui.DiscreteSlider(
            label="Draws",
            options=list(STEPS),
            value=_nearest(state.mc_num),
            show_value=False,
            size="small",
            sizing_mode="stretch_width",
            margin=(0, 8),
        )
        self._number = pmui.TextInput(label="mc_num", value=str(state.mc_num), **_FIELD)
        self._seed = pmui.TextInput(label="seed", value=_seed_text(state.seed), placeholder="from the flux", **_FIELD)
        self._rate = pmui.TextInput(label="dropout", value=_rate_text(state), **_FIELD)
        self._keep = pmui.Checkbox(
            label="Keep this seed for the next stars", size="small", margin=(0, 4), sx=_SMALL_LABEL
        )
        again = pmui.Button(label="New draws", icon=icons.DICE, **_BUTTON)
        again.on_click(lambda _: redraw())
        self._stop = pmui.Button(label="Stop", icon=icons.STOP, **_BUTTON)
        self._stop.on_click(lambda _: (stop if state.running else go_on)())
        self._note = Html("", stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(2, 8, 0, 8))
        self._join()
        self._follow()
        self._layout = pn.Column(
            self._slider,
            pn.Row(self._number, self._seed, self._rate, margin=0, sizing_mode="stretch_width"),
            self._keep,
            pn.Row(again, self._stop, margin=0, sizing_mode="stretch_width"),
            self._note,
            sizing_mode="stretch_width",
            margin=0,
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _join(self) -> None:
        state = self._state
        self._slider.param.watch(held(self._take_slider), "value")
        for field, take in (
            (self._number, self._take_number),
            (self._rate, self._take_rate),
            (self._seed, self._take_seed),
        ):
            field.param.watch(held(lambda event, take=take: self._following or take(event.new)), "value")
            # Panel hears of Enter at once, of the new value only after a pause
            field.param.watch(held(lambda event, take=take: take(event.obj.value_input)), "enter_pressed")
        self._keep.param.watch(held(lambda event: state.param.update(seed_kept=event.new)), "value")
        state.param.watch(held(self._follow), ["mc_num", "seed", "seed_kept", "dropout_rate", "network"])
        told = ["running", "progress", "result", "star", "seed", "dropout_rate", "network"]
        state.param.watch(held(self._tell), told)
        self._tell()

    def _take_slider(self, event: Any) -> None:
        if event.new != _nearest(self._state.mc_num):  # else the slider only followed the field
            self._state.mc_num = event.new

    def _take_number(self, text: str) -> None:
        self._take(MC_NUM, text)

    def _take_rate(self, text: str) -> None:
        """The weights' own rate typed in is not a choice of another one; nor is an empty field."""
        if text.strip() == _rate_text(self._state, chosen=False) or not text.strip():
            self._state.dropout_rate = None
            self._follow()
        else:
            self._take(RATE, text)

    def _take_seed(self, text: str) -> None:
        if text.strip():
            self._take(SEED, text)
        else:
            self._state.settle("seed")
            self._state.seed = None

    def _take(self, bounds: Bounds, text: str) -> None:
        """Hand a number typed in to the state; anything else becomes a sentence, and the field goes back."""
        try:
            value = bounds.read(text)
        except SettingsError as error:
            self._state.settle(bounds.name)
            self._state.say(str(error), "warning", bounds.name)
            self._follow()
            return
        if value != getattr(self._state, bounds.name):  # else the field only went back to what it was
            self._state.settle(bounds.name)
            self._state.param.update(**{bounds.name: value})

    def _follow(self, *_: Any) -> None:
        """Show what the state has; what the fields tell of that change is not news."""
        if self._following:
            return
        self._following = True
        try:
            self._write_fields()
        finally:
            self._following = False

    def _write_fields(self) -> None:
        state = self._state
        self._slider.value = _nearest(state.mc_num)
        self._number.value = str(state.mc_num)
        self._seed.value = _seed_text(state.seed)
        self._rate.value = _rate_text(state)
        self._keep.param.update(value=state.seed_kept, disabled=state.seed is None and not state.seed_kept)

    def _tell(self, *_: Any) -> None:
        self._note.object = progress_html(self._state)
        stopped = _stopped(self._state)
        label, icon = ("Go on", icons.GO_ON) if stopped else ("Stop", icons.STOP)
        self._stop.param.update(label=label, icon=icon, disabled=not (stopped or self._state.running))


def progress_html(state: InspectorState) -> str:
    """How many draws there are, with what seed, and a mark where the dropout rate is an experiment."""
    if state.star is None:
        return "<p>No star is open: there is nothing to draw for.</p>"
    if state.result is not None and state.result.posterior is None:
        return "<p>No draws: this spectrum has no result.</p>"
    done, total = state.progress
    share = f"{done / total:.0%}" if total else "0%"
    stopped = "stopped at " if _stopped(state) else ""
    pinned = "" if state.seed is None else ' <span class="mark">pinned</span>'
    seed = f" · seed {state.result.seed}{pinned}" if state.result is not None else ""
    experiment = (
        f'<p class="mark">experiment: the weights were trained with a dropout rate of {state.designed_rate:g}</p>'
        if state.rate != state.designed_rate is not None
        else ""
    )
    return (
        f'<div class="bar" role="progressbar" aria-label="Draws" aria-valuenow="{done}" aria-valuemax="{total}">'
        f'<div style="width:{share}"></div></div>'
        f'<p>{stopped}<b class="draws">{done}</b> of {total} draws{seed}</p>{experiment}'
    )


def _stopped(state: InspectorState) -> bool:
    done, total = state.progress
    return not state.running and done < total


def _nearest(mc_num: int) -> int:
    return min(STEPS, key=lambda step: abs(step - mc_num))


def _rate_text(state: InspectorState, chosen: bool = True) -> str:
    if chosen and state.dropout_rate is not None:
        return str(state.dropout_rate)
    return "" if state.designed_rate is None else f"{state.designed_rate:g}"


def _seed_text(seed: int | None) -> str:
    return "" if seed is None else str(seed)


_BUTTON: dict[str, Any] = {
    "variant": "outlined",
    "size": "small",
    "margin": (4, 5, 0, 5),
    "sizing_mode": "stretch_width",
}

_FIELD: dict[str, Any] = {"size": "small", "margin": (4, 4), "min_width": 60, "sizing_mode": "stretch_width"}

_SMALL_LABEL: dict[str, Any] = {"& .MuiFormControlLabel-label": {"fontSize": "12px"}}

_STYLE = static_text("network_controls.css")
