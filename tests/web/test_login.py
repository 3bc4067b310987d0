"""Who may come in: users of a file, users another site knows, and nobody else, however they ask."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import panel as pn
import pytest
from conftest import Server, start_server, stop_server
from makers import write_apstar
from oauth_provider import Provider, provider
from panel.auth import AUTH_PROVIDERS
from tornado.web import create_signed_value

from inspector.exceptions import FileError, InspectorError, SettingsError
from inspector.service.verdicts.store import open_store
from inspector.terminal import REFUSED
from inspector.web.server.command import main
from inspector.web.server.login import is_onward, matches, user_of_session
from inspector.web.server.login_options import (
    PROVIDERS,
    LoginOptions,
    add_login_arguments,
    read_login_options,
    read_users,
)

USERS = {"ann": "s3cret & word", "bo": "другой"}
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "bokeh, no-token",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("login")


@pytest.fixture(scope="module")
def users(place: Path) -> Path:
    (place / "users.json").write_text(json.dumps(USERS), encoding="utf-8")
    return place / "users.json"


@pytest.fixture(scope="module")
def guarded(place: Path, users: Path) -> Iterator[Server]:
    """A server of one star, below a path, that knows Ann and Bo."""
    star = write_apstar(place / "star.fits", n_visits=1, OBJID="2M-a")
    more = ["--mc-num", "4", "--prefix", "/apogee", "--verdicts", str(place / "verdicts.sqlite")]
    server = start_server(str(star), "--basic-auth", str(users), *more)
    yield server
    stop_server(server)
    assert not [line for line in server.said if "Traceback" in line], "".join(server.said)


@dataclass
class Answer:
    status: int
    headers: Any
    text: str


@dataclass
class Browser:
    """A program that keeps cookies, and follows nothing by itself."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            said["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(HTTPConnection("localhost", self.port, timeout=60)) as line:
            line.request("GET" if form is None else "POST", path, urlencode(form or {}), said)
            answer = line.getresponse()
            body = b"" if answer.status == 101 else answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers, body.decode())

    def log_in(self, user: str, word: str, onward: str = "", **headers: str) -> Answer:
        page = self.ask("/apogee/login")
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)[1]
        form = {"username": user, "password": word, "next": onward, "_xsrf": token}
        return self.ask("/apogee/login", form, **{"Origin": f"http://localhost:{self.port}", **headers})


def port_of(server: Server) -> int:
    return int(urlsplit(server.url).port)


@pytest.fixture
def browser(guarded: Server) -> Browser:
    return Browser(port_of(guarded))


class TestRequests:
    def test_nothing_is_shown_before(self, browser: Browser) -> None:
        sent = browser.ask("/apogee/?star=star.fits")
        assert (sent.status, sent.headers["Location"]) == (302, "./login?next=%2Fapogee%2F%3Fstar%3Dstar.fits")
        assert browser.ask("/apogee").headers["Location"] == "/apogee/"  # "./login" would lead beside it
        assert browser.ask("/apogee/autoload.js?bokeh-autoload-element=1").status == 403
        assert browser.ask("/apogee/metadata").status == 302
        refused = browser.ask("/apogee/ws", **UPGRADE, Origin=f"http://localhost:{browser.port}")
        assert refused.status == 403

    def test_the_right_password_lets_in_with_careful_cookies(self, browser: Browser) -> None:
        come = browser.log_in("bo", USERS["bo"], onward="/apogee/?mc_num=9", X_Forwarded_Proto="https")
        assert (come.status, come.headers["Location"]) == (302, "/apogee/?mc_num=9")
        cookies = come.headers.get_all("Set-Cookie")
        assert [cookie.partition("=")[0] for cookie in cookies] == ["user"]
        assert all(trait in cookies[0] for trait in ("HttpOnly", "SameSite=Lax", "Secure"))
        assert browser.ask("/apogee/").status == 200
        assert browser.ask("/apogee/ws", **UPGRADE, Origin=f"http://localhost:{browser.port}").status == 101

    @pytest.mark.parametrize(("user", "word"), [("ann", "другой"), ("nobody", ""), ("nobody", "x"), ("ann", "")])
    def test_a_wrong_one_does_not(self, browser: Browser, user: str, word: str) -> None:
        refused = browser.log_in(user, word)
        assert "do not belong together" in refused.text and "user" not in browser.cookies

    def test_a_forged_cookie_does_not(self, browser: Browser) -> None:
        browser.cookies["user"] = create_signed_value("guessed", "user", "ann").decode()
        assert browser.ask("/apogee/").status == 302
        browser.cookies = {"is_guest": "1"}
        assert browser.ask("/apogee/").status == 302

    def test_another_site_s_form_does_not(self, browser: Browser) -> None:
        for foreign in ("http://evil.example", "null", f"http://127.0.0.1:{browser.port}"):
            assert browser.log_in("ann", USERS["ann"], Origin=foreign).status == 403, foreign
        assert browser.log_in("ann", USERS["ann"], Sec_Fetch_Site="cross-site").status == 403
        form = {"username": "ann", "password": USERS["ann"]}
        assert browser.ask("/apogee/login", form).status == 403
        without_token = browser.ask("/apogee/login", form, Origin=f"http://localhost:{browser.port}")
        assert without_token.status == 403 and "user" not in browser.cookies

    @pytest.mark.parametrize("path", ["/apogee/", "/login", "/apogee/logout", "/apogee/ws"])
    def test_nothing_else_is_posted_to(self, browser: Browser, path: str) -> None:
        assert browser.ask(path, {}, Origin=f"http://localhost:{browser.port}").status == 405

    def test_only_the_login_page_may_send_a_form(self, browser: Browser) -> None:
        def policy(path: str) -> tuple[str, str]:
            headers = browser.ask(path).headers
            return re.search("form-action ([^;]+)", headers["Content-Security-Policy"])[1], headers["Referrer-Policy"]

        assert policy("/apogee/login") == ("'self'", "same-origin")
        assert policy("/apogee/logout") == policy("/apogee/") == ("'none'", "no-referrer")

    def test_a_login_leads_to_no_other_site(self, browser: Browser) -> None:
        for onward in ("//evil.example", "///evil.example", "/\\evil.example", "http://evil.example", "/a\nb"):
            assert not is_onward(onward)
            assert browser.ask(f"/apogee/login?next={quote(onward, safe='')}").status == 400, onward
            assert browser.log_in("ann", USERS["ann"], onward=onward).headers["Location"] == "./"

    def test_what_an_address_says_is_text(self, browser: Browser) -> None:
        page = browser.ask(f"/apogee/login?next={quote('/<b>&error=<script>')}")
        assert "<b>" not in page.text and "<script" not in page.text

    def test_another_site_logs_nobody_out(self, browser: Browser) -> None:
        assert browser.ask("/apogee/logout", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 403


class TestSessions:
    """The websocket alone can begin a session, with whatever its token says."""

    @pytest.mark.parametrize(
        ("cookies", "user"),
        [
            ({}, ""),
            ({"is_guest": "1"}, ""),
            ({"user": "ann"}, ""),
            ({"user": create_signed_value("another", "user", "ann").decode()}, ""),
            ({"user": create_signed_value("ours", "user", "ann").decode(), "is_guest": "1"}, "ann"),
            ({"user": create_signed_value("ours", "user", "bo").decode()}, ""),
            ({"user": create_signed_value("ours", "user", " \n").decode()}, ""),
        ],
    )
    def test_only_a_signed_cookie_of_somebody_allowed_names_a_user(
        self, monkeypatch: pytest.MonkeyPatch, cookies: dict[str, str], user: str
    ) -> None:
        monkeypatch.setattr(type(pn.state), "cookies", cookies)
        assert user_of_session(LoginOptions("ours", allowed=frozenset({"ann"}))) == user


def read(*arguments: str, **environment: str) -> LoginOptions | None:
    parser = ArgumentParser()
    add_login_arguments(parser)
    return read_login_options(parser.parse_args(arguments), environment)


OAUTH = ("--oauth-provider=github", "--oauth-key=id", "--oauth-redirect-uri=https://a.example/login")


class TestOptions:
    def test_without_any_nobody_logs_in(self) -> None:
        assert read() is None and read("--cookie-secret", "x") is None

    def test_secrets_may_stand_in_the_environment_and_are_not_printed(self, users: Path) -> None:
        options = read(*OAUTH, PANEL_OAUTH_SECRET="hush", PANEL_COOKIE_SECRET="salt")
        assert options.oauth["oauth_secret"] == "hush" and options.cookie_secret == "salt"
        assert "hush" not in repr(options) and "salt" not in repr(options)
        assert read(PANEL_BASIC_AUTH=str(users)).users == users

    def test_a_cookie_secret_is_made_anew_where_none_is_given(self, users: Path) -> None:
        made = {read("--basic-auth", str(users)).cookie_secret for _ in range(3)}
        assert len(made) == 3 and min(map(len, made)) > 30

    @pytest.mark.parametrize(
        ("arguments", "environment", "sentence"),
        [
            (OAUTH, {}, "--oauth-secret must be given"),
            (("--oauth-secret=s",), {}, "--oauth-provider, --oauth-key, --oauth-redirect-uri must"),
            ((*OAUTH, "--oauth-secret=s"), {"PANEL_OAUTH_SECRET": "t"}, "differ"),
            ((*OAUTH, "--oauth-secret=s", "--oauth-provider=pam"), {}, "choose auth0"),
            ((*OAUTH, "--oauth-secret=s", "--oauth-redirect-uri=a.example"), {}, "must be an address"),
            ((*OAUTH, "--oauth-secret=s", "--oauth-extra-params=[1]"), {}, "must be JSON"),
            ((*OAUTH, "--basic-auth=x"), {}, "two ways"),
            (("--allow-user=ann",), {}, "not given"),
        ],
    )
    def test_what_makes_no_sense_is_one_sentence(
        self, arguments: tuple[str, ...], environment: dict[str, str], sentence: str
    ) -> None:
        with pytest.raises(SettingsError, match=sentence):
            read(*arguments, **environment)

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"ann": ""}', '{"ann": 1}', '{" ann": "x"}', '{"a\\nb": "x"}', "[" * 100_000]
    )
    def test_a_file_of_no_users_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "users.json").write_text(text, encoding="utf-8")
        with pytest.raises(InspectorError):
            read("--basic-auth", str(tmp_path / "users.json"))
        with pytest.raises(FileError, match="cannot be read"):
            read_users(tmp_path / "none.json")

    def test_one_reviewer_for_all_and_a_login_exclude_each_other(
        self, users: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--num-procs", "2", "--basic-auth", str(users), "--reviewer", "Ann"]) == REFUSED
        assert "Leave out --reviewer" in capsys.readouterr().err

    def test_the_providers_are_panel_s(self) -> None:
        assert {*PROVIDERS, "pam", "password"} == set(AUTH_PROVIDERS)

    def test_passwords_are_compared_whole(self) -> None:
        assert matches(USERS, "bo", "другой")
        assert not any(matches(USERS, *pair) for pair in (("bo", "друго"), ("ann", "другой"), ("cy", ""), ("", "")))


@pytest.fixture(scope="module")
def site() -> Iterator[Provider]:
    with provider("ann@example.org") as site:
        yield site


@pytest.fixture(scope="module")
def known_there(site: Provider, place: Path) -> Iterator[Server]:
    star = write_apstar(place / "other.fits", n_visits=1)
    places = {"TOKEN_URL": f"{site.url}/token", "AUTHORIZE_URL": f"{site.url}/ask", "USER_URL": f"{site.url}/user"}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PANEL_OAUTH_SECRET", "hush")
        environment.setenv("PANEL_OAUTH_EXTRA_PARAMS", json.dumps(places))
        server = start_server(
            *(str(star), "--oauth-provider", "generic", "--oauth-key", "our-id", "--allow-user", "ann@example.org"),
            *("--oauth-redirect-uri", "http://localhost/login", "--verdicts", str(place / "other.sqlite")),
        )
    yield server
    stop_server(server)


class TestElsewhere:
    """A login at another site, which is one of this machine here."""

    def come_back(self, browser: Browser) -> Answer:
        """Go there and come back with a code."""
        assert browser.ask("/?mc_num=9").headers["Location"] == "./login?next=%2F%3Fmc_num%3D9"
        there = urlsplit(browser.ask("/login?next=%2F%3Fmc_num%3D9").headers["Location"])
        asked = parse_qs(there.query)
        assert (there.path, asked["client_id"], asked["redirect_uri"]) == (
            *("/ask", ["our-id"]),
            ["http://localhost/login"],
        )
        crossing = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
        return browser.ask(f"/login?code=a-code&state={quote(asked['state'][0])}", **crossing)

    def test_one_comes_back_as_who_one_is_there(self, known_there: Server, site: Provider) -> None:
        browser = Browser(port_of(known_there))
        back = self.come_back(browser)
        assert (back.status, back.headers["Location"]) == (302, "/?mc_num=9")
        assert (site.asked[-1]["code"], site.asked[-1]["client_secret"]) == (["a-code"], ["hush"])
        assert all("SameSite=Lax" in cookie and "HttpOnly" in cookie for cookie in back.headers.get_all("Set-Cookie"))
        page = browser.ask("/")
        assert page.status == 200
        assert browser.cookies["access_token"] not in page.text

    def test_a_state_of_somebody_else_is_refused(self, known_there: Server) -> None:
        refused = Browser(port_of(known_there)).ask("/login?code=a-code&state=another")
        assert refused.status == 401 and "did not let you in" in refused.text


@pytest.mark.browser
def test_two_people_log_in_after_each_other_and_give_verdicts_of_their_own(
    guarded: Server, context: Any, place: Path
) -> None:
    page = context.new_page()
    page.goto(f"{guarded.url}?mc_num=5")
    for name, quality in (("ann", "4"), ("bo", "2")):
        page.get_by_label("Name").fill(name)
        if name == "ann":
            page.get_by_label("Password").fill("wrong")
            page.keyboard.press("Enter")
            page.get_by_text("This name and password do not belong together.").wait_for()
        page.get_by_label("Password").fill(USERS[name])
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("1 of 1 · 0 with a verdict").wait_for()  # not the other's
        page.get_by_role("button", name="More on verdicts").click()
        page.get_by_text(f"You are {name}.").wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press(quality)
        page.get_by_text("1 of 1 · 1 with a verdict").wait_for()
        page.get_by_role("link", name=f"Log out ({name})").click()
        page.get_by_text("You are logged out").wait_for()
        page.get_by_role("link", name="Log in again").click()
    with closing(open_store(place / "verdicts.sqlite")) as store:
        assert [(event.reviewer, event.quality) for event in store.events()] == [("ann", 4), ("bo", 2)]
    page.close()
