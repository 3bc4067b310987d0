"""What one session looks at: data only, tested without a browser.

A widget writes here, a view reads here; neither talks to the other.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from inspector.pipeline.correction import correction_for
from inspector.pipeline.prepare import distinct_spectra, normalized_or_reason
from inspector.pipeline.result import Result
from inspector.science.labels import LABEL_NAMES, LABELS
from inspector.science.noise_model import NoiseModel
from inspector.science.provenance import Provenance
from inspector.science.sampling import Askable
from inspector.science.settings import MC_NUM, RATE, SEED, Settings
from inspector.science.spectrum import WAVELENGTH, NormalizedSpectrum, Spectrum
from inspector.science.star import Star
from inspector.science.table_answer import TableAnswer
from inspector.science.windows import window_ranges
from inspector.service.library import StarEntry

FULL_RANGE = (float(WAVELENGTH[0]), float(WAVELENGTH[-1]))
WINDOW_MARGIN = 12.0
"""Å of spectrum to show on each side of a window jumped to."""

MAX_MESSAGES = 50
"""Messages kept; older ones go first."""

LABEL_OF_ELEMENT = {label.element: label.name for label in LABELS if label.element}
ELEMENT_OF_LABEL = {label.name: label.element for label in LABELS}


@dataclass(frozen=True)
class Message:
    """One sentence for the page, in plain text.

    Attributes
    ----------
    text : str
    severity : str
        ``info``, ``success``, ``warning`` or ``error``.
    about : str
        What it speaks of: once that is over, the message goes. ``star`` is the star on screen.
    number : int
        Which message of this session it is.
    """

    text: str
    severity: str = "info"
    about: str = "star"
    number: int = 0


@dataclass(frozen=True)
class Absent:
    """A star that is on screen by name alone: its spectrum is missing.

    Attributes
    ----------
    name : str
    why : str
        What is missing, and what to do.
    values : tuple of (str, str)
        What a table says of it: titles and texts.
    """

    name: str
    why: str
    values: tuple[tuple[str, str], ...] = ()


class InspectorState(param.Parameterized):
    """One session's choices and what came of them."""

    stars = param.List(default=[], item_type=StarEntry, doc="The opened stars.")
    key = param.String(default="", doc="Which of `stars` is on screen.")
    star = param.ClassSelector(class_=Star, default=None, allow_None=True, doc="The star on screen.")
    absent: param.Parameter[Absent | None] = param.Parameter(
        default=None, doc="The star asked for, without a spectrum."
    )
    inspected = param.String(default="coadd", doc="Name of the spectrum the network sees.")
    shown = param.List(default=["coadd"], item_type=str, doc="Names of the spectra drawn.")

    elements = param.List(default=[], item_type=str, doc="Elements whose windows are shaded.")
    label: param.Selector[str] = param.Selector(default="teff", objects=list(LABEL_NAMES), doc="The label shown large.")
    view_range = param.Range(default=FULL_RANGE, doc="Wavelengths in view, vacuum Å.")
    lines_on = param.Boolean(default=False, doc="Whether line identifications are drawn.")
    theme: param.Selector[str] = param.Selector(default="light", objects=["light", "dark"])

    mc_num = param.Integer(default=Settings.mc_num, bounds=MC_NUM.pair, doc="Draws asked for.")
    seed = param.Integer(
        default=Settings.seed, bounds=SEED.pair, allow_None=True, doc="None: from the normalised flux."
    )
    seed_kept = param.Boolean(default=False, doc="Whether a pinned seed outlasts the star it was pinned for.")
    dropout_rate = param.Number(
        default=Settings.dropout_rate, bounds=RATE.pair, allow_None=True, doc="None: the weights' own."
    )

    network: param.Parameter[Askable | None] = param.Parameter(default=None, doc="Who answers; None until loaded.")
    noise_model: param.Parameter[NoiseModel | None] = param.Parameter(
        default=None, doc="The one somebody named; None: see `correction_for`."
    )
    result: param.Parameter[Result | None] = param.Parameter(
        default=None, doc="Of the inspected spectrum; replaced as it grows."
    )
    table_answer: param.Parameter[TableAnswer | None] = param.Parameter(
        default=None, doc="What a results table says of the star on screen; None where no row led to it."
    )
    visit_results: param.Dict[dict[str, Result]] = param.Dict(default={}, doc="By spectrum name, with these settings.")
    running = param.Boolean(default=False, doc="Whether draws are still on their way.")
    progress = param.NumericTuple(default=(0, 0), length=2, doc="Draws done and asked for.")
    messages = param.List(default=[], item_type=Message, doc="Sentences for the page, oldest first.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._normalized: dict[str, NormalizedSpectrum | str] = {}
        self._models: dict[str, NDArray[np.float64]] = {}
        self._said = 0
        self.param.watch(self._one_selection, ["label", "elements"])
        self.param.watch(self._show_inspected, ["inspected"])

    # the star on screen

    def show_star(
        self,
        key: str,
        star: Star,
        normalized: Mapping[str, NormalizedSpectrum | str] | None = None,
        inspected: str = "",
        table_answer: TableAnswer | None = None,
    ) -> None:
        """Put a star on screen: its coadd, or the spectrum named, is inspected and drawn; the zoom stays.

        What a table says of it is of that spectrum.

        Spectra that are not in `normalized` are normalised when they are looked at. A seed pinned for the star before
        is let go, unless it is to be kept: the next star answers as in a batch.
        """
        spectrum = next((s for s in star.spectra if s.name == inspected), star.coadd)
        name, known = spectrum.name, dict(normalized or {})
        if name not in known:  # what can fail, before anything has changed
            known[name] = normalized_or_reason(spectrum)
        self._normalized = known
        if star.coadd.model is not None:
            self._models[star.id] = star.coadd.model
        with param.parameterized.batch_call_watchers(self):
            if key != self.key and not self.seed_kept:
                self.seed = None
            self.param.update(key=key, star=star, absent=None, inspected=name, shown=[name])
            self.param.update(result=None, visit_results={}, progress=(0, 0))
            self.table_answer = None if table_answer is None else table_answer.about(name)
            self.settle("star")

    def show_absent(self, absent: Absent, table_answer: TableAnswer | None = None) -> None:
        """Name a star that has no spectrum here; nothing of the one before stays on screen."""
        self._normalized = {}
        with param.parameterized.batch_call_watchers(self):
            self.param.update(key="", star=None, absent=absent, inspected="coadd", shown=["coadd"])
            self.table_answer = table_answer
            self.param.update(result=None, visit_results={}, progress=(0, 0))
            self.settle("star")

    def spectrum(self, name: str) -> Spectrum:
        """The spectrum of that name of the star on screen; the coadd for a name it does not have."""
        if self.star is None:
            raise LookupError("No star is on screen.")
        return next((s for s in self.star.spectra if s.name == name), self.star.coadd)

    @property
    def spectrum_names(self) -> list[str]:
        """The coadd, then the visits that are not the coadd itself; empty without a star."""
        return [s.name for s in distinct_spectra(self.star)] if self.star else []

    def normalized(self, name: str) -> NormalizedSpectrum | str:
        """The normalised spectrum of that name, or the sentence why there is none; computed once per star."""
        if name not in self._normalized:
            self._normalized[name] = normalized_or_reason(self.spectrum(name))
        return self._normalized[name]

    @property
    def model(self) -> NDArray[np.float64] | None:
        """The best-fitting model of the star on screen, from whichever of its files looked at so far has one."""
        return None if self.star is None else self._models.get(self.star.id)

    def numbers(self, name: str) -> NormalizedSpectrum | None:
        """The normalised spectrum of that name; None where there is none."""
        normalized = self.normalized(name)
        return None if isinstance(normalized, str) else normalized

    def say(self, text: str, severity: str = "info", about: str = "star") -> None:
        """Put one sentence on the page, below those that still hold; one said before is said anew."""
        self._said += 1
        others = [message for message in self.messages if message.text != text]
        self.messages = [*others, Message(text, severity, about, self._said)][-MAX_MESSAGES:]

    def settle(self, *about: str) -> None:
        """Remove the messages about something that is over."""
        self.messages = [message for message in self.messages if message.about not in about]

    def dismiss(self, numbers: Container[int]) -> None:
        """Remove a message that its reader closed."""
        self.messages = [message for message in self.messages if message.number not in numbers]

    @property
    def message(self) -> Message:
        """The newest message; an empty one if there is none."""
        return self.messages[-1] if self.messages else Message("")

    @property
    def designed_rate(self) -> float | None:
        """The dropout rate the weights were trained with; None until there are weights."""
        return None if self.network is None else self.network.dropout_rate

    @property
    def rate(self) -> float | None:
        """The dropout rate in use."""
        return self.designed_rate if self.dropout_rate is None else self.dropout_rate

    @property
    def settings(self) -> Settings:
        """How the network is asked; None stands for what a spectrum or the weights decide."""
        return Settings(self.mc_num, self.seed, self.dropout_rate)

    @property
    def asked(self) -> Provenance | None:
        """What decides the answers of this page; None until there are weights."""
        if self.network is None:
            return None
        card = self.network.card
        return Provenance.of(self.settings, card, correction_for(card, self.noise_model).noise_model)

    # steps, for buttons and keys alike

    def others(self, step: int, start: str = "") -> list[StarEntry]:
        """All entries but `start` (the one on screen if empty), in the order of steps of +1 or -1 from it."""
        stars = list(self.stars)[::step]
        here = next((i for i, entry in enumerate(stars) if entry.key == (start or self.key)), -1)
        return [*stars[here + 1 :], *stars[: max(here, 0)]]

    def step_visit(self, step: int) -> None:
        """Inspect the next spectrum of this star, round its ends."""
        names = self.spectrum_names
        if names:
            here = names.index(self.inspected) if self.inspected in names else 0
            self.inspected = names[(here + step) % len(names)]

    def step_window(self, step: int) -> None:
        """Bring the next windows of the chosen elements into view, round the ends."""
        spans = window_stops(self.elements)
        if not len(spans):
            return
        centres = spans.mean(axis=1)
        here = self._leave_from(centres, step)
        beyond = np.flatnonzero(centres > here + 0.5) if step > 0 else np.flatnonzero(centres < here - 0.5)
        target = (beyond[0] if step > 0 else beyond[-1]) if len(beyond) else (0 if step > 0 else -1)
        self.view_range = around(*spans[target])

    def _leave_from(self, centres: np.ndarray, step: int) -> float:
        """Where a step starts: the middle of the view, or its edge where it holds several windows."""
        start, end = self.view_range
        several = np.count_nonzero((centres > start) & (centres < end)) > 1
        return (start if step > 0 else end) if several else (start + end) / 2

    @property
    def window_place(self) -> tuple[int, int]:
        """Which stop on the way from window to window is in view, counted from 1 (0: none), and how many there are."""
        views = [around(*span) for span in window_stops(self.elements)]
        seen = [i for i, view in enumerate(views) if np.allclose(view, self.view_range, atol=0.5)]
        return (seen[0] + 1 if seen else 0), len(views)

    def toggle_element(self, element: str) -> None:
        """Add an element's windows, or remove them."""
        chosen = [e for e in self.elements if e != element]
        self.elements = chosen if element in self.elements else [*chosen, element]

    # rules

    def _one_selection(self, *events: param.parameterized.Event) -> None:
        """A label and its element's window are one selection; whichever was chosen last decides."""
        changed = {event.name for event in events}
        element = ELEMENT_OF_LABEL[self.label]
        if "elements" not in changed:
            if element is None:
                self.elements = []
            elif element not in self.elements:
                self.elements = [element]
            return
        before = next(event.old for event in events if event.name == "elements")
        added = [e for e in self.elements if e not in before]
        if "label" not in changed and len(added) == 1:
            self.label = LABEL_OF_ELEMENT[added[-1]]
        elif self.elements and element is not None and element not in self.elements:
            self.label = LABEL_OF_ELEMENT[self.elements[-1]]

    def _show_inspected(self, event: param.parameterized.Event) -> None:
        if event.new not in self.shown:
            self.shown = [*self.shown, event.new]


def window_stops(elements: Iterable[str]) -> np.ndarray:
    """The windows of some elements as a person steps through them: those seen together are one stop. Shape (n, 2).

    A window farther than `WINDOW_MARGIN` from the one before begins a new stop, so that each step moves the view.
    """
    spans = window_ranges(elements)
    if not len(spans):
        return spans
    first = np.flatnonzero(np.r_[True, spans[1:, 0] - spans[:-1, 1] > WINDOW_MARGIN])
    return np.column_stack([spans[first, 0], spans[np.r_[first[1:] - 1, len(spans) - 1], 1]])


def around(first: float, last: float, margin: float = WINDOW_MARGIN) -> tuple[float, float]:
    """A view of a window with some spectrum beside it, inside the grid; vacuum Å."""
    return max(float(first) - margin, FULL_RANGE[0]), min(float(last) + margin, FULL_RANGE[1])
