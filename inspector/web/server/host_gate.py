"""Checks each request before any page, file or websocket: is it meant for this server?"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http.client import responses
from typing import Any
from urllib.parse import parse_qs, urlsplit

from panel.io.resources import COMPONENT_PATH
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import Application, RedirectHandler

from inspector.web.server.login import LOGIN, LOGOUT, is_onward
from inspector.web.server.request_log import name_request
from inspector.web.server.security_headers import Policy, security_headers
from inspector.web.server.served_names import ServedNames
from inspector.web.server.websocket import bound_websockets

Refusal = tuple[int, str]

_STOPPING = "inspector_stopping"
"""Where an application keeps whether it answers no more."""


@dataclass(frozen=True)
class LoginPaths:
    """Where one logs in and out: what is answered there besides reading.

    Attributes
    ----------
    prefix : str
        Path of the page, without a slash at its end.
    """

    prefix: str

    @property
    def login(self) -> str:
        """Where a form is sent to."""
        return self.prefix + LOGIN

    @property
    def logout(self) -> str:
        """Where a link leads."""
        return self.prefix + LOGOUT

    def refuse(self, method: str, path: str, headers: HTTPHeaders) -> Refusal | None:
        """Status and sentence for a request there that another site made; None for one that is answered."""
        place = urlsplit(path)
        if place.path == f"{self.prefix}/autoload.js":  # Panel fails on a stranger there
            return 403, "A page that asks for a login cannot be put into another one."
        if place.path == self.logout and headers.get("Sec-Fetch-Site") == "cross-site":
            return 403, "Another site may not log you out."
        if place.path == self.login and not all(map(is_onward, parse_qs(place.query).get("next", ()))):
            return 400, "A login leads back to a page of this server."
        if method == "POST" and not _sent_from_here(headers):
            return 403, "Another site may not log you in."
        return None


def _sent_from_here(headers: HTTPHeaders) -> bool:
    """Whether a form was sent by a page of the host that it was sent to."""
    origins = headers.get_list("Origin")
    own = len(origins) == 1 and urlsplit(origins[0]).netloc.lower() == headers.get("Host", "").lower()
    return own and headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def guard(server: Any, names: ServedNames, paths: LoginPaths | None = None) -> None:
    """Have a Bokeh server ask `names` before it answers, and put the page's policy on every answer.

    Parameters
    ----------
    server : bokeh.server.server.Server
        That does not run yet.
    names : ServedNames
    paths : LoginPaths, optional
        None where nobody logs in.
    """
    # Bokeh makes both itself: https://github.com/bokeh/bokeh/issues/6562, https://github.com/bokeh/bokeh/issues/9813
    application, http = server._tornado, server._http  # noqa: SLF001
    if http.request_callback is not application:
        raise RuntimeError("Bokeh hands its requests to another application than this program guards.")
    application.add_transform(partial(Policy, login=paths.login if paths else None))
    bound_websockets(application)
    if paths is not None and paths.prefix:  # from there, Panel would lead to a login page beside it
        application.add_handlers(
            ".*", [(paths.prefix, RedirectHandler, {"url": f"{paths.prefix}/", "permanent": False})]
        )
    http.request_callback = _Gate(application, names, paths)


def refuse_requests(application: Application) -> None:
    """Have every request from now on told that the server stops."""
    application.settings[_STOPPING] = True


def refusal(
    names: ServedNames, method: str, path: str, headers: HTTPHeaders, paths: LoginPaths | None = None
) -> Refusal | None:
    """Status and sentence for a request that is not answered; None for one that is."""
    if reason := names.refuse(headers.get_list("Host")):
        return (421 if headers.get_list("Host") else 400), reason
    form = paths is not None and method == "POST" and urlsplit(path).path == paths.login
    if method not in ("GET", "HEAD") and not form:
        return 405, "This server answers only GET and HEAD."
    if paths is not None and (refused := paths.refuse(method, path, headers)):
        return refused
    if headers.get("Upgrade"):
        if reason := names.refuse_origin(headers.get_list("Origin")):
            return 403, reason
        if headers.get("Sec-WebSocket-Protocol", "").split(",")[0].strip() != "bokeh":
            return 400, "This websocket speaks Bokeh's protocol to the pages of this server."
    elif headers.get("Sec-Fetch-Site") == "cross-site" and headers.get("Sec-Fetch-Mode") not in (None, "navigate"):
        return 403, "A page of another site may not load parts of this one."
    if COMPONENT_PATH in path and path.split(COMPONENT_PATH, 1)[1].split("/", 1)[0] not in sys.modules:
        return 404, "There is no such file."  # Panel would import whatever module the address names
    return None


class _Gate(HTTPServerConnectionDelegate):
    def __init__(self, application: Application, names: ServedNames, paths: LoginPaths | None) -> None:
        self._application = application
        self._judged = partial(refusal, names, paths=paths)

    def _refusal(self, method: str, path: str, headers: HTTPHeaders) -> Refusal | None:
        if self._application.settings.get(_STOPPING):
            return 503, "The server is stopping."
        return self._judged(method, path, headers)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _Request(self._application.start_request(server_conn, request_conn), request_conn, self._refusal)

    def on_close(self, server_conn: object) -> None:
        self._application.on_close(server_conn)


class _Request(HTTPMessageDelegate):
    """Hands a request on, or answers it with a refusal."""

    def __init__(
        self, inner: HTTPMessageDelegate, connection: HTTPConnection, refusal: Callable[..., Refusal | None]
    ) -> None:
        self._inner, self._connection, self._refusal = inner, connection, refusal
        self._refused = False

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine)
        name_request(headers)
        refused = self._refusal(start_line.method, start_line.path, headers)
        if refused is None:
            return self._inner.headers_received(start_line, headers)
        self._refused = True
        self._answer(*refused)
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return None if self._refused else self._inner.data_received(chunk)

    def finish(self) -> None:
        if not self._refused:
            self._inner.finish()

    def on_connection_close(self) -> None:
        if not self._refused:
            self._inner.on_connection_close()

    def _answer(self, status: int, sentence: str) -> None:
        body = f"{sentence}\n".encode("ascii", "backslashreplace")
        headers = HTTPHeaders(
            {
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": str(len(body)),
                "Connection": "close",
                **security_headers("localhost"),
            }
        )
        first = ResponseStartLine("HTTP/1.1", status, responses[status])
        _ = self._connection.write_headers(first, headers, body)  # nobody waits until it is read
        self._connection.finish()
