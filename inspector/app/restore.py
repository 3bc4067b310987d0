"""What a link asks for, put on screen as far as it can be; what cannot is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from inspector.app.link import OF_STAR, Choices, listed
from inspector.app.shelf import Shelf, called
from inspector.app.state import InspectorState, StarEntry
from inspector.errors import InspectorError


def restore(
    link: Choices,
    state: InspectorState,
    shelf: Shelf,
    show: Callable[[StarEntry], None],
    others: Sequence[StarEntry] | None = None,
) -> None:
    """Show what a link asks for, or the first star that can be read.

    Parameters
    ----------
    link : Choices
    state : InspectorState
    shelf : Shelf
    show : callable
        Puts an entry's star on screen; raises `InspectorError` if it cannot be read.
    others : sequence of StarEntry, optional
        To try where that star cannot be shown; all on the list if None. If nothing can, the page stays as it is.
    """
    problems = list(link.problems)
    others = state.stars if others is None else others
    for entry in [*_linked(link, state, shelf, problems), *others]:
        try:
            show(entry)
            _apply(link, state, problems)
            break
        except InspectorError as error:
            problems.append(str(error))
    if state.star is None:
        _apply(replace(link, values={k: v for k, v in link.values.items() if k not in OF_STAR}), state, problems)
    for problem in dict.fromkeys(problems):
        state.say(problem, "warning")


def _linked(link: Choices, state: InspectorState, shelf: Shelf, problems: list[str]) -> list[StarEntry]:
    """Entries a link may mean: the file of its bytes first, else those of its name."""
    entries = called(state.stars, link.star) if link.star else []
    hashes = [_file_hash(entry, shelf) if link.file else "" for entry in entries]
    for entry, file_hash in zip(entries, hashes):
        if link.file and file_hash.startswith(link.file):
            return [entry, *entries]
    if link.star and not entries:
        problems.append(f"The link names {link.star!r}, which is not open here: drop its file on the page.")
    elif any(hashes):
        problems.append(f"The link was made with another file called {link.star} (SHA-256 {link.file}…).")
    elif len(entries) > 1 and entries[0].key != link.star:
        problems.append(f"{len(entries)} files are called {link.star}; {entries[0].key} is shown.")
    return entries


def _file_hash(entry: StarEntry, shelf: Shelf) -> str:
    """Of an opened file's bytes; empty where it cannot be read."""
    try:
        star = shelf.read(entry).star
    except InspectorError:
        return ""
    return star.info.file.sha256 if star else ""


def _apply(link: Choices, state: InspectorState, problems: list[str]) -> None:
    values, names = dict(link.values), state.spectrum_names
    if "inspected" in values and values["inspected"] not in names:
        problems.append(f"This star has no spectrum {values.pop('inspected')!r}; {state.inspected} is shown.")
    if "shown" in values:
        shown = [name for name in values["shown"] if name in names]
        if unknown := [repr(name) for name in values["shown"] if name not in names]:
            problems.append(f"This star has no spectrum {listed(unknown)} to draw.")
        values["shown"] = shown or [values.get("inspected", state.inspected)]
    state.param.update(**values)
