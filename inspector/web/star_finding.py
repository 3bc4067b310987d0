"""A name typed into the search: the row of a table, a file of this machine, or an offer to fetch it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import param
from numpy.typing import NDArray

from inspector.exceptions import FileError
from inspector.files.archive import archive_file
from inspector.science.spectrum_choice import matching_spectrum
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star_names import KNOWN, StarName, read_star_name
from inspector.service.asked_key import asked_key
from inspector.service.library import StarEntry
from inspector.service.services import Services
from inspector.web.page_tasks import PageTasks
from inspector.web.star_opening import StarOpening
from inspector.web.state import InspectorState


@dataclass(frozen=True)
class Offer:
    """What could be fetched, if somebody says so.

    Attributes
    ----------
    key : SpectrumKey
    name : str
        What was typed.
    file, host : str
        Which file, and who would be asked.
    """

    key: SpectrumKey
    name: str
    file: str
    host: str


class Rows(Protocol):
    """The table that is open, as far as a search needs it."""

    def find(self, text: str) -> NDArray[np.intp]:
        """Rows of that star, the nearest or first one first; empty where there is none, or no table."""
        ...

    def open_row(self, row: int) -> None:
        """Put a row's star on screen."""
        ...


class Finding(param.Parameterized):
    """Finds what somebody names; nothing leaves this machine before they agree to what is offered."""

    offer: param.Parameter[Offer | None] = param.Parameter(default=None, doc="What somebody may have fetched.")
    fetching = param.Boolean(default=False, doc="Whether it is being fetched.")
    progress = param.String(default="", doc="How far that has come, in words.")

    def __init__(
        self, state: InspectorState, services: Services, tasks: PageTasks, opening: StarOpening, rows: Rows
    ) -> None:
        super().__init__()
        self._state, self._services, self._tasks, self._opening, self._rows = state, services, tasks, opening, rows
        self._fetch: asyncio.Task[None] | None = None

    async def find(self, text: str) -> None:
        """Show the star somebody named, or offer to fetch it.

        Raises
        ------
        SettingsError
            If no star can be called so.
        FileError
            If it is nowhere: what would have to be known to ask the archive for it.
        """
        name = read_star_name(text)
        rows = await asyncio.to_thread(self._rows.find, text)
        if len(rows):
            await self._tasks.apply(lambda: self._open_row(name, rows))
            return
        key, sources = key_of(text, name), self._services.sources
        try:
            found = await sources.find(key)
        except FileError:
            if not await asyncio.to_thread(sources.can_fetch, key):
                raise
            await self._tasks.apply(lambda: self._offer(name, key))
            return
        await self._show(key, StarEntry(found.path.name, found.path.name, found.path), self._opening.begin())

    def accept(self) -> None:
        """Fetch what is offered."""
        if self.offer is not None and not self.fetching:
            self.param.update(fetching=True, progress="")
            self._fetch = self._tasks.start(self._fetched(self.offer, self._opening.begin()))

    def decline(self) -> None:
        """Fetch nothing, or not any further; what has come is kept for the next time."""
        if self._fetch is not None:
            self._fetch.cancel()
        self._fetch = None
        self.param.update(offer=None, fetching=False, progress="")

    async def _fetched(self, offer: Offer, chosen: int) -> None:
        try:
            found = await self._services.sources.find(offer.key, self._tell, asked=True)
            entry = StarEntry(found.path.name, found.path.name, found.path)
            await self._show(offer.key, entry, chosen)
        finally:
            if self.offer is offer:
                await self._tasks.apply(lambda: self.param.update(offer=None, fetching=False, progress=""))

    def _tell(self, what: str, done: int, total: int) -> None:
        words = f"{what} … {100 * done // total}%" if total else f"{what} …"
        if words != self.progress:
            self._tasks.start(self._tasks.apply(lambda: self.param.update(progress=words) if self.fetching else None))

    async def _show(self, key: SpectrumKey, entry: StarEntry, chosen: int) -> None:
        await self._opening.show_row(entry, chosen, lambda star: matching_spectrum(star, key))

    def _open_row(self, name: StarName, rows: NDArray[np.intp]) -> None:
        self._rows.open_row(int(rows[0]))
        if len(rows) > 1:
            self._state.say(f"The table has {len(rows)} rows of {name.text}; the first is shown.", about="found")

    def _offer(self, name: StarName, key: SpectrumKey) -> None:
        file = archive_file(key)
        self.offer = Offer(key, name.text, file.name, self._services.sources.host(file))


def key_of(text: str, name: StarName) -> SpectrumKey:
    """What a name by itself says of a spectrum.

    Raises
    ------
    FileError
        If it is no id, and no position.
    """
    if name.kind == "gaia":
        return SpectrumKey(gaia_id=name.text)
    if name.kind == "position":
        return SpectrumKey(ra=name.ra, dec=name.dec)
    if name.kind == "other":
        raise FileError(f"No opened star or row is called {name.text[:60]!r}. {KNOWN}")
    return asked_key(text)
