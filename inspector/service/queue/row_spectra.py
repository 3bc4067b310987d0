"""From a row to its spectrum: which file holds it, where that came from, and which spectrum of it is meant."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from inspector.exceptions import FileError
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star import Star
from inspector.service.library import StarEntry
from inspector.service.queue.table import Table

Progress = Callable[[str, int, int], None]
"""Told what is done, and how much of how much of it."""


@dataclass(frozen=True)
class Located:
    """The file of a row.

    Attributes
    ----------
    entry : StarEntry
    origin : str
        Where it came from, in words: ``folder spectra``; empty where nobody need be told.
    """

    entry: StarEntry
    origin: str = ""


class RowSpectra(Protocol):
    """Where the spectra of a table's rows are."""

    async def locate(self, row: int, progress: Progress | None = None) -> Located:
        """The file of a row; raises `FileError` that says what is missing."""
        ...

    async def prefetch(self, rows: Iterable[int]) -> None:
        """Have ready what is to be fetched for rows that may come next, behind everything somebody waits for."""
        ...

    def spectrum(self, row: int, star: Star) -> str:
        """The name of the spectrum the row speaks of; raises where the star is not the row's."""
        ...


class SpectraOfFiles:
    """Of the opened files: each row is a file, and speaks of its coadd."""

    def __init__(self, entries: Sequence[StarEntry]) -> None:
        self._entries = list(entries)

    async def locate(self, row: int, progress: Progress | None = None) -> Located:
        """The file of a row."""
        return Located(self._entries[row])

    async def prefetch(self, rows: Iterable[int]) -> None:
        """Nothing is to be fetched."""

    def spectrum(self, row: int, star: Star) -> str:
        """The coadd."""
        return star.coadd.name


class Finding(Protocol):
    """What finds files by what a row says of them; see `inspector.service.spectrum_sources`."""

    async def __call__(self, key: SpectrumKey, progress: Progress | None = None) -> tuple[Path, str]:
        """Path and origin of a file; raises `FileError` that says what is missing."""
        ...


class SpectraOfTable:
    """Of a results table.

    Parameters
    ----------
    table : Table
    find : Finding
    choose : callable
        The name of the spectrum that a key means; raises where the star is another.
    prefetch : callable, optional
        Has the files of some keys fetched before they are looked for.
    """

    def __init__(
        self,
        table: Table,
        find: Finding,
        choose: Callable[[Star, SpectrumKey], str],
        prefetch: Callable[[Iterable[SpectrumKey]], Awaitable[None]] | None = None,
    ) -> None:
        self._table, self._find, self._choose, self._prefetch = table, find, choose, prefetch

    async def locate(self, row: int, progress: Progress | None = None) -> Located:
        """The file of a row."""
        if not 0 <= row < self._table.n_rows:
            raise FileError(f"The table has no row {row + 1}; it has {self._table.n_rows} rows.")
        key = await asyncio.to_thread(self._table.key, row)
        path, origin = await self._find(key, progress)
        return Located(StarEntry(path.name, path.name, path), origin)

    async def prefetch(self, rows: Iterable[int]) -> None:
        """Have the files of some rows fetched."""
        if self._prefetch is not None:
            await self._prefetch([self._table.key(row) for row in rows])

    def spectrum(self, row: int, star: Star) -> str:
        """The spectrum the row speaks of."""
        return self._choose(star, self._table.key(row))
