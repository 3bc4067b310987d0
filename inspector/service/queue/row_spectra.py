"""From a row to its spectrum: which file holds it, where that came from, and which spectrum of it is meant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from inspector.exceptions import FileError
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star import Star
from inspector.service.library import StarEntry
from inspector.service.queue.table import Table


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

    async def locate(self, row: int) -> Located:
        """The file of a row; raises `FileError` that says what is missing."""
        ...

    def spectrum(self, row: int, star: Star) -> str:
        """The name of the spectrum the row speaks of; raises where the star is not the row's."""
        ...


class SpectraOfFiles:
    """Of the opened files: each row is a file, and speaks of its coadd."""

    def __init__(self, entries: Sequence[StarEntry]) -> None:
        self._entries = list(entries)

    async def locate(self, row: int) -> Located:
        """The file of a row."""
        return Located(self._entries[row])

    def spectrum(self, row: int, star: Star) -> str:
        """The coadd."""
        return star.coadd.name


class SpectraOfTable:
    """Of a results table.

    Parameters
    ----------
    table : Table
    find : callable
        Path and origin of the file that a key means; raises `FileError` that says what is missing.
    choose : callable
        The name of the spectrum that a key means; raises where the star is another.
    """

    def __init__(
        self,
        table: Table,
        find: Callable[[SpectrumKey], Awaitable[tuple[Path, str]]],
        choose: Callable[[Star, SpectrumKey], str],
    ) -> None:
        self._table, self._find, self._choose = table, find, choose

    async def locate(self, row: int) -> Located:
        """The file of a row."""
        if not 0 <= row < self._table.n_rows:
            raise FileError(f"The table has no row {row + 1}; it has {self._table.n_rows} rows.")
        path, origin = await self._find(self._table.key(row))
        return Located(StarEntry(path.name, path.name, path), origin)

    def spectrum(self, row: int, star: Star) -> str:
        """The spectrum the row speaks of."""
        return self._choose(star, self._table.key(row))
