"""Events as rows of a table that colleagues can read, and that is read again as the same events."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from inspector.exceptions import FileError, SettingsError
from inspector.files.tables.typed_table import Layout, read_rows, write_rows
from inspector.science.labels import LABELS
from inspector.science.result_columns import Column
from inspector.service.verdicts.event import Event, event_from_json, event_json
from inspector.service.verdicts.history import Review
from inspector.service.verdicts.scheme import Scheme
from inspector.service.verdicts.subject import Subject

NONE = -1
"""Stands in a column of qualities where there is none."""

NO_VERDICT = "none"
"""Kind of the row of a spectrum that nobody has a verdict on."""

_MAIN = tuple(label for label in LABELS if label.name in ("teff", "logg", "fe_h"))

_TEXTS = {
    "event_id": "Id of the event; the same event has the same id in every table",
    "kind": "verdict, clear (a verdict taken back), undo, settle (a disagreement decided), or none: no verdict yet",
    "time": "When it was given, UTC",
    "reviewer": "Who gave it",
    "quality_name": "The quality in words",
    "causes": "Letters of the causes that were ticked, separated by commas",
    "cause_names": "The causes in words",
    "suggested": "Letters of the causes that the evidence had suggested",
    "comment": "The comment; a line break is written \\n, a backslash \\\\",
    "scheme": "Name of the scheme of verdicts",
    "scheme_version": "Its version",
    "supersedes": "Id of the event whose place it takes",
    "settles": "Ids of the verdicts that a settlement decides between",
    "software": "What wrote it",
    "provenance": "What decided the numbers that were seen, as JSON",
    "seen": "The numbers and flags that were seen, as JSON",
    "edits": "What had been changed in the spectrum, as JSON",
}

_STAR_ID = Column("star_id", str, None, "The best name of the star")
_QUALITY = Column("quality", int, None, f"Number of the quality that was given; {NONE}: none")
_HOLDS = Column(
    "holds", int, None, f"Quality that holds of the spectrum: agreed on by all, or settled; {NONE}: people differ"
)
_SUBJECT = tuple(Column(field.name, str, None, f"Of the spectrum: {field.name}, as text") for field in fields(Subject))
_SEEN = tuple(
    Column(prefix + label.name, float, label.unit, f"{label.description} when the verdict was given{error}")
    for label in _MAIN
    for prefix, error in (("", ""), ("e_", ", its error"))
)
_EVENT = tuple(Column(name, str, None, description) for name, description in _TEXTS.items())

LAYOUT = Layout(
    (
        _STAR_ID,
        _QUALITY,
        *_EVENT[4:9],
        *_EVENT[2:4],
        _HOLDS,
        *_SEEN,
        Column("result_flags", int, None, f"Bits of the flags that were seen; {NONE}: not known"),
        *_SUBJECT,
        *_EVENT[:2],
        *_EVENT[9:],
    ),
    "VERDICTS",
    "a table of verdicts",
    "Write one with 'inspector verdicts export'.",
)


def write_events(events: Iterable[Event], path: Path, scheme: Scheme, reviews: Mapping[str, Review]) -> None:
    """Write events as a table, by the extension of `path`; raises `FileError`.

    Parameters
    ----------
    events : iterable of Event
    path : Path
        ``.csv``, ``.ecsv``, ``.fits``, ``.vot`` or ``.parquet``.
    scheme : Scheme
        For the words; events of another scheme keep its numbers and letters.
    reviews : mapping of str to Review
        What holds of each subject, by its key.
    """
    write_rows((_row(event, scheme, reviews.get(event.subject.key)) for event in events), path, LAYOUT)


def write_current(
    reviews: Mapping[str, Review], path: Path, scheme: Scheme, subjects: Sequence[Subject] | None = None
) -> None:
    """Write the verdicts in force, a row for each spectrum and reviewer, and the settlements.

    Parameters
    ----------
    reviews : mapping of str to Review
        By subject's key.
    path, scheme
        As for `write_events`.
    subjects : sequence of Subject, optional
        Only these, in this order; one without a verdict has a row all the same.
    """
    write_rows(_current_rows(reviews, scheme, subjects), path, LAYOUT)


def read_events(path: Path) -> list[Event]:
    """The events of a table that `write_events` or `write_current` wrote.

    Raises
    ------
    FileError
        If it is not such a table, or a row of it is not an event.
    """
    events = []
    for number, row in enumerate(read_rows(path, LAYOUT), 1):
        if row["kind"] != NO_VERDICT:
            events.append(_event(row, f"Row {number} of '{path.name}'"))
    return events


def _current_rows(
    reviews: Mapping[str, Review], scheme: Scheme, subjects: Sequence[Subject] | None
) -> Iterable[dict[str, Any]]:
    wanted = [review.subject for review in reviews.values()] if subjects is None else subjects
    for subject in wanted:
        review = reviews.get(subject.key)
        if review is None:
            yield _blank(subject)
            continue
        decided = () if review.decision is None else (review.decision,)
        yield from (_row(event, scheme, review) for event in (*review.verdicts, *decided))


def _row(event: Event, scheme: Scheme, review: Review | None) -> dict[str, Any]:
    same = (event.scheme, event.scheme_version) == (scheme.name, scheme.version)
    said = event_json(event)
    values = {name: said.get(name) for name in _TEXTS} | {
        "event_id": event.id,
        "quality_name": scheme.quality_name(event.quality) if same else "",
        "causes": ",".join(event.causes),
        "cause_names": ", ".join(scheme.cause_names(event.causes)) if same else "",
        "suggested": ",".join(event.suggested),
        "settles": ",".join(event.settles),
        "supersedes": event.supersedes or "",
        **{name: json.dumps(said[name], ensure_ascii=False) for name in _JSON},
    }
    return {
        **_blank(event.subject),
        **{name: escaped(str(value)) for name, value in values.items()},
        **_numbers(event.seen),
        "quality": NONE if event.quality is None else event.quality,
        "holds": NONE if review is None or review.quality is None else review.quality,
    }


def _blank(subject: Subject) -> dict[str, Any]:
    """The row of a spectrum without a verdict."""
    return {
        **{column.name: column.blank for column in LAYOUT.columns},
        **{column.name: escaped(getattr(subject, column.name)) for column in _SUBJECT},
        "star_id": escaped(subject.star),
        "kind": NO_VERDICT,
        **dict.fromkeys(("quality", "holds", "result_flags"), NONE),
    }


def _numbers(seen: Mapping[str, Any]) -> dict[str, Any]:
    labels = seen.get("labels")
    labels = labels if isinstance(labels, Mapping) else {}
    numbers: dict[str, Any] = {}
    for label in _MAIN:
        value, error = _pair(labels.get(label.name))
        numbers |= {label.name: value, f"e_{label.name}": error}
    flags = seen.get("result_flags")
    known = isinstance(flags, int) and not isinstance(flags, bool) and 0 <= flags < 2**63
    return numbers | {"result_flags": flags if known else NONE}


def _pair(said: Any) -> tuple[float, float]:
    if not isinstance(said, list) or len(said) != 2:
        return math.nan, math.nan
    value, error = (float(x) if isinstance(x, int | float) else math.nan for x in said)
    return value, error


def _event(row: Mapping[str, Any], where: str) -> Event:
    try:
        texts = {name: unescaped(row[name]) for name in _TEXTS}
        return event_from_json(
            texts
            | {
                "id": texts["event_id"],
                "subject": {column.name: unescaped(row[column.name]) for column in _SUBJECT},
                "quality": None if row["quality"] == NONE else row["quality"],
                "supersedes": texts["supersedes"] or None,
                **{name: _parts(texts[name]) for name in ("causes", "suggested", "settles")},
                **{name: json.loads(texts[name] or empty) for name, empty in _JSON.items()},
            }
        )
    except (SettingsError, ValueError, RecursionError) as error:
        raise FileError(f"{where} is not a verdict: {str(error)[:200]} Correct or remove it.") from None


def _parts(text: str) -> list[str]:
    return text.split(",") if text else []


_JSON = {"provenance": "{}", "seen": "{}", "edits": "[]"}

_ODD = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|^\\s|\\s$")
_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-f]{2})|u([0-9a-f]{4})|([nrt]))")
_NAMED = {"\n": "n", "\r": "r", "\t": "t"}


def escaped(text: str) -> str:
    r"""A text as one line without white space at its ends: a line break becomes ``\n``, a backslash ``\\``."""
    return _ODD.sub(lambda found: _escape(found[0]), text)


def unescaped(text: str) -> str:
    """The reverse of `escaped`."""
    return _ESCAPE.sub(_character, text)


def _escape(character: str) -> str:
    if character in _NAMED:
        return f"\\{_NAMED[character]}"
    if character == "\\":
        return "\\\\"
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def _character(found: re.Match[str]) -> str:
    by_name = {name: character for character, name in _NAMED.items()}
    number = found[1] or found[2]
    return chr(int(number, 16)) if number else by_name.get(found[3] or "", "\\")
