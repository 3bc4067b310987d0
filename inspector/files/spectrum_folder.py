"""Folders of spectra, searched for a row's file: by name first, verified by content, then by content alone.

Only headers are read, each once for as long as its file keeps its size and time.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from inspector.exceptions import FileError
from inspector.files.file_content import file_sha256
from inspector.files.spectra.file_identity import FileIdentity, identify
from inspector.files.spectrum_fit import Fit, fit
from inspector.science.spectrum_choice import names_star, same_star
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star_info import StarInfo

MAX_FILES = 200_000
"""Files looked at in all folders together; a whole SAS tree is given as such, and not searched."""

_HASHED = 8
"""Files of a star hashed to find the very one a row was made from."""

_FITS = re.compile(r"\.(fits?|fts)(\.(gz|bz2|xz|fz|z))?$", re.IGNORECASE)
_TOKENS = re.compile(r"\d{8}[+-]\d{7}|\d{4,19}")
"""What in a file's name may be an id, a plate or an MJD."""

Told = Callable[[int, int], None]
"""Told how many of how many files have been looked at."""


@dataclass(frozen=True)
class InFolder:
    """A row's file.

    Attributes
    ----------
    path : Path
    folder : Path
        That was searched.
    remark : str
        In what it differs from what the row says; empty if in nothing.
    """

    path: Path
    folder: Path
    remark: str = ""


@dataclass
class _File:
    """A file met in a folder."""

    path: Path
    folder: Path
    stamp: tuple[int, int]  # its time and size
    read: bool = False
    identity: FileIdentity | None = field(default=None, repr=False)
    ids: frozenset[str] = frozenset()


class SpectrumFolders:
    """An index of folders that grows as it is asked; for threads, and never for the event loop's.

    Parameters
    ----------
    folders : sequence of Path
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(Path(folder) for folder in folders)
        self._files: dict[Path, _File] = {}
        self._named: dict[str, list[_File]] = {}
        self._walking, self._reading = threading.Lock(), threading.Lock()

    def find(self, key: SpectrumKey, told: Told | None = None, stop: threading.Event | None = None) -> InFolder | None:
        """The file that holds a row's spectrum, or None.

        Parameters
        ----------
        key : SpectrumKey
        told : callable, optional
            Told how far the search by content has come.
        stop : Event, optional
            Set when nobody waits any more.
        """
        if not self.folders:
            return None
        if self._files and (found := self._best(key, self._by_name(key))):
            return found
        self._walk()
        if found := self._best(key, self._by_name(key)):
            return found
        if not names_star(key):
            return None
        self._read_all(told, stop)
        wanted = {word for word in (*_own(key.apogee_id), key.sdss_id, key.gaia_id, key.catalogid) if word}
        files = list(self._files.values())
        if found := self._best(key, [file for file in files if wanted & file.ids]):
            return found
        return self._best(key, files) if key.ra is not None or not wanted else None  # by position

    def named(self, key: SpectrumKey) -> Path | None:
        """The folder with a file whose name speaks of the row, which nobody has looked at yet; None where none has."""
        if self.folders and not self._files:
            self._walk()
        return next((file.folder for file in self._by_name(key)), None)

    def _by_name(self, key: SpectrumKey) -> list[_File]:
        """Files whose name speaks of the row."""
        words = [_bare(key.file or ""), *_TOKENS.findall(key.apogee_id or ""), key.sdss_id or ""]
        words += [] if not (key.plate and key.mjd) else [f"{key.plate}-{key.mjd}"]
        found = [file for word in words if word for file in self._named.get(word, ())]
        return list({file.path: file for file in found}.values())

    def _best(self, key: SpectrumKey, files: Iterable[_File]) -> InFolder | None:
        fits = [(found, file) for file in files if (found := self._fit(key, file))]
        fits.sort(key=lambda pair: (-pair[0].score, pair[1].path.name, str(pair[1].path)))
        if not fits:
            return None
        best, file = fits[0]
        if key.file_sha256:
            same = next((f for _, f in fits[:_HASHED] if file_sha256(f.path) == key.file_sha256), None)
            if same is not None:
                return InFolder(same.path, same.folder)
            if not names_star(key):
                return None
            remark = ", ".join(filter(None, [best.remark, "not the very file the row was made from"]))
            best = replace(best, remark=remark)
        return InFolder(file.path, file.folder, best.remark)

    def _fit(self, key: SpectrumKey, file: _File) -> Fit | None:
        identity = self._identity(file)
        if identity is None:
            return None
        if names_star(key):
            return fit(identity, key) if same_star(identity.star, key) else None
        if _bare(file.path.name) != _bare(key.file or ""):
            return None
        return Fit(1, "" if key.file_sha256 else "by its name alone")

    def _identity(self, file: _File) -> FileIdentity | None:
        """What the file says, read now if need be; None where it is no spectrum."""
        stamp = _stamp(file.path)
        if stamp is None:
            return None
        if not file.read or stamp != file.stamp:
            try:
                file.identity = identify(file.path)
                file.ids = _ids(file.identity.star)
            except FileError:
                file.identity, file.ids = None, frozenset()
            file.stamp, file.read = stamp, True
        return file.identity

    def _read_all(self, told: Told | None, stop: threading.Event | None) -> None:
        with self._reading:
            files = list(self._files.values())
            for done, file in enumerate(files):
                if stop is not None and stop.is_set():
                    return
                if told is not None and done % 50 == 0:
                    told(done, len(files))
                if not file.read or _stamp(file.path) != file.stamp:
                    self._identity(file)

    def _walk(self) -> None:
        """Meet what is new in the folders, and forget what went."""
        with self._walking:
            met = ((path, folder) for folder in self.folders for path in _files_in(folder))
            files, named = dict[Path, _File](), dict[str, list[_File]]()
            for path, folder in islice(met, MAX_FILES):
                if path in files:
                    continue
                files[path] = file = self._files.get(path) or _File(path, folder, (0, 0))
                for word in _words(path.name):
                    named.setdefault(word, []).append(file)
            self._files, self._named = files, named


def _files_in(folder: Path) -> Iterator[Path]:
    """FITS files by name, hidden ones and links to folders left out; a file itself where one was given."""
    if folder.is_file():
        yield folder
        return
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if _FITS.search(name) and not name.startswith("."))


def _ids(star: StarInfo) -> frozenset[str]:
    """What a star's rows may call it."""
    return frozenset(word for word in (*_own(star.id), star.sdss_id, star.gaia_id, star.catalogid) if word)


def _own(name: str | None) -> list[str]:
    """An APOGEE id as it is written, and without its prefix."""
    return [name, *_TOKENS.findall(name)] if name else []


def _words(name: str) -> set[str]:
    """What a file may be looked up by."""
    tokens = _TOKENS.findall(name)
    pairs = re.findall(r"(?=-(\d{3,6}-\d{5})-)", name)
    return {_bare(name), *tokens, *pairs}


def _bare(name: str) -> str:
    """A file's name without its packing."""
    return re.sub(r"\.(gz|bz2|xz|fz|z)$", "", name.replace("\\", "/").rsplit("/", 1)[-1], flags=re.IGNORECASE)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
