"""A spectrum for each row: where it is found, in what order, and exactly what is missing where it is not."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from inspector.exceptions import FileError
from inspector.files.archive import ArchiveFile, archive_file
from inspector.files.fetch_cache import FetchCache
from inspector.files.file_content import file_sha256
from inspector.files.spectra.file_identity import identify
from inspector.files.spectrum_folder import SpectrumFolders
from inspector.files.untrusted_text import clean
from inspector.science.spectrum_choice import check_star
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.archive_server import ArchiveServer
from inspector.service.download import Patience, Progress
from inspector.service.fetching import Fetcher
from inspector.service.jobs import Job

Value = TypeVar("Value")

_THREADS = 2
_PACKED = ("", ".gz", ".bz2", ".xz", ".fz")


@dataclass(frozen=True)
class Found:
    """A row's file.

    Attributes
    ----------
    path : Path
    origin : str
        Where it came from, in words: ``the row's own path``, ``folder spectra``, ``SAS tree``, ``cache``, ``fetched
        from data.sdss.org``; and in what it differs from what the row says, if in anything.
    """

    path: Path
    origin: str


class SpectrumSources:
    """Where spectra of rows are looked for: the row's own path, folders, a SAS tree, the cache, the public server.

    Whatever is found is about the row's star, or it is not handed out. `inspector.science.spectrum_choice` then tells
    which of its spectra the row means. Belongs to one event loop; files are looked at in threads.

    Parameters
    ----------
    folders : sequence of Path
        Searched by name and content.
    sas : Path, optional
        Root of a local copy of the Science Archive Server; ``$SAS_BASE_DIR`` if None, and none if that is not set.
    cache : FetchCache, optional
    fetch : bool
        Whether the server is asked for what is nowhere else. Else it is asked only for what a user asked for by its id.
    server : ArchiveServer, optional
        Which hosts may be asked.
    local : bool
        Whether any path a row names may be read: the server's user is its only visitor.
    patience : Patience, optional
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        sas: Path | None = None,
        cache: FetchCache | None = None,
        fetch: bool = False,
        server: ArchiveServer | None = None,
        local: bool = True,
        patience: Patience | None = None,
    ) -> None:
        self.fetch, self._local = fetch, local
        self._folders = SpectrumFolders(folders)
        tree = sas or os.environ.get("SAS_BASE_DIR")
        self.sas = Path(tree).expanduser() if tree else None
        self.cache = cache or FetchCache()
        self._fetcher = Fetcher(self.cache, server, patience)
        self._threads = ThreadPoolExecutor(_THREADS, "inspector-files")

    async def find(
        self, key: SpectrumKey, progress: Progress | None = None, job: Job | None = None, asked: bool = False
    ) -> Found:
        """The file a row's spectrum is in.

        Parameters
        ----------
        key : SpectrumKey
        progress : callable, optional
            Told what is done: how many files were looked at, how many bytes have come.
        job : Job, optional
            As `job` gives them: in whose name a file is fetched.
        asked : bool
            Whether the user asked for this one by its id: then it may be fetched.

        Raises
        ------
        FileError
            One sentence: what is missing, and what to do.
        """
        stop, notes, told = threading.Event(), list[str](), _told(progress)
        try:
            found = await self._in_thread(lambda: self._here(key, notes, told, stop))
        finally:
            stop.set()
        if found is not None:
            return found
        file = await self._in_thread(lambda: self._in_archive(key, notes))
        if not (self.fetch or asked):
            raise FileError(
                f"{self._nowhere(key, notes)} {self.host(file)} should have it ({file.name}); nothing is fetched unless"
                " you ask: start with --fetch, or type its id into the search."
            )
        path = await self._fetcher.fetch(file, _Check(file, key), progress, job)
        return Found(path, f"fetched from {self.host(file)}")

    async def prefetch(self, keys: Iterable[SpectrumKey]) -> None:
        """Have the files of rows that may come next, if fetching is on; what cannot be had is met again then."""
        for key in keys if self.fetch else ():
            with suppress(FileError):
                await self.find(key, job=self.job(background=True))

    def job(self, background: bool = False) -> Job:
        """A job for `find`: a background one waits for what somebody waits for."""
        return self._fetcher.queue.job(background)

    def can_fetch(self, key: SpectrumKey) -> bool:
        """Whether the row says enough to ask the archive; takes half a second the first time."""
        with suppress(FileError):
            return self._fetcher.server.allows(self._fetcher.server.address(archive_file(key)))
        return False

    def where(self, key: SpectrumKey) -> str:
        """Where a row's spectrum seems to be, for a list of many: looks at names alone, and reads no file.

        Takes half a second the first time; a thread is the place to ask.
        """
        if key.path and self._readable(Path(key.path)) and _is_file(Path(key.path)):
            return "as the row says"
        if folder := self._folders.named(key):
            return f"folder {folder.name}"
        try:
            file = archive_file(key)
        except FileError as error:
            return str(error)
        if self._in_tree(file):
            return "SAS tree"
        if self._fetcher.kept(file):
            return "cache"
        return f"{self.host(file)}" + ("" if self.fetch else ", not fetched")

    def host(self, file: ArchiveFile) -> str:
        """The server that is asked for a file."""
        return self._fetcher.server.host(file)

    def close(self) -> None:
        """Look for nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], Value]) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _here(
        self, key: SpectrumKey, notes: list[str], told: Callable[[int, int], None] | None, stop: threading.Event
    ) -> Found | None:
        """The file, where it is on this machine."""
        if own := self._own_path(key, notes):
            return Found(own, "the row's own path")
        if match := self._folders.find(key, told, stop):
            return Found(match.path, f"folder {match.folder.name}" + (f" ({match.remark})" if match.remark else ""))
        try:
            file = archive_file(key)
        except FileError:
            return None  # `_in_archive` says why
        for path, origin in ((self._in_tree(file), "SAS tree"), (self._fetcher.kept(file), "cache")):
            if path is not None and _holds(path, key, notes):
                return Found(path, origin)
        return None

    def _own_path(self, key: SpectrumKey, notes: list[str]) -> Path | None:
        """The file under the path the row names, if it is still the one."""
        path = Path(key.path or "")
        if not key.path or not self._readable(path) or not _is_file(path):
            return None
        if key.file_sha256 and file_sha256(path) != key.file_sha256:
            notes.append(f"{clean(path.name, 80)} has changed since the row was made.")
            return None
        return path if _holds(path, key, notes) else None

    def _readable(self, path: Path) -> bool:
        """Whether a path that stands in a table may be read."""
        if self._local:
            return True
        roots = [*self._folders.folders, *([self.sas] if self.sas else [])]
        with suppress(OSError, ValueError):
            return any(path.resolve().is_relative_to(root.resolve()) for root in roots)
        return False

    def _in_tree(self, file: ArchiveFile) -> Path | None:
        """The file in the local copy of the archive, packed or not."""
        if self.sas is None:
            return None
        places = (self.sas / (file.location + ending) for ending in _PACKED)
        return next((place for place in places if _is_file(place)), None)

    def _in_archive(self, key: SpectrumKey, notes: list[str]) -> ArchiveFile:
        try:
            return archive_file(key)
        except FileError as error:
            raise FileError(f"{self._nowhere(key, notes)} {error}") from error

    def _nowhere(self, key: SpectrumKey, notes: list[str]) -> str:
        """That the file is not on this machine, as a sentence."""
        looked = ["its own path"] if key.path else []
        looked += [f"{_count(len(self._folders.folders), 'folder')} given"] if self._folders.folders else []
        looked += ["the SAS tree"] if self.sas else []
        *most, last = [*looked, "the cache"]
        places = f"{', '.join(most)} or {last}" if most else last
        return " ".join([*notes, f"There is no file of {clean(key.star, 60) or 'this row'} in {places}."])


@dataclass(frozen=True)
class _Check:
    """That a file is whole, of its product, and of the row's star."""

    file: ArchiveFile
    key: SpectrumKey

    def __call__(self, path: Path) -> None:
        found = identify(path, self.file.name, whole=True).star
        if found.product != self.file.product:
            raise FileError(
                f"{self.file.name} was not kept: an {found.product} came where an {self.file.product} was expected."
            )
        check_star(found, self.key)


def _holds(path: Path, key: SpectrumKey, notes: list[str]) -> bool:
    """Whether a file is about the row's star; what it is instead is noted."""
    try:
        check_star(identify(path).star, key)
    except FileError as error:
        notes.append(str(error))
        return False
    return True


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, a NUL, a folder that may not be entered
        return False


def _told(progress: Progress | None) -> Callable[[int, int], None] | None:
    """`progress`, told from a thread how many files were looked at."""
    if progress is None:
        return None
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        loop.call_soon_threadsafe(progress, "Looking through the folders", done, total)

    return tell


def _count(number: int, noun: str) -> str:
    return f"the {noun}" if number == 1 else f"the {number} {noun}s"
