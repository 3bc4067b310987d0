"""What a link asks for, put on screen as far as it can be; what cannot is said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from inspector.exceptions import InspectorError
from inspector.service.left_sessions import LeftSessions
from inspector.service.library import StarEntry, called
from inspector.service.opened_star import OpenedStar
from inspector.service.uploads import Uploads
from inspector.web.link import Choices, listed
from inspector.web.state import InspectorState

LOST = (
    "The page was reloaded from its link: the server no longer has the files that were open in it."
    " Drop your own files here again."
)

Apply = Callable[[Callable[[], None]], Awaitable[None]]
Open = Callable[[StarEntry], Awaitable[OpenedStar]]


class Restoring:
    """Puts on screen what a link asks for.

    Parameters
    ----------
    link : Choices
    state : InspectorState
    open_star : callable
        Reads an entry's star; raises `InspectorError` if it cannot be read.
    apply : callable
        Makes a change of the page.
    """

    def __init__(self, link: Choices, state: InspectorState, open_star: Open, apply: Apply) -> None:
        self._link, self._state, self._open, self._apply = link, state, open_star, apply
        self._problems = list(link.problems)

    async def first_of(self, others: Sequence[StarEntry]) -> None:
        """Show the link's star, or else the first of `others` that can be read; if nothing can, no star changes."""
        for entry in [*await self._linked(), *others]:
            try:
                opened = await self._open(entry)
            except InspectorError as error:
                self._problems.append(str(error))
                continue
            await self._apply(partial(self._show, entry, opened))
            return
        await self._apply(self._show_nothing)

    def _show(self, entry: StarEntry, opened: OpenedStar) -> None:
        self._state.show_star(entry.key, opened.star, opened.normalized)
        self._choose()
        self._tell()

    def _show_nothing(self) -> None:
        if self._state.star is None:
            self._state.param.update(**self._link.of_any_star)
        self._tell()

    def _tell(self) -> None:
        for problem in dict.fromkeys(self._problems):
            self._state.say(problem, "warning")

    async def _linked(self) -> list[StarEntry]:
        """Entries the link may mean: the file of its bytes first, else those of its name."""
        link = self._link
        entries = called(self._state.stars, link.star) if link.star else []
        hashes = [await self._file_hash(entry) if link.file else "" for entry in entries]
        for entry, file_hash in zip(entries, hashes):
            if link.file and file_hash.startswith(link.file):
                return [entry, *entries]
        if link.star and not entries:
            named = f"{link.star!r:.200}"
            self._problems.append(f"The link names {named}, which is not open here: drop its file on the page.")
        elif any(hashes):
            self._problems.append(f"The link was made with another file called {link.star} (SHA-256 {link.file}…).")
        elif len(entries) > 1 and entries[0].key != link.star:
            self._problems.append(f"{len(entries)} files are called {link.star}; {entries[0].key} is shown.")
        return entries

    async def _file_hash(self, entry: StarEntry) -> str:
        """Of an opened file's bytes; empty where it cannot be read."""
        try:
            opened = await self._open(entry)
        except InspectorError:
            return ""
        return opened.star.info.file.sha256

    def _choose(self) -> None:
        state, problems = self._state, self._problems
        values, names = dict(self._link.values), state.spectrum_names
        if "inspected" in values and values["inspected"] not in names:
            problems.append(f"This star has no spectrum {values.pop('inspected')!r:.60}; {state.inspected} is shown.")
        if "shown" in values:
            shown = [name for name in values["shown"] if name in names]
            if unknown := [f"{name!r:.60}" for name in values["shown"] if name not in names]:
                problems.append(f"This star has no spectrum {listed(unknown)} to draw.")
            values["shown"] = shown or [values.get("inspected", state.inspected)]
        state.param.update(**values)


def take_up(link: Choices, left: LeftSessions, state: InspectorState, uploads: Uploads) -> Choices:
    """What the page showed before it was loaded again, where that is known still; else the link as it is.

    Its uploads are on the list of `state` again, as far as there is room for them.
    """
    if not link.resume:
        return link
    found, problems = left.fetch(link.resume), list(link.problems)
    if found is None:
        return replace(link, problems=(*problems, LOST))
    stars = []
    for entry in found.stars:
        try:
            if entry.opened is not None:
                uploads.keep(entry.opened, entry.name)
            stars.append(entry)
        except InspectorError as error:
            problems.append(str(error))
    state.stars = stars
    return replace(link, star=found.key, file="", values=found.values, problems=tuple(problems), resumed=found.queue)
