"""One file on its way from the archive: streamed, bounded, resumed where the connection breaks, checked at its end."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.exceptions import FileError
from inspector.files.archive import ArchiveFile
from inspector.files.compression import begins_like_fits
from inspector.files.fetch_cache import Arrival
from inspector.files.file_signatures import foreign
from inspector.files.untrusted_text import clean
from inspector.service.archive_server import ArchiveServer, password_for

if TYPE_CHECKING:
    import httpx

_MAX_REDIRECTS = 5
_UNKNOWN = 20 << 20
"""Bytes that a file of unstated size is taken to have where its time is bounded."""

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it is, and how much there is to do (0: not known). Of a file: bytes."""


@dataclass(frozen=True)
class Patience:
    """How long a server may take.

    Attributes
    ----------
    connect, read : float
        Seconds until it answers, and between two pieces of its answer.
    whole : float
        Seconds a file may take besides those for its bytes.
    slowest : float
        Bytes a second.
    tries : int
        Attempts in all where the connection fails.
    pause : float
        Seconds before the second one; twice as long before each further one.
    """

    connect: float = 10.0
    read: float = 30.0
    whole: float = 60.0
    slowest: float = 10_000.0
    tries: int = 4
    pause: float = 0.5


class _BrokenOff(Exception):
    """The connection failed; another attempt may not."""


class Download:
    """The way of one file to its place in the cache.

    Parameters
    ----------
    file : ArchiveFile
    server : ArchiveServer
    arrival : Arrival
        Where its bytes go.
    patience : Patience
    limit : int
        Bytes it may have.
    tell : callable
        Told how far it is.
    """

    def __init__(
        self,
        file: ArchiveFile,
        server: ArchiveServer,
        arrival: Arrival,
        patience: Patience,
        limit: int,
        tell: Progress,
    ) -> None:
        self._file, self._server, self._arrival = file, server, arrival
        self._patience, self._limit, self._tell = patience, limit, tell
        self._host = server.host(file)
        self.resumable = False
        """Whether it ended such that what has come may be continued."""

    async def run(self) -> None:
        """Have all bytes come; raises `FileError` with one sentence. What may be resumed is left in the arrival."""
        import httpx

        patience, why = self._patience, ""
        times = httpx.Timeout(patience.read, connect=patience.connect)
        async with httpx.AsyncClient(timeout=times, trust_env=not self._server.archive.startswith("http:")) as client:
            for attempt in range(patience.tries):
                if attempt:
                    await asyncio.sleep(patience.pause * 2 ** (attempt - 1))
                try:
                    return await self._attempt(client)
                except _BrokenOff as broken:
                    why = str(broken)
        come = self._arrival.size if self._arrival.tag else 0
        self.resumable = come > 0
        resumed = f" {come:,} bytes have come and are kept: the next attempt goes on from there." if come else ""
        raise FileError(f"{self._file.name} could not be fetched: {why}. Try again later.{resumed}")

    async def _attempt(self, client: httpx.AsyncClient) -> None:
        """Ask once, from where the last attempt ended."""
        import httpx

        try:
            async with asyncio.timeout(self._seconds(_UNKNOWN)) as bound:
                await self._follow(client, bound)
        except TimeoutError:
            raise _BrokenOff(f"{self._host} is too slow") from None
        except httpx.TimeoutException:
            raise _BrokenOff(f"{self._host} does not answer") from None
        except httpx.ConnectError as error:
            if self._arrival.size:
                raise _BrokenOff(f"{self._host} cannot be reached any more") from error
            raise FileError(
                f"{self._file.name} could not be fetched: {self._host} cannot be reached. Without a network, what is"
                " in the folders, the SAS tree or the cache opens all the same."
            ) from error
        except httpx.TransportError as error:
            raise _BrokenOff(f"{self._host} broke the connection off") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FileError(f"{self._file.name} could not be fetched: {clean(str(error))}.") from error

    def _seconds(self, size: int) -> float:
        return self._patience.whole + size / self._patience.slowest

    async def _follow(self, client: httpx.AsyncClient, bound: asyncio.Timeout) -> None:
        """Ask, and ask where the answer points to, as long as that is allowed."""
        url = self._server.address(self._file)
        for _ in range(_MAX_REDIRECTS):
            if not self._server.allows(url):
                raise FileError(
                    f"{self._file.name} was not fetched: it lies at {clean(url, 120)}, which is not an allowed host"
                    f" ({', '.join(self._server.hosts)}). Allow it with --host, if you trust it."
                )
            async with client.stream("GET", url, headers=self._headers(), auth=password_for(url)) as response:
                if response.has_redirect_location:
                    url = str(response.url.join(response.headers["location"]))
                    continue
                return await self._receive(response, bound)
        raise FileError(f"{self._file.name} could not be fetched: {self._host} redirects without end.")

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": "apogee-inspector"}
        if self._arrival.tag and self._arrival.size:
            headers |= {"Range": f"bytes={self._arrival.size}-", "If-Range": self._arrival.tag}
        return headers

    async def _receive(self, response: httpx.Response, bound: asyncio.Timeout) -> None:
        total = self._begin(response)
        if total > self._limit:
            raise self._too_large(total)
        bound.reschedule(asyncio.get_running_loop().time() + self._seconds(total or _UNKNOWN))
        done = self._arrival.size
        what = f"Fetching {self._file.name} from {self._host}"
        self._tell(what, done, total)
        async for chunk in response.aiter_raw():
            if done == 0:
                self._refuse_other(chunk)
            done += len(chunk)
            if done > self._limit:
                raise self._too_large(done)
            self._arrival.stream.write(chunk)
            self._tell(what, done, max(total, done if total else 0))
        if total and done != total:
            raise _BrokenOff(f"{self._host} sent {done:,} of {total:,} bytes")

    def _begin(self, response: httpx.Response) -> int:
        """Prepare for what the server is about to send; bytes the file will have, 0 if it does not say."""
        self._refuse_status(response.status_code)
        length = _whole(response.headers.get("content-length"))
        if response.status_code == 206:
            found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
            same = _tag(response) in ("", self._arrival.tag)
            if not (found and same and int(found[1]) == self._arrival.size):
                self._arrival.restart("")
                raise _BrokenOff(f"{self._host} sent another piece than it was asked for")
            return _whole(found[2]) or self._arrival.size + length
        self._arrival.restart(_tag(response))
        return length

    def _refuse_status(self, status: int) -> None:
        name, host = self._file.name, self._host
        if status in (200, 206):
            return
        if status == 416:  # there is less than has come: another file by now
            self._arrival.restart("")
            raise _BrokenOff(f"{host} has another version of the file by now")
        if status == 429 or status >= 500:
            raise _BrokenOff(f"{host} cannot answer now (status {status})")
        if status in (404, 410):
            raise FileError(
                f"{host} has no {name} at {self._file.location}. Check the ids, and that release, telescope and field"
                " belong together."
            )
        if status in (401, 403):
            raise FileError(
                f"{host} wants a password for {name}. Write it into ~/.netrc, readable by you alone: machine"
                f" {host.split(':')[0]} login NAME password WORD."
            )
        raise FileError(f"{name} could not be fetched: {host} answered with status {status}.")

    def _refuse_other(self, head: bytes) -> None:
        """Refuse what is no FITS file by its first bytes."""
        if len(head) < 512 or begins_like_fits(head):  # of less, the check of the whole tells
            return
        known = foreign(head)
        raise FileError(
            f"{self._host} sent {known[0] if known else 'something else'} in place of the FITS file {self._file.name}."
            " It was not kept."
        )

    def _too_large(self, size: int) -> FileError:
        return FileError(
            f"{self._host} sends {size:,} bytes for {self._file.name}, more than the {self._limit:,} a file of"
            " spectra may have. It was not fetched."
        )


def _tag(response: httpx.Response) -> str:
    """What the server calls this version of the file; empty where it cannot be continued by that."""
    tag = str(response.headers.get("etag", ""))
    if tag and not tag.startswith("W/"):
        return tag[:200]
    return str(response.headers.get("last-modified", ""))[:200]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0


def disk_problem(error: OSError, path: Path) -> FileError:
    """The refusal where the disk cannot take the file."""
    why = error.strerror or os.strerror(error.errno or 0)
    return FileError(f"The cache cannot be written ({why}): {path.parent}. Free some space, or name another folder.")
