"""Giving verdicts in the browser: by key, interrupted, against each other, and never about another star."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import Server, Visitor, start_server, stop_server
from makers import write_apstar

from inspector.service.verdicts.event import Event
from inspector.service.verdicts.store import open_store

pytestmark = pytest.mark.browser

NAMES = ("a", "b", "c")
SAVED = re.compile(r": Saved \d\d:\d\d:\d\d$")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stars, the first with a bit of STARFLAG that suggests a cause."""
    folder = tmp_path_factory.mktemp("judged")
    for name, starflag in zip(NAMES, (1 << 9, 0, 0)):
        write_apstar(folder / f"star-{name}.fits", n_visits=1, OBJID=f"2M-{name}", STARFLAG=starflag)
    return folder


@pytest.fixture(scope="module")
def place(folder: Path) -> Path:
    return folder / "verdicts.sqlite"


class Desk:
    """A server of these stars, which can be killed and started again at its address."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._arguments = [
            *(str(folder / f"star-{name}.fits") for name in NAMES),
            "--verdicts",
            str(place),
            "--mc-num",
            "4",
        ]
        self._killed: list[Server] = []  # their network processes have a last word some time later
        self.server: Server = start_server(*self._arguments)

    def kill(self) -> None:
        self.server.process.kill()
        self.server.process.wait(timeout=30)
        self._killed.append(self.server)

    def stop(self) -> None:
        for server in (*self._killed, self.server):
            stop_server(server)

    def start(self) -> None:
        self.server = start_server(*self._arguments, "--port", str(urlsplit(self.server.url).port))


@pytest.fixture(scope="module")
def desk(folder: Path, place: Path) -> Iterator[Desk]:
    desk = Desk(folder, place)
    yield desk
    desk.stop()
    assert not [line for line in desk.server.said if "Traceback" in line], "".join(desk.server.said)


@pytest.fixture
def reviewer(context: Any, desk: Desk) -> Iterator[Callable[[str], Visitor]]:
    """Someone of a name, at the first star."""
    came: list[Visitor] = []

    def new(name: str, star: str = "a") -> Visitor:
        visitor = Visitor(context, desk.server.url)
        came.append(visitor)
        visitor.open(f"?star=star-{star}.fits")
        shows(visitor, star)
        card = opened(visitor)
        field = card.get_by_role("textbox", name="Your name")
        if field.input_value() != name:
            field.fill(name)
            field.press("Enter")
            card.wait_for(state="hidden")
        else:
            visitor.page.keyboard.press("Escape")
        return visitor

    yield new
    for visitor in came:
        visitor.page.close()


@pytest.fixture
def events(place: Path) -> Iterator[Callable[..., list[Event]]]:
    with closing(open_store(place)) as store:
        yield lambda name: [event for event in store.events() if event.reviewer == name]


def opened(visitor: Visitor) -> Any:
    """The card with the words, opened."""
    visitor.page.get_by_role("button", name="More on verdicts").click()
    card = visitor.page.get_by_role("dialog", name="Verdicts on this star")
    card.wait_for()
    return card


def shows(visitor: Visitor, star: str) -> None:
    visitor.page.get_by_role("heading", name=f"2M-{star}").wait_for()


def saved(visitor: Visitor, what: str) -> None:
    visitor.page.get_by_text(re.compile(f"^{re.escape(what)}{SAVED.pattern}")).wait_for()


def seen(visitor: Visitor) -> None:
    """Wait until the star has been on screen long enough for a key to mean it."""
    visitor.page.get_by_role("group", name="Verdict").and_(visitor.page.locator("[aria-busy=false]")).wait_for()


def typed(visitor: Visitor) -> str:
    return str(visitor.page.get_by_role("textbox", name="Comment").input_value())


def holds(visitor: Visitor, text: str) -> None:
    """Wait until the comment is this one."""
    field = visitor.page.get_by_role("textbox", name="Comment").element_handle()
    visitor.page.wait_for_function("([field, text]) => field.value === text", arg=[field, text])


def box(visitor: Visitor, name: str) -> Any:
    return visitor.page.get_by_role("group", name="Causes").get_by_role("checkbox", name=name)


def test_three_verdicts_by_key_with_a_name_asked_once(context: Any, desk: Desk, events: Any) -> None:
    visitor = Visitor(context, desk.server.url)
    page = visitor.open()
    page.get_by_text("1 of 3 · 0 with a verdict").wait_for()
    page.get_by_text("Suggested: P STARFLAG has PERSIST_HIGH.").wait_for()
    box(visitor, "persistence, suggested: STARFLAG has PERSIST_HIGH.").wait_for()
    page.keyboard.press("4")
    page.get_by_text("Who are you?").wait_for()
    page.keyboard.type("Ann 4")  # digits of a name are no verdicts
    page.keyboard.press("Enter")
    saved(visitor, "2M-a good")
    shows(visitor, "b")

    page.keyboard.press("c")
    page.keyboard.type("4 lines merge: ζ, 谱线 🌟")
    page.keyboard.press("Enter")
    page.keyboard.type("next line")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+M")
    page.keyboard.press("Shift+V")
    page.keyboard.press("Shift+M")
    assert box(visitor, "velocity or binary").get_attribute("aria-checked") == "true"
    seen(visitor)
    page.keyboard.press("3")
    saved(visitor, "2M-b use with care")
    shows(visitor, "c")
    seen(visitor)
    page.get_by_role("button", name="bad (2)").click()
    saved(visitor, "2M-c bad")
    shows(visitor, "a")  # round the end
    page.get_by_text("1 of 3 · 3 with a verdict").wait_for()
    first, second, third = events("Ann 4")
    assert (first.quality, first.causes, first.suggested) == (4, ("P",), ("P",))
    assert (second.quality, second.causes) == (3, ("V",))
    assert second.comment == "4 lines merge: ζ, 谱线 🌟\nnext line"
    assert (third.quality, third.subject.apogee_id, third.seen["result_flags"] >= 0) == (2, "2M-c", True)
    assert page.get_by_role("button", name="good (4)").get_attribute("aria-pressed") == "true"

    page.keyboard.press("u")  # the last one, wherever it was
    saved(visitor, "2M-c undone")
    shows(visitor, "c")
    page.get_by_text("3 of 3 · 2 with a verdict").wait_for()
    page.close()


PRESSED = """(keys) => {
  for (const [key, more] of keys) {
    const pressed = new KeyboardEvent("keydown", {key, bubbles: true, composed: true, cancelable: true, ...more})
    document.body.dispatchEvent(pressed)
  }
}"""

PRESSED_AS_IT_COMES = """async (name) => {
  while (!probe.text((node) => node.tagName === "H1").includes(name)) await new Promise(requestAnimationFrame)
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "2", bubbles: true, composed: true}))
}"""


def test_no_verdict_ever_falls_on_another_star(reviewer: Any, events: Any) -> None:
    visitor = reviewer("Twice")
    page = visitor.page
    page.evaluate(Path(__file__).with_name("probe.js").read_text(encoding="utf-8"))
    visitor.drawn()
    page.evaluate(PRESSED, [["4", {}], ["4", {}], ["4", {"repeat": True}]])
    page.evaluate(PRESSED_AS_IT_COMES, "2M-b")  # held a moment too long
    page.get_by_text("Ignored: this star has only just come.").wait_for()
    modified = [{"ctrlKey": True}, {"altKey": True}, {"metaKey": True}, {"ctrlKey": True, "altKey": True}]
    page.evaluate(PRESSED, [["1", more] for more in modified])
    field = page.get_by_role("textbox", name="mc_num")
    field.press_sequentially("1")
    field.press("Escape")
    page.get_by_role("listbox", name="Opened stars").focus()
    page.keyboard.press("2")  # in the list it begins a name
    visitor.choose_star("2M-c", "star-c")
    page.keyboard.press("3")  # with a star chosen there, the list lets it through
    saved(visitor, "2M-c use with care")
    assert [(one.subject.apogee_id, one.quality) for one in events("Twice")] == [("2M-a", 4), ("2M-c", 3)]


def test_what_is_typed_outlasts_a_reload_a_closed_tab_and_a_killed_server(
    reviewer: Any, desk: Desk, events: Any, watch: Any
) -> None:
    visitor = reviewer("Unlucky")
    page = visitor.page
    page.keyboard.press("c")
    page.keyboard.type("half a sentence")
    page.reload()
    visitor.drawn()
    holds(visitor, "half a sentence")
    page.keyboard.press("c")
    page.keyboard.type(", and a half")
    page.close()
    visitor = reviewer("Unlucky")
    page = visitor.page
    holds(visitor, "half a sentence, and a half")

    watch.let_pass("WebSocket|ERR_|Lost websocket|Failed to load|not connected")
    desk.kill()
    page.keyboard.press("c")
    page.keyboard.type(". Last word")
    page.keyboard.press("Escape")
    page.keyboard.press("2")  # into the dark
    desk.start()
    page.wait_for_function("!document.querySelector('#connection') || document.querySelector('#connection').hidden")
    visitor.drawn()
    saved(visitor, "2M-a bad")
    (event,) = events("Unlucky")
    assert (event.quality, event.comment) == (2, "half a sentence, and a half. Last word")


def test_a_store_that_cannot_be_written_is_told_in_red_and_tried_again(reviewer: Any, place: Path, events: Any) -> None:
    visitor = reviewer("Patient")
    page = visitor.page
    page.keyboard.press("c")
    page.keyboard.type("worth keeping")
    holds(visitor, "worth keeping")
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        told = page.get_by_role("status").get_by_text("Not saved").first
        told.or_(page.get_by_text(re.compile("^Not saved"))).first.wait_for()
        assert typed(visitor) == "worth keeping" and events("Patient") == []
        other.execute("ROLLBACK")
    saved(visitor, "2M-a ask")
    assert [event.comment for event in events("Patient")] == ["worth keeping"]
    shows(visitor, "a")


def test_a_comment_is_saved_by_itself_where_there_is_a_quality(reviewer: Any, events: Any) -> None:
    visitor = reviewer("Wordy", "b")
    page = visitor.page
    page.keyboard.press("c")
    page.keyboard.type("first")
    page.keyboard.press("Control+Enter")
    page.get_by_text("The comment is kept. Choose a quality too").wait_for()
    assert events("Wordy") == []
    card = opened(visitor)
    card.get_by_role("checkbox", name="Go on to the next star after a verdict").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    saved(visitor, "2M-b good")
    page.keyboard.press("c")
    page.keyboard.press("End")
    page.keyboard.type(", second")
    page.keyboard.press("Control+Enter")
    visitor.page.get_by_text("2 of 3 · 1 with a verdict").wait_for()
    page.keyboard.press("0")
    saved(visitor, "2M-b clear")
    said = [(event.kind, event.quality, event.comment) for event in events("Wordy")]
    assert said[:2] == [("verdict", 4, "first"), ("verdict", 4, "first, second")] and said[2][0] == "clear"


def test_two_reviewers_differ_blindly_and_settle(reviewer: Any, events: Any, place: Path) -> None:
    one = reviewer("Dee", "c")
    box(one, "continuum").click()
    one.page.keyboard.press("4")
    saved(one, "2M-c good")
    other = reviewer("Eve", "c")
    card = opened(other)
    card.get_by_text("Others' verdicts are hidden until you give yours.").wait_for()
    assert card.get_by_text("Dee").count() == 0
    card.get_by_role("checkbox", name="Show others' verdicts before I give mine").check()
    card.get_by_text("Dee: good").wait_for()
    card.get_by_role("checkbox", name="Show others' verdicts before I give mine").uncheck()
    card.get_by_text("Dee: good").wait_for(state="detached")
    other.page.keyboard.press("Escape")
    other.page.keyboard.press("c")
    other.page.keyboard.type("lines are <b>too</b> broad")
    other.page.keyboard.press("Escape")
    other.page.keyboard.press("2")
    saved(other, "2M-c bad")
    shows(other, "a")
    card = opened(other)
    listed = card.get_by_role("button", name="2M-c, coadd")
    listed.click()
    shows(other, "c")
    if not card.is_visible():
        card = opened(other)
    card.get_by_text("lines are <b>too</b> broad").first.wait_for()
    card.get_by_role("button", name="Settle with Dee's: good").click()
    card.get_by_text("Settled by Eve: good.").wait_for()
    with closing(open_store(place)) as store:
        reviews = [review for review in store.reviews().values() if review.subject.apogee_id == "2M-c"]
        assert all(not review.disagrees for review in reviews) and reviews[0].quality == 4


def test_the_scheme_s_definitions_are_in_the_help(reviewer: Any) -> None:
    page = reviewer("Ann 4").page
    page.keyboard.press("?")
    page.get_by_text("use with care: Some labels are in doubt").wait_for()
    page.get_by_text("undo the last verdict").wait_for()
