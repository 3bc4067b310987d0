"""Logging in: Panel's own providers, on pages that fit this server's policy and ask no other host."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from pathlib import Path
from typing import Any

import panel as pn
from panel.auth import BasicAuthProvider, OAuthProvider
from tornado.web import RequestHandler, decode_signed_value

from inspector.exceptions import InspectorError
from inspector.service.verdicts.event import reviewer_name
from inspector.web.server.login_options import LoginOptions, read_users
from inspector.web.server.login_pages import ASK, FAILED, OUT

log = logging.getLogger(__name__)

LOGIN, LOGOUT = "/login", "/logout"

COOKIE = "user"
"""Panel's name of the signed cookie that says who one is."""

DAYS = 1
"""How long a login lasts: Panel's own default."""

_ONWARD = re.compile(r"/(?![/\\\\])[!-~]*")

WRONG_PAUSE = 1.0
"""Seconds until a wrong password is said to be one: guessing is to take long."""


def server_options(options: LoginOptions) -> dict[str, Any]:
    """What `panel.io.server.get_server` has to be told."""
    if options.users is None:
        for name, value in options.oauth.items():
            setattr(pn.config, name, value)
    return {
        "auth_provider": _Users(options.users) if options.users is not None else _Elsewhere(),
        "cookie_secret": options.cookie_secret,
        "include_cookies": [COOKIE],  # the page holds them in its text, where another site's tokens do not belong
        "xsrf_cookies": True,
    }


def is_onward(address: str) -> bool:
    """Whether one may be led there after a login: a path of this server, as every browser reads it."""
    return _ONWARD.fullmatch(address) is not None


def user_of_session(options: LoginOptions) -> str:
    """Who opened the session that is being made; empty where nobody did who may come in.

    The websocket alone can make a session, with whatever its token says, so that each is asked here. Panel's own
    ``state.user`` takes the word of an unsigned cookie for a guest.
    """
    cookie = pn.state.cookies.get(COOKIE)
    said = decode_signed_value(options.cookie_secret, COOKIE, cookie or "", max_age_days=DAYS)
    try:
        name = reviewer_name(said.decode()) if said else ""
    except (InspectorError, UnicodeDecodeError):
        return ""
    return name if not options.allowed or name in options.allowed else ""


class CarefulCookies(RequestHandler):
    """Sets cookies that no script reads, and that no other site sends along save by a link to here."""

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **traits: Any) -> None:
        """As Tornado does, with the traits that say so."""
        encrypted = "https" in (self.request.protocol, self.request.headers.get("X-Forwarded-Proto"))
        super().set_cookie(name, value, *args, **{**traits, "httponly": True, "samesite": "Lax", "secure": encrypted})


class _Users(BasicAuthProvider):
    """Panel's provider with a login page of ours."""

    def __init__(self, users: Path) -> None:
        self._handler = type("UsersLogin", (LoginPage,), {"users": users})
        super().__init__(LOGIN, LOGOUT)
        self._logout_template = OUT

    @property
    def login_handler(self) -> type[RequestHandler]:
        return self._handler


class _Elsewhere(OAuthProvider):
    """Panel's provider, which asks another site."""

    def __init__(self) -> None:
        super().__init__(LOGIN, LOGOUT)
        self._logout_template, self._error_template = OUT, FAILED

    @property
    def login_handler(self) -> type[RequestHandler]:
        theirs = super().login_handler
        return type(theirs.__name__, (CarefulCookies, theirs), {})


class LoginPage(CarefulCookies):
    """Asks for a name and a password, and leads back to where one came from."""

    users: Path

    def get(self) -> None:
        """The page."""
        self._show(self.get_argument("next", ""))

    async def post(self) -> None:
        """Let somebody in, or say that this was wrong."""
        name, word = self.get_body_argument("username", ""), self.get_body_argument("password", "", strip=False)
        onward = self.get_body_argument("next", "")
        try:
            right = matches(read_users(self.users), name, word)
        except InspectorError as error:
            log.error("Nobody can log in: %s", error)  # noqa: TRY400  a sentence for who runs it, no traceback
            self._show(onward, "Nobody can log in just now. The server's log says why.")
            return
        if not right:
            log.warning("A login was refused")
            await asyncio.sleep(WRONG_PAUSE)
            self._show(onward, "This name and password do not belong together.", name)
            return
        self.set_signed_cookie(COOKIE, name, expires_days=DAYS)
        self.redirect(onward if is_onward(onward) else "./")

    def _show(self, onward: str, wrong: str = "", name: str = "") -> None:
        self.set_header("Cache-Control", "no-store")
        self.write(ASK.render(xsrf=self.xsrf_form_html(), onward=onward, wrong=wrong, name=name[:100]))


def matches(users: dict[str, str], name: str, word: str) -> bool:
    """Whether a password is the user's; it takes as long for a name that is not known."""
    known = users.get(name, "")
    return hmac.compare_digest(known.encode(), word.encode()) and name in users
