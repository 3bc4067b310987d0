"""The opened files: a browser names a key of this shelf, and nothing else on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from inspector.app.cache import Cache
from inspector.app.state import StarEntry
from inspector.errors import FileError
from inspector.files.stars import read_star
from inspector.science.spectrum import Star

SUFFIXES = (".fits", ".fit", ".fits.gz", ".fit.gz")
MAX_SPECTRA = 2_000
"""Spectra kept in memory for all sessions together (0.27 MB each)."""


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Files to open: those named, and every FITS file in the folders named.

    Parameters
    ----------
    paths : iterable of str or Path

    Returns
    -------
    list of Path
        Resolved, in the order given; a folder's sorted by name. A link that leads out of its folder is left out.

    Raises
    ------
    FileError
        If a path is missing, or a folder has no FITS file.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        found += _in_folder(path) if path.is_dir() else [_existing(path)]
    return list(dict.fromkeys(found))


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise FileError(f"There is no file or folder {path}. Check the spelling, and the folder you are in.")
    return path.resolve()


def _in_folder(folder: Path) -> list[Path]:
    root = folder.resolve()
    files = sorted(p.resolve() for p in root.rglob("*") if p.name.lower().endswith(SUFFIXES) and p.is_file())
    inside = [path for path in files if path.is_relative_to(root)]
    if not inside:
        raise FileError(f"The folder {folder} holds no FITS file ({', '.join(SUFFIXES)}). Name another.")
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
