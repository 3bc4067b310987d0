"""The opened files: a browser names a key of this library, and nothing else on the disk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector.exceptions import FileError
from inspector.files import input_files
from inspector.science.star import Star
from inspector.service.cache import Cache
from inspector.service.jobs import Job
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import Progress, Readers, ReadHere, Source

MAX_SPECTRA = 1_500
"""Spectra kept in memory for all sessions together (0.4 MB each, normalised)."""

_Mark = tuple[Path, int, int]
"""A file, when it was changed and how large it is."""

MAX_PATH = 4096
"""Characters of a path typed in."""


@dataclass(frozen=True, eq=False)
class StarEntry:
    """One line of the list of opened stars.

    Attributes
    ----------
    key : str
        What a browser may name; says nothing of where the file lies.
    name : str
        As the list shows it: the file's name.
    path : Path or None
        Where the file lies; None for an upload.
    opened : OpenedStar or None
        The star of an upload; None for a file, which the library keeps.
    error : str
        Why it could not be read; empty otherwise.
    """

    key: str
    name: str
    path: Path | None = None
    opened: OpenedStar | None = None
    error: str = ""

    @property
    def star(self) -> Star | None:
        """The star of an upload."""
        return None if self.opened is None else self.opened.star


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Files to open: those that `inspector.files.input_files.find_files` finds, resolved.

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
    files = [file.resolve() for file in input_files.find_files([path])]
    inside = [file for file in files if file.is_relative_to(path.resolve())] if path.is_dir() else files
    if not inside:
        raise FileError(f"The folder '{path}' holds only links that lead out of it. Give the folder they lead to.")
    return inside


def make_entries(paths: Sequence[Path], taken: Iterable[str] = ()) -> list[StarEntry]:
    """List entries for files, each under a key of its own.

    The key is the file's name; where several have one name (the archive keeps a star seen in two fields so), it is the
    name behind as many of its folders as tell them apart: ``000+02/apStar-….fits``. It does not hang on their order.

    Parameters
    ----------
    paths : sequence of Path
    taken : iterable of str
        Keys that others have.
    """
    keys = set(taken)
    named: dict[str, list[Path]] = {}
    for path in paths:
        named.setdefault(path.name, []).append(path)
    known = {key.rsplit("/", 1)[-1] for key in keys}
    entries = []
    for path in paths:
        namesakes = named[path.name]
        depth = 1 if len(namesakes) == 1 and path.name not in known else _telling_depth(namesakes)
        key = free_key("/".join(path.parts[-depth:]), keys)
        keys.add(key)
        entries.append(StarEntry(key, path.name, path))
    return entries


def _telling_depth(paths: Sequence[Path]) -> int:
    """How many last parts of these paths, their folder's name at least, tell them apart."""
    deepest = max(len(path.parts) for path in paths)
    return next((n for n in range(2, deepest) if len({path.parts[-n:] for path in paths}) == len(paths)), deepest)


def called(entries: Sequence[StarEntry], name: str) -> list[StarEntry]:
    """Entries a link may mean by `name`, the likeliest first: of that key, of that path's end, of that file name."""
    file = re.sub(r" \(\d+\)$", "", name.rsplit("/", 1)[-1])  # older links number those of one name
    of_key = [entry for entry in entries if entry.key == name]
    of_path = [entry for entry in entries if entry.path is not None and entry.path.as_posix().endswith(f"/{name}")]
    return list(dict.fromkeys([*of_key, *of_path, *(entry for entry in entries if entry.name == file)]))


def free_key(name: str, taken: Iterable[str]) -> str:
    """The name, or the first of ``name (2)``, ``name (3)`` … not taken."""
    keys, key, number = set(taken), name, 2
    while key in keys:
        key, number = f"{name} ({number})", number + 1
    return key


def typed_path(text: str) -> Path:
    """A path as a person types it."""
    try:
        if len(text) > MAX_PATH or "\0" in text:
            raise ValueError
        return Path(text).expanduser()
    except (ValueError, RuntimeError):  # ~nobody: a user this machine does not have
        shown = repr(text[:60])
        raise FileError(f"{shown} is not a path on this machine. Type one such as ~/spectra/star.fits.") from None


class Library:
    """What the server was started with, read when first looked at.

    Parameters
    ----------
    paths : sequence of Path
        As `find_files` gives them.
    readers : Readers
        That read them.
    show_paths : bool
        Whether who looks at a star may know where its file lies; else its key stands for the path.
    """

    def __init__(self, paths: Sequence[Path], readers: Readers | ReadHere, show_paths: bool = True) -> None:
        self._readers, self._show_paths = readers, show_paths
        self.entries = make_entries(paths)
        self._kept: Cache[OpenedStar] = Cache(MAX_SPECTRA, lambda opened: len(opened.star.spectra))
        self._ahead: dict[_Mark, asyncio.Task[OpenedStar]] = {}  # what is read before anybody asks

    def read_ahead(self) -> None:
        """Begin to read the first file; whoever opens it meanwhile waits for that, and does not read it again.

        Called in the event loop.
        """
        first = self.entries[0] if self.entries else None
        if first is None or first.path is None or not first.path.is_file():
            return
        mark = _mark(first.name, first.path)
        task = asyncio.get_running_loop().create_task(self._read(first, mark, self._readers.queue.job()))
        self._ahead[mark] = task
        task.add_done_callback(lambda _: self._ahead.pop(mark))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # said to whoever opens the file

    async def open(self, entry: StarEntry, job: Job, progress: Progress | None = None) -> OpenedStar:
        """The star of an entry, from memory if its file is as it was.

        Parameters
        ----------
        entry : StarEntry
        job : Job
            Of the readers' queue: in whose name it is read.
        progress : callable, optional
            Told how many of how many spectra have come.

        Raises
        ------
        FileError
            If the file cannot be read.
        """
        if entry.opened is not None or entry.path is None:
            assert entry.opened is not None  # an upload brings its star
            return entry.opened
        mark = _mark(entry.name, entry.path)
        if (ahead := self._ahead.get(mark)) is not None:
            return await asyncio.shield(ahead)
        return self._kept.get(mark) or await self._read(entry, mark, job, progress)

    async def _read(self, entry: StarEntry, mark: _Mark, job: Job, progress: Progress | None = None) -> OpenedStar:
        source = Source(entry.name, entry.path, shown_path=None if self._show_paths else entry.key)
        opened = await self._readers.read(source, job, progress)
        self._kept.put(mark, opened)
        return opened


def _mark(name: str, path: Path) -> _Mark:
    """What tells that a file is no more what it was."""
    try:
        stat = path.stat()
    except OSError as error:
        raise FileError(f"{name} cannot be read ({error.strerror}). Was it moved or deleted?") from error
    return path, stat.st_mtime_ns, stat.st_size
