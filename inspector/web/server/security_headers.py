"""What every answer tells a browser: load nothing from another host, stay out of others' frames, guess no types."""

from __future__ import annotations

import re
import secrets
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

from inspector.web.server.request_log import REQUEST_ID

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_SCRIPT = re.compile(rb"<script(?=[\s>])")


def content_security_policy(host: str, nonce: str = "", form: bool = False) -> str:
    """What a page may do.

    Parameters
    ----------
    host : str
        The request's Host, already found to be served: its websockets are named, since older browsers do not count
        them under 'self'.
    nonce : str
        On the page's own inline scripts; without one no inline script runs, and no handler in markup ever does.
    form : bool
        Whether the page has a form for this server.
    """
    inline = f" 'nonce-{nonce}'" if nonce else ""
    rules = {
        "default-src": "'none'",
        # Panel hands each component to the browser as a blob to import; Bokeh and Panel compile templates and
        # callbacks from text (new Function), for which the browser has no narrower word than unsafe-eval
        "script-src": f"'self' blob: 'unsafe-eval'{inline}",
        # Bokeh, Material UI and our own views set styles from scripts and in attributes
        "style-src": "'self' 'unsafe-inline'",
        # the model card's figures and Bokeh's icons are data; exported pictures are blobs
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' blob: ws://{host} wss://{host}",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'" if form else "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def security_headers(host: str, nonce: str = "", form: bool = False) -> dict[str, str]:
    """The headers of one answer; a browser says where a form comes from only if its page lets it."""
    named = {"Referrer-Policy": "same-origin"} if form else {}
    return {**ALWAYS, **named, "Content-Security-Policy": content_security_policy(host, nonce, form)}


class Policy(OutputTransform):
    """Puts the headers on whatever a handler answers, its errors included, and the nonce on a page's scripts.

    Parameters
    ----------
    request : HTTPServerRequest
    login : str, optional
        Path of the page with the only form.
    """

    def __init__(self, request: HTTPServerRequest, login: str | None = None) -> None:
        super().__init__(request)
        self._host, self._form = request.host.lower(), request.path == login
        self._name = request.headers.get(REQUEST_ID)

    def transform_first_chunk(self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool) -> Any:
        """Status, headers and first bytes of an answer, with the policy."""
        nonce = ""
        if finishing and status_code == 200 and headers.get("Content-Type", "").startswith("text/html"):
            nonce = secrets.token_urlsafe(16)
            chunk = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), chunk)
            headers["Content-Length"] = str(len(chunk))
        headers.pop("Server", None)  # says which version to attack
        for name, value in security_headers(self._host, nonce, self._form).items():
            headers[name] = value
        if self._name:
            headers[REQUEST_ID] = self._name
        return status_code, headers, chunk
