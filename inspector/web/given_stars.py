"""The stars that a caller of the library hands over, as entries of the list of opened stars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from inspector.exceptions import FileError, InspectorError
from inspector.science.star import Star
from inspector.service.library import StarEntry, find_files, free_key, make_entries, typed_path
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import Source

One = Star | str | Path
Given = One | Iterable[One]


def given_entries(given: Given) -> list[StarEntry]:
    """An entry for each star, each file, and each file of a folder.

    Raises
    ------
    FileError
        If a path is missing, or a folder has no FITS file.
    InspectorError
        If there is nothing, or something that is neither.
    """
    entries: list[StarEntry] = []
    for one in [given] if isinstance(given, Star | str | Path) else given:
        entries += _entries(one, [entry.key for entry in entries])
    if not entries:
        raise InspectorError("No star was given. Give a star that read_star returned, a path, or several of them.")
    return entries


def _entries(one: object, taken: Sequence[str]) -> list[StarEntry]:
    if isinstance(one, Star):
        return [StarEntry(free_key(one.id, taken), one.id, None, OpenedStar(one))]
    if isinstance(one, str | Path):
        return make_entries(find_files([typed_path(str(one))]), taken)
    raise InspectorError(
        f"A {type(one).__name__} was given for a star. Give a star that read_star returned, a path, or several of them."
    )


def first_opened(entries: Sequence[StarEntry]) -> tuple[list[StarEntry], StarEntry]:
    """The entries, with what could not be read marked, and the first that could, read.

    Raises
    ------
    FileError
        If none of them can be read: why the first one cannot.
    """
    marked = list(entries)
    for place, entry in enumerate(entries):
        try:
            marked[place] = _opened(entry)
        except FileError as error:
            marked[place] = replace(entry, error=str(error))
        else:
            return marked, marked[place]
    raise FileError(marked[0].error)


def _opened(entry: StarEntry) -> StarEntry:
    return entry if entry.opened else replace(entry, opened=OpenedStar(Source(entry.name, entry.path).read()))
