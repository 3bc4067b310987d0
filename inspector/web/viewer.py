"""The page as an object: stars in a cell of a notebook, or in a page of somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.theme import Native

from inspector.exceptions import SettingsError
from inspector.files.checkpoints.weights import load_network
from inspector.pipeline.result import Result
from inspector.pipeline.shipped_weights import shipped_network
from inspector.science.labels import ELEMENTS
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel
from inspector.science.star import Star
from inspector.service.reading import ReadHere
from inspector.service.services import Services
from inspector.web.components.html import Html
from inspector.web.components.surroundings import Surroundings
from inspector.web.given_stars import Given, first_opened, given_entries
from inspector.web.inspection import Inspection
from inspector.web.page_tasks import at_once
from inspector.web.state import InspectorState, Message
from inspector.web.viewer_layout import viewer_layout

CHOICES = (
    *("inspected", "shown", "elements", "label", "view_range", "lines_on"),
    *("mc_num", "seed", "dropout_rate", "network", "noise_model"),
)
"""What a caller reads and sets."""

READINGS = ("star", "result", "visit_results", "running", "progress", "messages")
"""What a caller reads."""


@cache
def viewer_services() -> Services:
    """What all viewers of a process share; it reads and draws in this process, for one person."""
    return Services(readers=ReadHere())


def _of_state(name: str, readable: bool = False) -> Any:
    """A parameter of the state, for a class of its own."""
    made = copy(InspectorState.param[name])
    made.constant = readable
    return made


class Inspector(pn.viewable.Viewer):
    """A star as the page shows it, to be put into a notebook or into a page of your own.

    The last expression of a cell is shown below it; in a script, ``Inspector(star).servable()`` serves it and a
    Panel layout takes it as any other part. It stands in one place at a time. What is chosen in it can be read
    and set here, and what it shows can be read or watched (``inspector.param.watch``).

    Parameters
    ----------
    star : Star, path-like, or several of them
        A folder stands for its FITS files.
    network : Network or path-like, optional
        The shipped weights if None.
    noise_model : NoiseModel, optional
        As for `analyze`.
    **choices
        Any of the attributes that can be set.

    Attributes
    ----------
    mc_num, seed, dropout_rate
        As for `analyze`.
    label : str
        The label shown large, as the result table calls it: ``fe_h``.
    elements : list of str
        Elements whose windows are shaded: ``["Mg", "Al"]``.
    inspected : str
        Name of the spectrum that the network sees.
    shown : list of str
        Names of the spectra drawn.
    view_range : tuple of float
        Wavelengths in view, vacuum Å.
    lines_on : bool
        Whether line identifications are drawn.
    star : Star
        The star on screen; read only, as is all that follows.
    result : Result or None
        Of the inspected spectrum; replaced as draws arrive. None before the first draws.
    visit_results : mapping of str to Result
        Of each spectrum of the star, by name.
    running : bool
        Whether draws are still on their way.
    progress : tuple of int
        Draws done and asked for.
    messages : list of Message
        What was said on screen.

    Raises
    ------
    FileError
        If no file given can be read.
    WeightsError
        If the weights cannot be read.
    SettingsError
        If a choice makes no sense.
    """

    mc_num: int = _of_state("mc_num")
    seed: int | None = _of_state("seed")
    dropout_rate: float | None = _of_state("dropout_rate")
    network: Network = _of_state("network")
    noise_model: NoiseModel | None = _of_state("noise_model")
    label: str = _of_state("label")
    elements: Sequence[str] = _of_state("elements")
    inspected: str = _of_state("inspected")
    shown: Sequence[str] = _of_state("shown")
    view_range: tuple[float, float] = _of_state("view_range")
    lines_on: bool = _of_state("lines_on")

    star: Star = _of_state("star", readable=True)
    result: Result | None = _of_state("result", readable=True)
    visit_results: Mapping[str, Result] = _of_state("visit_results", readable=True)
    running: bool = _of_state("running", readable=True)
    progress: tuple[int, int] = _of_state("progress", readable=True)
    messages: Sequence[Message] = _of_state("messages", readable=True)

    def __init__(
        self,
        star: Given,
        network: Network | str | Path | None = None,
        noise_model: NoiseModel | None = None,
        **choices: Any,
    ) -> None:
        entries, first = first_opened(given_entries(star))
        if network is None or isinstance(network, str | Path):
            network = shipped_network() if network is None else load_network(network)
        super().__init__()
        self._state = InspectorState(stars=entries, theme=_theme())
        self._inspection = Inspection(viewer_services(), self._state, _later())
        self._place = pn.Column()
        self._state.param.watch(self._read, [*CHOICES, *READINGS])
        self.param.watch(self._write, list(CHOICES))
        assert first.opened is not None
        self._state.show_star(first.key, first.opened.star, first.opened.normalized)
        self._state.seed_kept = choices.get("seed") is not None  # else the next star would let go of it
        self._choose(**choices)
        self._state.param.update(network=network, noise_model=noise_model)
        self._state.param.watch(self._push, list(self._state.param), precedence=LAST)

    def __panel__(self) -> pn.viewable.Viewable:
        """The view; where it was shown before, a sentence says that it stands elsewhere."""
        self._place.objects = [_sentence(MOVED)]
        self._place = place = pn.Column(sizing_mode="stretch_width", margin=0, design=Native)
        signal = Surroundings(lambda told: self._hear(place, told))
        place.objects = [signal, _sentence(WAITING) if _in_notebook() else self._parts]
        return place

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        # what Panel itself asks; to programs that wrap it, it offers nothing public: holoviz/panel#3547
        if not pn.extension._loaded:  # noqa: SLF001
            pn.extension(inline=True)  # nothing is fetched from another host
        return super()._repr_mimebundle_(include, exclude)

    def _hear(self, place: pn.Column, told: str) -> None:
        """The browser has drawn a place, perhaps anew, or says how dark it is there.

        In a notebook the parts are handed over only now: what happens to them while a page is drawn would be lost.
        """
        if place is not self._place:
            place.objects = [place[0], _sentence(MOVED)]
        elif told != "drawn":
            self._state.theme = told
        elif self._parts not in place.objects or _in_notebook():
            place.objects = place[:1]
            place.objects = [place[0], self._parts]

    @cached_property
    def _parts(self) -> pn.viewable.Viewable:
        return viewer_layout(self._inspection)

    async def answer(self) -> Result | None:
        """The result once all draws have arrived, for the next cell: ``result = await viewer.answer()``.

        Returns
        -------
        Result or None
            None if the network could not answer; `messages` says why.
        """
        done = asyncio.Event()
        watcher = self._state.param.watch(lambda _: done.set(), "running")
        try:
            if self._state.running:
                await done.wait()
        finally:
            self._state.param.unwatch(watcher)
        return self.result

    def close(self) -> None:
        """Stop what runs."""
        self._inspection.close()

    def _read(self, *events: param.parameterized.Event) -> None:
        with param.edit_constant(self):
            self.param.update(**{event.name: event.new for event in events})

    def _write(self, *events: param.parameterized.Event) -> None:
        changes = {event.name: event.new for event in events if event.new is not getattr(self._state, event.name)}
        try:
            self._choose(**changes)
        except SettingsError:
            self.param.update(**{name: getattr(self._state, name) for name in changes})
            raise

    def _choose(self, **choices: Any) -> None:
        """Set what makes sense, all at once, or nothing."""
        known = {"inspected": self._state.spectrum_names, "shown": self._state.spectrum_names, "elements": ELEMENTS}
        for name, value in choices.items():
            if name not in CHOICES:
                raise SettingsError(f"{name} is not a setting of the viewer. It has {', '.join(CHOICES)}.")
            if name in known:
                _refuse_unknown(name, [value] if isinstance(value, str) else value, known[name])
        self._state.param.update(**choices)

    def _push(self, *_: Any) -> None:
        """Figures change their models directly; in a notebook nobody else tells the browser."""
        pn.io.push_notebook(self._place)


LAST = 1_000
"""Precedence of who is to hear of a change after everybody else."""


WAITING = "The inspector is drawn here once a browser shows this cell. Run the cell if nothing comes."
MOVED = "This inspector was shown again, elsewhere. Run this cell to have it here."


def _sentence(text: str) -> pn.pane.HTML:
    return Html(f"<p>{text}</p>")


def _in_notebook() -> bool:
    """Whether a cell shows what is displayed now, rather than a server or a file."""
    document = pn.state.curdoc
    if document is not None and document.session_context is not None:
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def _refuse_unknown(name: str, values: Sequence[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise SettingsError(f"{name} is {value!r}; it must be one of {', '.join(known)}.")


def _theme() -> str:
    """Of the page it is put into, as far as Panel knows it; the browser may know better."""
    return "dark" if pn.config.theme == "dark" else "light"


def _later() -> Any:
    """What changes a view: the page's document where one is served, else whoever calls."""
    document = pn.state.curdoc
    return at_once if document is None or document.session_context is None else document.add_next_tick_callback
