"""``inspector.fetch``: a star's file by its id, for scripts and notebooks."""

from __future__ import annotations

import asyncio
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from inspector.exceptions import FileError
from inspector.files.archive import archive_file
from inspector.files.fetch_cache import FetchCache
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.archive_server import ArchiveServer
from inspector.service.asked_key import Asked, asked_key
from inspector.service.download import Progress
from inspector.service.spectrum_sources import Found, SpectrumSources


def fetch(
    name: str | int,
    folder: str | os.PathLike[str] | None = None,
    *,
    release: str | None = None,
    telescope: str | None = None,
    field: str | None = None,
    healpix: str | None = None,
    product: str | None = None,
) -> Path:
    """Fetch a star's file from the public archive, unless it is in the local SAS tree or the cache.

    Parameters
    ----------
    name : str or int
        An sdss_id, which needs nothing else; or an APOGEE id, which needs `telescope` and `field`.
    folder : path-like, optional
        Where a copy is put; without it the file stays in the cache (``inspector cache``).
    release : str, optional
        ``dr19`` for an sdss_id and ``dr17`` for an APOGEE id if None.
    telescope : str, optional
        ``apo25m``, ``lco25m`` or ``apo1m``.
    field : str, optional
        The field's name (``000+02``); in DR14 and before its number, LOCATION_ID.
    healpix : str, optional
        In place of the field, in DR19.
    product : str, optional
        ``mwmStar`` for an sdss_id and ``apStar`` for an APOGEE id if None.

    Returns
    -------
    Path
        Of the file, for `inspector.read_star`.

    Raises
    ------
    FileError
        If something is missing (which is said), the server cannot be reached, or what came is not that star's file.
    SettingsError
        If `name` is not one.
    """
    asked = Asked(release, telescope, field, healpix, product)
    return in_loop_of_its_own(asked_key(str(name), asked), None if folder is None else Path(folder)).path


def in_loop_of_its_own(
    key: SpectrumKey, folder: Path | None = None, server: ArchiveServer | None = None, progress: Progress | None = None
) -> Found:
    """`find_or_fetch`, for a program without an event loop or with one that runs (a notebook)."""

    def work() -> Found:
        return asyncio.run(find_or_fetch(key, folder, server, progress))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1, "inspector-fetch") as thread:
        return thread.submit(work).result()


async def find_or_fetch(
    key: SpectrumKey, folder: Path | None, server: ArchiveServer | None = None, progress: Progress | None = None
) -> Found:
    """A file the user asked for, from the SAS tree, the cache or the server; copied into `folder` unless it is None."""
    file = archive_file(key)
    there = None if folder is None else folder / file.name
    sources = SpectrumSources(
        [there] if there is not None and there.is_file() else [], cache=FetchCache(), server=server
    )
    try:
        found = await sources.find(key, progress, asked=True)
    finally:
        sources.close()
    if there is None:
        return found
    if found.path == there:
        return Found(there, "there already")
    return Found(copied(found.path, there), found.origin)


def copied(path: Path, place: Path) -> Path:
    """A copy under another path, which appears whole or not at all."""
    aside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, aside)
        aside.replace(place)
    except OSError as error:
        raise FileError(f"'{place}' cannot be written ({error.strerror}). Check the folder and its disk.") from error
    finally:
        aside.unlink(missing_ok=True)
    return place
