"""The opened files: a browser names a key of this shelf, and nothing else on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from inspector.app.cache import Cache
from inspector.app.state import StarEntry
from inspector.errors import FileError
from inspector.files import inputs
from inspector.files.stars import read_star
from inspector.science.spectrum import Star

MAX_SPECTRA = 2_000
"""Spectra kept in memory for all sessions together (0.27 MB each)."""


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Files to open: those that `inspector.files.inputs.find_files` finds, resolved.

    Parameters
    ----------
    paths : iterable of str or Path
        Files, folders, and lists of files.

    Returns
    -------
    list of Path
        Each once. A link that leads out of its folder is left out.

    Raises
    ------
    FileError
        If a path is missing, or a folder has no FITS file.
    """
    return list(dict.fromkeys(file for path in map(Path, paths) for file in _of(path)))


def _of(path: Path) -> list[Path]:
    files = [file.resolve() for file in inputs.find_files([path])]
    inside = [file for file in files if file.is_relative_to(path.resolve())] if path.is_dir() else files
    if not inside:
        raise FileError(f"The folder '{path}' holds only links that lead out of it. Name the folder they lead to.")
    return inside


def make_entries(paths: Sequence[Path], taken: Iterable[str] = ()) -> list[StarEntry]:
    """List entries for files, each under a key that is its name, numbered where two share one."""
    keys = set(taken)
    entries = []
    for path in paths:
        key = free_key(path.name, keys)
        keys.add(key)
        entries.append(StarEntry(key, path.name, path))
    return entries


def free_key(name: str, taken: Iterable[str]) -> str:
    """The name, or the first of ``name (2)``, ``name (3)`` … not taken."""
    keys, key, number = set(taken), name, 2
    while key in keys:
        key, number = f"{name} ({number})", number + 1
    return key


class Shelf:
    """What the server was started with, read when first looked at.

    Parameters
    ----------
    paths : sequence of Path
        As `find_files` gives them.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.entries = make_entries(paths)
        self._stars: Cache[Star] = Cache(MAX_SPECTRA, lambda star: len(star.spectra))

    def read(self, entry: StarEntry) -> StarEntry:
        """The entry with its star, from memory if the file is as it was.

        Raises
        ------
        FileError
            If the file cannot be read.
        """
        if entry.star is not None or entry.path is None:
            return entry
        try:
            stat = entry.path.stat()
        except OSError as error:
            raise FileError(f"{entry.name} cannot be read any more ({error.strerror}).") from error
        mark = (entry.path, stat.st_mtime_ns, stat.st_size)
        star = self._stars.get(mark)
        if star is None:
            star = read_star(entry.path)
            self._stars.put(mark, star)
        return replace(entry, star=star, error="")
