"""Files fetched from the archive, kept on disk up to a size; shared by all processes of this user.

A file arrives aside, under ``….part``, and takes its name once it is whole and on the disk. What was used longest ago
goes first; each use sets the file's access time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from inspector.exceptions import FileError, SettingsError

VARIABLE = "INSPECTOR_CACHE"
"""Environment variable that names another folder."""

LIMIT = 5 * 10**9
"""Bytes kept, if nothing else is said."""

_SAID = ".limit"
"""Holds the limit somebody set."""

_PART, _TAG = ".part", ".part.tag"
_HARMLESS = re.compile(r"[A-Za-z0-9_+.\-]{1,120}")


@dataclass(frozen=True)
class Kept:
    """A file of the cache.

    Attributes
    ----------
    path : Path
    size : int
        Bytes.
    used : int
        Time of its last use, ns.
    """

    path: Path
    size: int
    used: int


def default_folder() -> Path:
    """Where the cache lies: `VARIABLE`, or the place the system has for such."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("apogee-inspector")


class FetchCache:
    """A folder of fetched files; it is made when the first one comes.

    Parameters
    ----------
    folder : Path, optional
        `default_folder` if None.
    limit : int, optional
        Bytes kept; the limit set by `set_limit`, or `LIMIT`, if None. A single file larger than that is kept alone.
    """

    def __init__(self, folder: Path | None = None, limit: int | None = None) -> None:
        if limit is not None and limit < 0:
            raise SettingsError(f"The cache's limit is {limit} bytes; give 0 or more.")
        self.folder = (folder or default_folder()).expanduser().absolute()
        self._limit = limit

    @property
    def limit(self) -> int:
        """Bytes kept."""
        if self._limit is not None:
            return self._limit
        try:
            return int((self.folder / _SAID).read_text("ascii"))
        except (OSError, ValueError):
            return LIMIT

    def set_limit(self, limit: int) -> None:
        """Have this process and all later ones keep so many bytes."""
        FetchCache(self.folder, limit)  # refuses a negative one
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            aside = self.folder / f"{_SAID}.{os.getpid()}"
            aside.write_text(str(limit), "ascii")
            aside.replace(self.folder / _SAID)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def place(self, host: str, location: str) -> Path:
        """Where a file of the archive is kept, whether or not it is there.

        Parameters
        ----------
        host : str
            Of the server, with its port.
        location : str
            Below the root of the SAS.
        """
        parts = [re.sub(r"[^A-Za-z0-9.\-]", "_", host), *location.split("/")]
        if not all(_HARMLESS.fullmatch(part) and part.strip(".") for part in parts):
            raise FileError(f"'{location[:80]}' is not a place in the archive.")
        return self.folder.joinpath(*parts)

    def get(self, host: str, location: str) -> Path | None:
        """A file that is there, from now on the one used last; None where there is none."""
        path = self.place(host, location)
        try:
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except FileNotFoundError:
            return None
        except OSError:  # somebody else's cache: it may be read and not marked
            return path if path.is_file() else None
        return path

    @contextlib.contextmanager
    def arriving(self, path: Path) -> Iterator[Arrival]:
        """A place for the bytes of a file on its way; it is this process's alone.

        Where another process fetches the same file the place is a second one, and whoever is whole last wins.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            arrival = _claimed(path, self.folder)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        try:
            yield arrival
        finally:
            arrival.stream.close()

    def files(self) -> list[Kept]:
        """What is there, what arrives included; the one used longest ago first."""
        found = []
        for place, _, names in os.walk(self.folder):
            for path in (Path(place, name) for name in names if not name.startswith(_SAID)):
                with contextlib.suppress(OSError):
                    stat = path.stat()
                    found.append(Kept(path, stat.st_size, max(stat.st_atime_ns, stat.st_mtime_ns)))
        return sorted(found, key=lambda kept: (kept.used, str(kept.path)))

    def size(self) -> int:
        """Bytes in all."""
        return sum(kept.size for kept in self.files())

    def shrink(self, but: Path | None = None) -> int:
        """Remove what was used longest ago until the limit holds; the number of files removed.

        Parameters
        ----------
        but : Path, optional
            A file that stays.
        """
        files, removed = self.files(), 0
        size = sum(kept.size for kept in files)
        for kept in files:
            if size <= self.limit:
                break
            if kept.path != but and _remove(kept.path):
                size, removed = size - kept.size, removed + 1
        self._tidy()
        return removed

    def empty(self) -> int:
        """Remove every file that no process is fetching now; the number of files removed."""
        removed = sum(_remove(kept.path) for kept in self.files())
        self._tidy()
        return removed

    def _tidy(self) -> None:
        """Remove folders with nothing in them."""
        for place, _, _ in os.walk(self.folder, topdown=False):
            with contextlib.suppress(OSError):
                Path(place).rmdir()


class Arrival:
    """Bytes of a file on their way into the cache.

    Attributes
    ----------
    stream : file
        Where they go.
    tag : str
        What the server called this version of the file (its ETag), where a former attempt left bytes.
    """

    def __init__(self, path: Path, root: Path, part: Path, stream: IO[bytes]) -> None:
        self._path, self._root, self._part, self.stream = path, root, part, stream
        self._tag = part.with_name(part.name + ".tag")
        self.tag = self._tag.read_text("ascii", "replace") if self._tag.exists() else ""

    @property
    def part(self) -> Path:
        """Where they lie."""
        return self._part

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self.stream.seek(0, os.SEEK_END)

    def restart(self, tag: str) -> None:
        """Begin anew with a version of the file, which may be continued by its tag."""
        self.stream.seek(0)
        self.stream.truncate()
        self.tag = tag
        if tag:
            self._tag.write_text(tag, "ascii", "replace")
        else:
            self._tag.unlink(missing_ok=True)

    def keep(self) -> Path:
        """Give the whole file its name; it is on the disk when this returns."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self._part.replace(self._path)
        self._tag.unlink(missing_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self._path

    def drop(self) -> None:
        """Forget what has come."""
        self._part.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)
        folder = self._path.parent
        with contextlib.suppress(OSError):  # a folder with something else in it
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent


def _claimed(path: Path, root: Path) -> Arrival:
    """The file's usual place to arrive, or one of this process's own where another process has that."""
    usual = path.with_name(path.name + _PART)
    stream = usual.open("a+b")
    if _lock(stream) and _is_at(stream, usual):
        return Arrival(path, root, usual, stream)
    stream.close()
    own = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}{_PART}")
    stream = own.open("x+b")
    _lock(stream)
    return Arrival(path, root, own, stream)


def _unwritable(folder: Path, error: OSError) -> FileError:
    return FileError(f"The cache '{folder}' cannot be written ({error.strerror}). Name another folder with {VARIABLE}.")


def _lock(stream: IO[bytes]) -> bool:
    """Whether the file is this process's alone from now on, until it is closed."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_at(stream: IO[bytes], path: Path) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except OSError:
        return False


def _remove(path: Path) -> bool:
    """Remove a file unless some process is writing it; whether it is gone."""
    try:
        if path.name.endswith((_PART, _TAG)):
            part = path.with_name(path.name.removesuffix(".tag"))
            if part.exists():
                with part.open("r+b") as stream:
                    if not _lock(stream):
                        return False
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
