"""What happened to a verdict, as a value that never changes: given, cleared, undone, settled."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from inspector.exceptions import SettingsError
from inspector.files.untrusted_text import encodable
from inspector.science.labels import LABELS
from inspector.service.verdicts.scheme import Scheme
from inspector.service.verdicts.subject import Subject
from inspector.version import __version__

if TYPE_CHECKING:
    from inspector.pipeline.result import Result

VERDICT, CLEAR, UNDO, SETTLE = "verdict", "clear", "undo", "settle"
KINDS = (VERDICT, CLEAR, UNDO, SETTLE)

SOFTWARE = f"apogee-inspector {__version__}"

LONGEST_NAME = 100
"""Characters of a reviewer's name."""


_ID = re.compile("[!-+\\--~]{1,64}")
_PART = re.compile(r"[^,\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")


def reviewer_name(text: str) -> str:
    """A reviewer's name as it is kept; raises `SettingsError` if it is none."""
    name = " ".join(encodable(text).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingsError(
            f"The reviewer's name is {text[:LONGEST_NAME]!r}; it must be one line of 1 to {LONGEST_NAME} characters."
        )
    return name


def new_id() -> str:
    """The id of a new event, made by whoever sends it: sent twice, it is kept once."""
    return str(uuid4())


@dataclass(frozen=True)
class Event:
    """One thing that happened to a verdict.

    Attributes
    ----------
    kind : str
        ``verdict``: a quality is given. ``clear``: the reviewer's verdict is taken back. ``undo``: the reviewer's last
        verdict or clear is undone, and what was before holds again. ``settle``: a disagreement is decided; with a
        quality of None, that decision is withdrawn.
    subject : Subject
    reviewer : str
        Who did it.
    id : str
        Made by the sender.
    time : datetime
        In UTC, when it was done.
    quality : int or None
        Number of the scheme's quality.
    causes, suggested : tuple of str
        Letters of the causes that were ticked, and of those that the evidence had suggested.
    comment : str
        Of any length and script.
    scheme, scheme_version : str
    provenance : mapping
        What decided the numbers that were seen: `inspector.science.provenance.Provenance.columns`.
    seen : mapping
        The numbers and flags that were seen, as `seen_of` gives them.
    edits : tuple
        What had been changed in the spectrum.
    settles : tuple of str
        Ids of the verdicts that a settlement decides between.
    supersedes : str or None
        Id of the event whose place it takes, as its reviewer saw it.
    software : str
        Which program wrote it.

    Raises
    ------
    SettingsError
        If these do not make an event.
    """

    kind: str
    subject: Subject
    reviewer: str
    id: str = field(default_factory=new_id)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    quality: int | None = None
    causes: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    comment: str = ""
    scheme: str = ""
    scheme_version: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)
    seen: Mapping[str, Any] = field(default_factory=dict, hash=False)
    edits: tuple[Any, ...] = field(default=(), hash=False)
    settles: tuple[str, ...] = ()
    supersedes: str | None = None
    software: str = SOFTWARE

    def __post_init__(self) -> None:
        _check(self)
        values = {
            "reviewer": reviewer_name(self.reviewer),
            "time": self.time.astimezone(UTC),
            **{name: encodable(getattr(self, name)) for name in ("comment", "scheme", "scheme_version", "software")},
            **{name: tuple(map(encodable, getattr(self, name))) for name in ("causes", "suggested", "settles")},
            **{name: plain_json(getattr(self, name)) for name in ("provenance", "seen")},
            "edits": tuple(plain_json(self.edits)),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def order(self) -> tuple[datetime, str]:
        """By which events are sorted, in whatever store they lie."""
        return self.time, self.id

    def superseding(self, earlier: Event | None) -> Event:
        """The same, in the place of an earlier event."""
        return replace(self, supersedes=earlier.id if earlier else None)


def _check(event: Event) -> None:
    if event.kind not in KINDS:
        raise SettingsError(f"An event is a {event.kind!r:.40}; it can be {', '.join(KINDS)}.")
    if not _ID.fullmatch(event.id):
        raise SettingsError(f"An event has the id {event.id!r:.80}; it must be 1 to 64 ASCII characters, no comma.")
    if strange := [text for text in (*event.causes, *event.suggested, *event.settles) if not _PART.fullmatch(text)]:
        raise SettingsError(f"The event {event.id} names {strange[0]!r:.80}; causes are letters, settled events ids.")
    if not isinstance(event.seen, Mapping) or not isinstance(event.provenance, Mapping):
        raise SettingsError(f"The event {event.id} does not say by name what was seen and what decided it.")
    if event.time.tzinfo is None:
        raise SettingsError(f"The event {event.id} has a time without a zone; give it in UTC.")
    whole = isinstance(event.quality, int) and not isinstance(event.quality, bool) and 0 <= event.quality <= 99
    if event.quality is not None and not whole:
        raise SettingsError(f"The event {event.id} has the quality {event.quality!r:.40}; it must be from 0 to 99.")
    if event.kind == VERDICT and event.quality is None:
        raise SettingsError(f"The event {event.id} is a verdict without a quality. Give one of the scheme's.")
    if event.kind == UNDO and not event.supersedes:
        raise SettingsError(f"The event {event.id} undoes nothing. Name the event it supersedes.")


def verdict(subject: Subject, reviewer: str, quality: int, scheme: Scheme, **more: Any) -> Event:
    """A verdict by the scheme, or a clear where the quality is one that clears.

    Parameters
    ----------
    subject : Subject
    reviewer : str
    quality : int
        Number of one of the scheme's qualities.
    scheme : Scheme
    **more
        Further fields of `Event`.

    Raises
    ------
    SettingsError
        If the scheme has no such quality or cause.
    """
    chosen = scheme.quality(quality)
    if chosen is None:
        have = ", ".join(str(one.number) for one in scheme.qualities)
        raise SettingsError(f"The quality is {quality!r:.40}; the scheme {scheme.name} has {have}.")
    if unknown := [letter for letter in more.get("causes", ()) if scheme.cause(letter) is None]:
        have = ", ".join(cause.letter for cause in scheme.causes) or "none"
        raise SettingsError(f"There is no cause {unknown[0]!r:.40} in the scheme {scheme.name}; it has {have}.")
    kind = CLEAR if chosen.clears else VERDICT
    return Event(kind, subject, reviewer, quality=quality, scheme=scheme.name, scheme_version=scheme.version, **more)


def undo(last: Event, reviewer: str) -> Event:
    """Undoes what holds after `last`, the reviewer's newest event on its subject."""
    return Event(UNDO, last.subject, reviewer, supersedes=last.id)


def settlement(verdicts: Sequence[Event], reviewer: str, quality: int | None, scheme: Scheme, **more: Any) -> Event:
    """Decides between verdicts on one subject; with a quality of None, withdraws an earlier decision."""
    return Event(
        SETTLE,
        verdicts[0].subject,
        reviewer,
        quality=quality,
        settles=tuple(event.id for event in verdicts),
        scheme=scheme.name,
        scheme_version=scheme.version,
        **more,
    )


def seen_of(result: Result) -> dict[str, Any]:
    """The numbers and flags of an answer that a verdict keeps: by label a value and an error, then the flags' bits."""
    return {
        "labels": {
            label.name: [float(value), float(error)]
            for label, value, error in zip(LABELS, result.value, result.shown_error)
        },
        "snr": float(result.snr),
        "result_flags": result.flags.result_flags,
        "flags_undecided": result.flags.flags_undecided,
        "reason": result.reason,
        "remark": result.remark,
    }


def plain_json(value: Any) -> Any:
    """A value as JSON gives it back: plain numbers, lists and texts; what is no finite number is None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return encodable(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {encodable(str(name)): plain_json(part) for name, part in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Sequence | set | frozenset):
        return [plain_json(part) for part in value]
    raise SettingsError(f"A verdict cannot keep {type(value).__name__}; give numbers, texts, lists or mappings.")


def event_json(event: Event) -> dict[str, Any]:
    """An event as JSON, field by field."""
    return vars(event) | {
        "subject": event.subject.json,
        "time": event.time.isoformat(timespec="microseconds"),
        **{name: list(getattr(event, name)) for name in _TUPLES},
    }


def event_from_json(said: Mapping[str, Any]) -> Event:
    """The reverse of `event_json`.

    Raises
    ------
    SettingsError
        If it is not an event.
    """
    known = {name: said[name] for name in Event.__dataclass_fields__ if name in said}
    try:
        values = known | {
            "subject": Subject.from_json(known["subject"]),
            "time": datetime.fromisoformat(known["time"]),
            **{name: tuple(known.get(name, ())) for name in _TUPLES},
        }
        return Event(**values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"This is not an event of a verdict ({json.dumps(str(error))[:100]}).") from None


_TUPLES = ("causes", "suggested", "edits", "settles")
