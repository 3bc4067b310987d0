"""Verdicts that were given in prospect, DESI's inspector: its CSV layout, and what of it has a place here.

The columns are those of prospect's ``vi_file_fields`` (github.com/desihub/prospect, py/prospect/utilities.py).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from inspector.exceptions import FileError, SettingsError
from inspector.files.file_content import content_of, file_name
from inspector.files.untrusted_text import clean
from inspector.service.verdicts.event import VERDICT, Event
from inspector.service.verdicts.subject import STAR_IDS, Subject

SCHEME, SCHEME_VERSION = "prospect", "1"
"""Qualities keep prospect's meaning: 4 confident, 3 probable, 2 possible, 1 unlikely, 0 no signal."""

NEEDED = ("TARGETID", "VI_quality")
MAX_BYTES = 256 << 20

_SHOWN = ("VI_z", "VI_spectype")


@dataclass(frozen=True)
class ProspectFile:
    """What a file of prospect's holds.

    Attributes
    ----------
    events : tuple of Event
    remarks : tuple of str
        What of the file has no place here, or was left out; sentences.
    """

    events: tuple[Event, ...]
    remarks: tuple[str, ...]


def is_prospect(path: Path) -> bool:
    """Whether a file begins as one of prospect's does."""
    try:
        first = content_of(path, 1 << 16).split(b"\n", 1)[0]
    except FileError:
        return False
    return all(name.encode() in first for name in NEEDED)


def read_prospect(path: Path, star_id: str | None = None, reviewer: str | None = None) -> ProspectFile:
    """Read a CSV file of prospect's.

    Parameters
    ----------
    path : Path
    star_id : str, optional
        Which id TARGETID holds: ``apogee_id``, ``sdss_id``, ``gaia_id`` or ``catalogid``. If None, an id that begins
        with 2M or AP is taken for an APOGEE id and up to 10 digits for an SDSS id; anything else is refused.
    reviewer : str, optional
        Who gave those without a name.

    Raises
    ------
    FileError
        If it is not such a file.
    SettingsError
        If it cannot be told what an id or a reviewer is.
    """
    if star_id is not None and star_id not in STAR_IDS:
        raise SettingsError(f"An id cannot be a {star_id!r:.40}; it can be {', '.join(STAR_IDS)}.")
    given = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    events, left_out = [], 0
    for number, row in enumerate(_rows(path), 2):
        where = f"Line {number} of {file_name(path)}"
        quality = _quality(row, where)
        if quality is None:
            left_out += 1
            continue
        events.append(_event(row, where, quality, given, star_id, reviewer))
    return ProspectFile(tuple(events), tuple(_remarks(events, left_out)))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    content = content_of(path, MAX_BYTES)
    if len(content) > MAX_BYTES:
        raise FileError(f"{file_name(path)} is larger than {MAX_BYTES >> 20} MiB. Import it in parts.")
    try:
        reader = csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True), skipinitialspace=True)
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        rows = [{str(name): value or "" for name, value in row.items() if name is not None} for row in reader]
    except (ValueError, csv.Error) as error:
        raise FileError(f"{file_name(path)} is not a CSV file in UTF-8 ({clean(str(error))}).") from None
    if missing:
        raise FileError(
            f"{file_name(path)} is not a file of prospect's: it lacks the column {missing[0]}. Export it there as CSV."
        )
    yield from rows


def _quality(row: Mapping[str, str], where: str) -> int | None:
    text = row["VI_quality"].strip()
    if text in ("", "-1", "--"):
        return None
    if text not in ("0", "1", "2", "3", "4"):
        raise FileError(f"{where} has the VI_quality {clean(text, 40)!r}; it must be 0 to 4, or empty.")
    return int(text)


def _event(
    row: Mapping[str, str], where: str, quality: int, given: datetime, star_id: str | None, reviewer: str | None
) -> Event:
    name = row.get("VI_scanner", "").strip() or reviewer
    if not name:
        raise SettingsError(f"{where} does not say who gave the verdict. Name the reviewer with --reviewer.")
    target = row["TARGETID"].strip()
    subject = Subject(**{star_id or _kind(target, where): target})
    issues = tuple(dict.fromkeys(letter for letter in row.get("VI_issue", "") if letter.isalnum()))
    content = json.dumps([sorted(row.items()), name, subject.json])
    return Event(
        VERDICT,
        subject,
        name,
        id=str(uuid5(NAMESPACE_URL, content)),  # of the content: imported twice, it is kept once
        time=given,
        quality=quality,
        causes=issues,
        comment=row.get("VI_comment", "").strip(),
        scheme=SCHEME,
        scheme_version=SCHEME_VERSION,
        seen={"prospect": {column: value.strip() for column, value in row.items() if value.strip()}},
        software="prospect",
    )


def _kind(target: str, where: str) -> str:
    if target.startswith(("2M", "AP")):
        return "apogee_id"
    if target.isdecimal() and len(target) <= 10:
        return "sdss_id"
    raise SettingsError(
        f"{where} has the TARGETID {clean(target, 40)!r}, which may be any survey's. Say what it is with --ids"
        f" ({', '.join(STAR_IDS)})."
    )


def _remarks(events: list[Event], left_out: int) -> Iterator[str]:
    if left_out:
        yield f"Rows left out because they have no VI_quality: {left_out}."
    if events:
        yield (
            "Qualities and issues keep prospect's meaning (scheme 'prospect'): its 4 is a confident redshift, not"
            " a good spectrum, and its 0 no signal."
        )
        yield "The file has no times: they are given the day on which the file was last changed."
    said = [event.seen["prospect"] for event in events]
    if shown := [name for name in _SHOWN if any(name in row for row in said)]:
        yield f"{' and '.join(shown)} have no place here; they are kept with what was seen."
