"""The names a server answers to: what a request's Host and Origin may say.

A page of a stranger can give its own name this machine's address (DNS rebinding); the browser then takes our pages for
the stranger's. The name in the Host header gives it away. Tornado and Bokeh compare Host and Origin with each other,
and ask which origins are allowed only where the two differ, so the check is made here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bokeh.server.util import check_allowlist

from inspector.exceptions import SettingsError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  compared with, never a default

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(:[0-9]{1,5})?")
_RULE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w*-]+(?:\.[\w*-]+)*)(:(?:[0-9]{1,5}|\*))?")


@dataclass(frozen=True)
class ServedNames:
    """Which hosts may be asked for, by Bokeh's rules.

    Attributes
    ----------
    allowed : tuple of str
        ``name:port``; an asterisk stands for any port, any label or octet of a name, or, alone, for any host.
    """

    allowed: tuple[str, ...]

    def refuse(self, hosts: Sequence[str]) -> str | None:
        """Why a request with these Host headers is not answered; None if it is."""
        if len(hosts) != 1:
            return f"A request names one host; this one named {len(hosts) or 'none'}."
        if self._served(hosts[0]):
            return None
        return (
            f"This server does not answer to the name {hosts[0][:80]!r}. Open it under the address it printed when it"
            " started, or start it with --allow-websocket-origin and this name."
        )

    def refuse_origin(self, origins: Sequence[str]) -> str | None:
        """Why a websocket asked for from these origins is not opened; None if it is. Programs state no origin."""
        if all(self._served(urlsplit(origin).netloc) for origin in origins) and len(origins) < 2:
            return None
        return (
            f"A page from {', '.join(origins)[:80]!r} may not connect to this server."
            " Start it with --allow-websocket-origin and the host that page comes from."
        )

    def _served(self, host: str) -> bool:
        match = _HOST.fullmatch(host.lower())
        return match is not None and check_allowlist(match[1] + (match[2] or ""), self.allowed)


def served_names(address: str, port: int, allow: Sequence[str] = ()) -> ServedNames:
    """The names of a server that listens on `address` and `port`.

    Parameters
    ----------
    address : str
        As given to ``--address``; one that means every address is not a name.
    port : int
    allow : sequence of str
        As given to ``--allow-websocket-origin``; without a port the default ports of http and https are meant.

    Raises
    ------
    SettingsError
        If an entry of `allow` is not a host.
    """
    own = [*LOOPBACK, *([] if address in EVERYWHERE else [address])]
    named = [f"{bracketed(name)}:{port}" for name in own]
    return ServedNames(tuple(dict.fromkeys(name.lower() for name in [*named, *(r for a in allow for r in _rules(a))])))


def bracketed(address: str) -> str:
    """An address as a URL writes it: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def _rules(allow: str) -> list[str]:
    match = _RULE.fullmatch(allow)
    if match is None:
        raise SettingsError(
            f"--allow-websocket-origin is {allow[:80]!r}; it must be a host name or address, with :PORT if the page is"
            " not on a default port (for example inspector.example.org or inspector.example.org:5006)."
        )
    return [allow] if match[2] or allow == "*" else [f"{allow}:80", f"{allow}:443"]
