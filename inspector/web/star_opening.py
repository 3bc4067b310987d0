"""Putting stars on the list and on screen: chosen, stepped to, uploaded, or found at a path."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from inspector.exceptions import FileError, InspectorError
from inspector.science.star import Star
from inspector.science.table_answer import TableAnswer
from inspector.service.library import StarEntry, find_files, free_key, make_entries, typed_path
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import Source
from inspector.service.services import Services
from inspector.service.uploads import Drop, Uploads, folder_sentence
from inspector.web.link import Choices
from inspector.web.link_restoring import Restoring
from inspector.web.page_tasks import PageTasks, Work
from inspector.web.state import InspectorState

MAX_REFUSALS = 20
"""Refused files of one drop that are told one by one; of more, the number."""

LONG = 0.5
"""Seconds of reading after which the page says that it reads."""


class StarOpening:
    """One page's stars.

    Parameters
    ----------
    state : InspectorState
    services : Services
    tasks : PageTasks
    """

    def __init__(self, state: InspectorState, services: Services, tasks: PageTasks) -> None:
        self._state, self._services, self._tasks = state, services, tasks
        self.uploads, self._drop = Uploads(services.uploads), Drop()
        self._chosen = 0  # how often somebody chose a star: a later choice wins over a slow reading
        self._aim = ""  # key of the star that is being read to be shown: further steps start there
        self.take_table: Callable[[str, bytes], Awaitable[bool]] = _no_table  # whether what was dropped is one
        self._job = services.readers.queue.job()  # whoever has had fewer files read goes next

    async def restore(self, link: Choices, others: Sequence[StarEntry] | None = None) -> None:
        """Show what a link asks for, else the first of `others` (all on the list if None) that can be read."""
        self._chosen += 1
        chosen = self._chosen

        async def open_star(entry: StarEntry) -> OpenedStar:
            self._aim = entry.key if chosen == self._chosen else self._aim
            return await self._open(entry)

        async def apply(act: Callable[[], None]) -> None:
            await self._tasks.apply(lambda: act() if chosen == self._chosen else None)

        others = self._state.stars if others is None else others
        await Restoring(link, self._state, open_star, apply).first_of(others)
        self._aim = "" if chosen == self._chosen else self._aim

    async def choose(self, key: str) -> None:
        """Put an opened star on screen; one that cannot be read leaves the one there is."""
        entry = next((e for e in self._state.stars if e.key == key), None)
        if entry is None:
            raise InspectorError(
                f"No opened star is called {key[:80]!r}. Choose one from the list, or drop its file here."
            )
        await self._show_unless_another(entry)

    async def step(self, step: int) -> None:
        """Put the next star on screen that can be read; say which ones could not."""
        self._chosen += 1
        chosen, problems = self._chosen, []
        for entry in self._state.others(step, self._aim):
            if chosen != self._chosen:
                break
            try:
                await self._show(entry, chosen)
                break
            except InspectorError as error:
                problems.append(str(error))
        await self._tasks.apply(lambda: self._warn(problems[:MAX_REFUSALS]))

    def begin(self) -> int:
        """Count a choice of somebody's: none before it is shown any more. Its number, for `show_row`."""
        self._chosen += 1
        return self._chosen

    def is_last(self, chosen: int) -> bool:
        """Whether nobody chose anything since."""
        return chosen == self._chosen

    async def show_row(
        self,
        located: StarEntry,
        chosen: int,
        spectrum: Callable[[Star], str],
        table_answer: TableAnswer | None = None,
    ) -> None:
        """Put the star of a table's row on screen, and inspect the spectrum that is meant.

        Parameters
        ----------
        located : StarEntry
            Its file; put on the list of stars if it is not there.
        chosen : int
            As `begin` gave it: what was chosen since comes first.
        spectrum : callable
            The name of the star's spectrum that is meant; what it raises is raised, and no star is shown.
        table_answer : TableAnswer, optional
            What the row says of the labels.
        """
        entry = await self._listed(located)
        opened = await self._open(entry)
        name = spectrum(opened.star)

        def show() -> None:
            if chosen == self._chosen:
                self._state.show_star(entry.key, opened.star, opened.normalized, name, table_answer)

        await self._tasks.apply(show)

    async def _listed(self, located: StarEntry) -> StarEntry:
        """The entry of a file on the list of opened stars, where it is put if it was not there."""
        alike = (e for e in self._state.stars if e.path == located.path and (e.path or e.key == located.key))
        if (known := next(alike, None)) is not None or located.path is None:
            return known or located
        [entry] = make_entries([located.path], [e.key for e in self._state.stars])
        await self._tasks.apply(lambda: self._list([entry]))
        return entry

    async def open_path(self, text: str) -> None:
        """Open a file or a folder of this machine; only where no other machine can ask."""
        if not self._services.local:
            raise InspectorError(
                "This server does not open paths, because other machines can reach it. Upload the file."
            )
        named = text.strip()
        if not named:
            raise InspectorError("Type the path of a FITS file or of a folder that holds some, then press Enter.")
        known = {e.path: e for e in self._state.stars if e.path is not None}
        found = find_files([typed_path(named)])
        fresh = iter(make_entries([p for p in found if p not in known], [e.key for e in self._state.stars]))
        entries = [known[path] if path in known else next(fresh) for path in found]
        await self._tasks.apply(lambda: self._list(entries))
        await self._show_unless_another(entries[0])
        opened = found[0].name if len(found) == 1 else f"{len(found)} files"
        await self._tasks.apply(lambda: self._state.say(f"Opened {opened}.", "success", "opened"))

    def receive(self, message: dict[str, Any]) -> Work | None:
        """Take a piece of an upload; what is left to do once it is whole."""
        self.begin_drop(str(message.get("drop", "")))
        try:
            whole = self.uploads.receive(message)
        except InspectorError as error:
            self._refuse(str(error), self._drop)
            return None
        return None if whole is None else self._open_upload(*whole, self._drop, self._chosen)

    def tell_folder(self, message: dict[str, Any]) -> None:
        """Say what the browser left out of a folder that was dropped."""
        self.begin_drop(str(message.get("drop", "")))
        if left_out := folder_sentence(message["folder"], self._services.local):
            self._state.say(left_out, "warning", "files")

    def begin_drop(self, which: str) -> None:
        """Forget what was said of the files dropped before."""
        if which != self._drop.which:
            self._drop = Drop(which)
            self._state.settle("files", "more files")

    def close(self) -> None:
        """Let go of the uploads."""
        self.uploads.close()

    async def _open_upload(self, name: str, data: bytes, drop: Drop, chosen: int) -> None:
        """Read a whole file, and tell what came of it."""
        try:
            self.uploads.take(len(data), name)
            try:
                reading = self._services.readers.read(Source(name, data=data), self._job)
                opened = await self._told(name, reading)
            finally:
                self.uploads.give(len(data))
            await self._tasks.apply(lambda: self._add_upload(name, opened, drop, chosen))
        except InspectorError as error:
            why = str(error)
            if not await self.take_table(name, data):
                await self._tasks.apply(lambda: self._refuse(why, drop))

    def _add_upload(self, name: str, opened: OpenedStar, drop: Drop, chosen: int) -> None:
        """Put a star that was read on the list, and on screen unless somebody chose another since."""
        self.uploads.keep(opened, name)
        entry = StarEntry(free_key(name, [e.key for e in self._state.stars]), name, None, opened)
        self._list([entry])
        if chosen == self._chosen:
            self._state.show_star(entry.key, opened.star, opened.normalized)
        drop.opened.append(name)
        self._state.settle("opened")
        self._state.say(drop.sentence, "success", "opened")

    def _list(self, entries: Sequence[StarEntry]) -> None:
        self._state.stars = [*self._state.stars, *(e for e in entries if e not in self._state.stars)]

    async def _show_unless_another(self, entry: StarEntry) -> None:
        self._chosen += 1
        await self._show(entry, self._chosen)

    async def _show(self, entry: StarEntry, chosen: int) -> None:
        """Put an entry's star on screen, unless somebody chose another while it was read."""
        self._aim = entry.key

        def show() -> None:
            if chosen == self._chosen:
                self._state.show_star(entry.key, opened.star, opened.normalized)

        try:
            opened = await self._open(entry)
            await self._tasks.apply(show)  # until then a step must not start at the star before
        finally:
            if chosen == self._chosen:
                self._aim = ""

    async def _open(self, entry: StarEntry) -> OpenedStar:
        """The star of an entry; the list marks one that cannot be read."""
        why = ""
        try:
            return await self._told(entry.name, self._services.library.open(entry, self._job))
        except FileError as error:
            why = str(error)
            raise
        finally:
            if why != entry.error:
                await self._tasks.apply(lambda: self._mark(replace(entry, error=why)))

    def _mark(self, marked: StarEntry) -> None:
        self._state.stars = [marked if e.key == marked.key else e for e in self._state.stars]

    async def _told(self, name: str, reading: Coroutine[Any, Any, OpenedStar]) -> OpenedStar:
        """What is read, with a word on the page while that takes long."""
        task = asyncio.ensure_future(reading)
        try:
            if not (await asyncio.wait({task}, timeout=LONG))[0]:
                await self._tasks.apply(lambda: self._state.say(f"Reading {name} …", about=f"reading {name}"))
            return await task
        finally:
            task.cancel()
            if self._says_reading(name):
                await self._tasks.apply(lambda: self._state.settle(f"reading {name}"))

    def _says_reading(self, name: str) -> bool:
        return any(message.about == f"reading {name}" for message in self._state.messages)

    def _warn(self, problems: Sequence[str]) -> None:
        for problem in problems:
            self._state.say(problem, "warning")

    def _refuse(self, why: str, drop: Drop) -> None:
        """One message per refused file; of very many, their number."""
        drop.refused += 1
        more = drop.refused - MAX_REFUSALS
        if more <= 0:
            self._state.say(why, "error", "files")
            return
        self._state.settle("more files")
        self._state.say(f"{more} more {'file was' if more == 1 else 'files were'} refused.", "error", "more files")


async def _no_table(*_: object) -> bool:
    """Whoever shows no table takes none."""
    return False
