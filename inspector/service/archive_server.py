"""Which servers may be asked for files, and who one is to them."""

from __future__ import annotations

import netrc
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inspector.exceptions import SettingsError
from inspector.files.untrusted_text import clean

if TYPE_CHECKING:
    from inspector.files.archive import ArchiveFile

HOSTS = ("data.sdss.org",)
"""Servers that are asked, unless others are allowed."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ArchiveServer:
    """Where the archive is asked.

    Attributes
    ----------
    hosts : tuple of str
        Servers that may be asked, by https; nobody else is contacted, whatever an address or a redirect says.
    archive : str
        Root of a mirror of the SAS that is asked in place of the survey's own server (``https://HOST/sas``); http is
        for this machine alone. Empty for the survey's.
    """

    hosts: tuple[str, ...] = HOSTS
    archive: str = ""

    def __post_init__(self) -> None:
        if self.archive and not self.allows(self.archive):
            raise SettingsError(
                f"'{clean(self.archive)}' cannot be asked: give an address such as https://data.sdss.org/sas, of an"
                f" allowed host ({', '.join(self.hosts)}); http is for localhost alone."
            )

    def allows(self, url: str) -> bool:
        """Whether an address may be asked."""
        try:
            parts, own = urlsplit(url), urlsplit(self.archive)
            host, port = parts.hostname or "", parts.port
        except ValueError:  # a port that is no number
            return False
        if parts.username is not None or parts.password is not None:
            return False
        if parts.scheme == "http":  # for tests and tunnels, and only where the user named it
            return host in _THIS_MACHINE and (host, port) == (own.hostname, own.port)
        return parts.scheme == "https" and host in self.hosts and port in (None, 443)

    def address(self, file: ArchiveFile) -> str:
        """Where a file of the archive is asked for."""
        return f"{self.archive.rstrip('/')}/{file.location}" if self.archive else file.url

    def host(self, file: ArchiveFile) -> str:
        """The server a file is asked of, as a person would name it."""
        return urlsplit(self.address(file)).netloc


def password_for(url: str) -> tuple[str, str] | None:
    """Who one is to a server: its own entry of ``~/.netrc``, and no other's."""
    host = urlsplit(url).hostname or ""
    try:
        entry = netrc.netrc().hosts.get(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return (entry[0], entry[2] or "") if entry is not None else None
