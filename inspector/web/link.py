"""The page as a link: what a session looks at, written into the address and read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from inspector.exceptions import SettingsError
from inspector.science.labels import ELEMENTS, LABEL_NAMES
from inspector.science.provenance import SHORT, Provenance
from inspector.science.settings import MC_NUM, RATE, SEED, Settings
from inspector.web.queue_state import QUEUED
from inspector.web.state import FULL_RANGE, InspectorState

LINKED = ("key", "inspected", "shown", "view_range", "elements", "label", "mc_num", "seed", "seed_kept",
          "dropout_rate", "network")  # fmt: skip
"""The state's parameters a link holds."""

OF_STAR = ("inspected", "shown")
"""Those that make sense for a star on screen alone."""

UNSAID: Mapping[str, Any] = {
    "elements": [],
    "view_range": FULL_RANGE,
    "seed": Settings.seed,
    "seed_kept": False,
    "dropout_rate": Settings.dropout_rate,
}
"""What is meant by a link that says nothing of it."""

_BETWEEN = "|"

RAW = "none"
"""What a link says where errors are raw."""

HASH_DIGITS = 12
"""Digits of a file's SHA-256 in a link: enough to tell it from all others of its name."""


@dataclass(frozen=True)
class Choices:
    """What a link asks for.

    Attributes
    ----------
    star : str
        Key of the star; empty for the first.
    file : str
        How the SHA-256 of the star's file begins; empty if it is not said.
    weights : str
        Short hash of the weights that answered when it was made; empty if none had.
    noise_model : str
        Short hash of the noise model that corrected the errors, or `RAW`; empty if it is not said.
    values : dict
        Values for the state, by parameter.
    resume : str
        Ticket of the session this page was before it was loaded again; empty for a new visit.
    problems : tuple of str
        Sentences on what could not be understood, and was left as it is.
    queue : dict
        What it says of a table and the way along it, by `QUEUED`.
    resumed : dict
        Instead of that, the values of `QueueState` of the page that was loaded again.
    """

    star: str = ""
    file: str = ""
    weights: str = ""
    noise_model: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    resume: str = ""
    queue: Mapping[str, str] = field(default_factory=dict)
    resumed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def of_any_star(self) -> dict[str, Any]:
        """The values that make sense whichever star is on screen."""
        return {name: value for name, value in self.values.items() if name not in OF_STAR}


def to_query(state: InspectorState, queue: Mapping[str, str] | None = None) -> str:
    """The address's query for what a session looks at, ``?`` included; `queue` is what `QueueState.said` tells."""
    settings, asked = state.settings, state.asked
    said = {"star": state.key, "spectrum": state.inspected, "label": state.label, "mc_num": settings.mc_num}
    if state.star is not None and state.star.info.file.sha256:
        said["file"] = state.star.info.file.sha256[:HASH_DIGITS]
    if list(state.shown) != [state.inspected]:
        said["show"] = _BETWEEN.join(state.shown)
    if state.elements:
        said["elements"] = ",".join(state.elements)
    if tuple(state.view_range) != FULL_RANGE:
        said["view"] = ",".join(f"{x:.2f}" for x in state.view_range)
    if settings.seed is not None:
        said["seed"] = settings.seed
        if state.seed_kept:
            said["keep_seed"] = "yes"
    if settings.dropout_rate is not None:
        said["dropout_rate"] = repr(settings.dropout_rate)
    if asked is not None:
        said["weights"] = asked.weights_hash[:SHORT]
        said["noise_model"] = asked.noise_model_hash[:SHORT] or RAW
    return "?" + urlencode(said | dict(queue or {}))


def read_query(query: str) -> Choices:
    """What a link asks for; anything it does not make sense of becomes a sentence.

    Parameters
    ----------
    query : str
        With or without its ``?``.
    """
    said = {key: values[-1] for key, values in parse_qs(query.lstrip("?"), keep_blank_values=True).items()}
    values, problems = {}, []
    if unknown := [repr(key[:30]) for key in said if key not in _READERS and key not in _OTHERS]:
        problems.append(f"The link contains {listed(unknown)}; it may contain {', '.join([*_READERS, *_OTHERS[:-1]])}.")
    for key, (name, read) in _READERS.items():
        if key not in said:
            continue
        try:
            values[name] = read(said[key])
        except SettingsError as error:
            problems.append(f"The link's {error}")
        except ValueError as error:
            problems.append(f"The link's {key} is {said[key][:60]!r}: {error}.")
    file = said.get("file", "")
    if not re.fullmatch("[0-9a-f]{0,64}", file):
        problems.append(f"The link's file is {file[:60]!r}: it must be the beginning of a SHA-256, in digits 0 to f.")
        file = ""
    return Choices(
        said.get("star", ""),
        file,
        said.get("weights", "")[:SHORT],
        said.get("noise_model", "")[:SHORT],
        values,
        tuple(problems),
        said.get("resume", ""),
        {name: said[name] for name in QUEUED if name in said},
    )


def difference(made: Choices, here: Provenance) -> str:
    """Why the numbers may differ from those the link was made with; empty where they do not."""
    weights, noise_model = here.weights_hash[:SHORT], here.noise_model_hash[:SHORT] or RAW
    if made.weights not in ("", weights):
        return f"This link was made with the weights {made.weights}; here {weights} answer, so the numbers differ."
    if made.noise_model in ("", noise_model):
        return ""
    before = "raw errors" if made.noise_model == RAW else f"the noise model {made.noise_model}"
    now = "raw" if noise_model == RAW else f"corrected by the noise model {noise_model}"
    return f"This link was made with {before}; errors here are {now}: errors and flags may differ."


def _yes(text: str) -> bool:
    if text != "yes":
        raise ValueError("it must be 'yes' or left out")
    return True


def _view(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = 0.0
    if not FULL_RANGE[0] - 1 <= low < high <= FULL_RANGE[1] + 1:
        raise ValueError("it must be two wavelengths in Å, the smaller first, within the spectrum")
    return low, high


def _elements(text: str) -> list[str]:
    chosen = list(dict.fromkeys(text.split(",")))
    if unknown := [e for e in chosen if e not in ELEMENTS]:
        have = "has no window" if len(unknown) == 1 else "have no windows"
        raise ValueError(f"{listed([repr(e[:20]) for e in unknown])} {have}; {', '.join(ELEMENTS)} have")
    return chosen


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few names, and how many there are beyond."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _label(text: str) -> str:
    if text not in LABEL_NAMES:
        raise ValueError(f"the labels are {', '.join(LABEL_NAMES)}")
    return text


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "spectrum": ("inspected", str),
    "show": ("shown", lambda text: text.split(_BETWEEN)),
    "view": ("view_range", _view),
    "elements": ("elements", _elements),
    "label": ("label", _label),
    **{bounds.name: (bounds.name, bounds.read) for bounds in (MC_NUM, SEED, RATE)},
    "keep_seed": ("seed_kept", _yes),
}

_OTHERS = ("star", "file", "weights", "noise_model", *QUEUED, "resume")
"""What a link says besides; the last only to come back after a broken connection."""
