"""What a stranger's program may send over the websocket, and what it is told."""

from __future__ import annotations

import asyncio
import base64
import gzip
import inspect
import json
import logging
import re
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

import pytest
from bokeh.server.views import ws
from bokeh.server.views.ws import WSHandler
from conftest import Server, start_server, stop_server
from hypothesis import given
from hypothesis import strategies as st
from tornado.websocket import websocket_connect

from inspector.web.server.log_bounds import MAX_LINE, OF_CLOSED_TABS, PER_MINUTE, LogBounds
from inspector.web.server.message_bounds import MAX_STRING, fault
from inspector.web.server.websocket import Websocket

PATCH = {"msgid": "1", "msgtype": "PATCH-DOC"}


def events(*values: Any) -> list[str]:
    """A message whose content holds some values."""
    event = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": list(values)}
    return [json.dumps(PATCH), "{}", json.dumps({"events": [event]})]


BOMB = base64.b64encode(gzip.compress(bytes(32 << 20))).decode()
NESTED = "[" * 100_000 + "]" * 100_000

WRONG: dict[str, list[str | bytes]] = {
    "a gzip bomb": [*events({"type": "bytes", "data": BOMB[:MAX_STRING]})],
    "a gzip bomb at its full length": [*events({"type": "bytes", "data": BOMB})],
    "zeros by the number": [*events({"type": "typed_array", "array": 1 << 28, "order": "little", "dtype": "uint8"})],
    "a long text": [*events("x" * (MAX_STRING + 1))],
    "a very long text": [*events("x" * (3 << 20))],
    "a deep list": [json.dumps(PATCH), "{}", NESTED],
    "many values": [*events([0] * 100_000)],
    "a long number": [*events(10**25)],
    "another document": [json.dumps({**PATCH, "msgtype": "PUSH-DOC"}), "{}", '{"doc": {"roots": []}}'],
    "an unknown kind": [json.dumps({**PATCH, "msgtype": "nonsense"}), "{}", "{}"],
    "no object": ["[]", "{}", "{}"],
    "no JSON": ["x", "y", "z"],
    "bytes first": [b"\0"],
    "many buffers": [
        json.dumps({**PATCH, "num_buffers": 9}), "{}", '{"events": []}', *[json.dumps({"id": "b"}), bytes(4)] * 9
    ],
}  # fmt: skip


def told_by(coroutine: Coroutine[Any, Any, tuple[int, str]]) -> tuple[int, str]:
    """Run it in a thread of its own: a browser driven by other tests has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result(timeout=60)


def test_bokehs_handler_calls_what_ours_overrides() -> None:
    overridden = {name for name in vars(Websocket) if re.match("_[a-z]", name)} & set(dir(WSHandler))
    methods = [inspect.unwrap(method) for method in vars(WSHandler).values() if inspect.isfunction(method)]
    called = {name for method in methods for name in method.__code__.co_names}
    assert overridden == {"_async_open", "_receive", "_handle", "_internal_error", "_protocol_error"}
    assert overridden <= called


async def tell(server: Server, token: str, frames: list[str | bytes]) -> tuple[int | None, str]:
    """The close code and all that was said after the session's first word."""
    url = server.url.replace("http", "ws", 1) + "ws"
    connection = await websocket_connect(url, subprotocols=["bokeh", token])
    said: list[str] = []
    part: str | bytes | None = ""
    try:
        if frames:
            for _ in range(3):
                await asyncio.wait_for(connection.read_message(), 60)  # the session's first word, in three frames
        for frame in frames:
            await connection.write_message(frame, binary=isinstance(frame, bytes))
        while (part := await asyncio.wait_for(connection.read_message(), 60)) is not None:
            said.append(str(part))
            if len(said) > 2 and '"ERROR"' in said[-3]:
                break
        return connection.close_code, " ".join([*said, connection.close_reason or ""])
    finally:
        connection.close()
        while part is not None:  # the socket is let go once the server has said goodbye too
            part = await asyncio.wait_for(connection.read_message(), 60)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server to attack, whose log nobody else reads."""
    server = start_server()
    yield server
    stop_server(server)


@pytest.fixture(scope="module")
def token(server: Server) -> Callable[[], str]:
    """A session's token, as a page holds it."""

    def get() -> str:
        with urlopen(server.url, timeout=120) as answer:
            found = re.search(r'"token":"([^"]+)"', answer.read().decode())
        assert found
        return found[1]

    return get


def test_what_no_page_sends_closes_the_connection_with_a_sentence(server: Server, token: Callable[[], str]) -> None:
    mine = token()
    for what, frames in WRONG.items():
        code, said = told_by(tell(server, mine, frames))
        assert code == 1008, (what, code, said)
        assert re.search(r"A message (was refused|was too long|could not be read)", said), (what, said)
    with urlopen(server.url + "static/js/bokeh.min.js", timeout=60) as answer:
        assert answer.status == 200


def test_bokeh_s_own_errors_tell_nothing_of_this_machine(server: Server, token: Callable[[], str]) -> None:
    event = {"kind": "ModelChanged", "model": {"id": "p90210417"}, "attr": "value", "new": 1}
    _, said = told_by(tell(server, token(), [json.dumps(PATCH), "{}", json.dumps({"events": [event]})]))
    assert "its log says why" in said
    for word in ("Traceback", "File ", "site-packages", ".py", "p90210417"):
        assert word not in said


@pytest.mark.parametrize("made_up", ["x", "eyJ9.x", "." * 50])
def test_a_made_up_token_opens_nothing(server: Server, made_up: str) -> None:
    code, said = told_by(tell(server, made_up, []))
    assert code == 1008 and "Reload the page" in said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["type", "data", "array", "id"]) | st.text(), inner)
    ),
)


@given(json_values)
def test_whatever_is_sent_is_judged_and_never_raises(content: Any) -> None:
    assert fault(PATCH, content) is None or isinstance(fault(PATCH, content), str)


def test_what_pages_send_is_let_through() -> None:
    upload = {"type": "map", "entries": [["upload", "1-2"], ["data", {"type": "bytes", "data": {"id": "0"}}]]}
    for value in ("x" * 2000, list(range(8575)), {"type": "number", "value": "nan"}, upload, 15_433.69):
        assert fault(PATCH, {"events": [value]}) is None


def record(message: str, line: int = 1) -> logging.LogRecord:
    return logging.LogRecord("bokeh", logging.ERROR, "place.py", line, "it said %r", (message,), None)


def test_log_lines_are_cut() -> None:
    long = record("x" * 10_000_000)
    assert LogBounds().filter(long)
    assert len(long.getMessage()) < MAX_LINE + 100
    assert "characters cut" in long.getMessage()


def test_tracebacks_are_cut_and_keep_their_reason() -> None:
    failed = record("x")
    try:
        raise ValueError("y" * 100_000 + " the reason")
    except ValueError as error:
        failed.exc_info = (type(error), error, error.__traceback__)
    assert LogBounds().filter(failed)
    assert failed.exc_text is not None
    assert len(failed.exc_text) < 7_000 and failed.exc_text.endswith("the reason")


def test_a_tab_that_was_closed_or_reloaded_is_not_worth_a_line() -> None:
    assert not LogBounds().filter(logging.LogRecord("bokeh", logging.WARNING, "ws.py", 1, OF_CLOSED_TABS, (), None))
    assert OF_CLOSED_TABS in inspect.getsource(ws)  # as this Bokeh words it


def test_many_lines_of_one_kind_are_counted_and_not_written() -> None:
    now = [0.0]
    bounds = LogBounds(lambda: now[0])
    written = sum(bounds.filter(record("x")) for _ in range(10_000))
    assert written == PER_MINUTE
    assert bounds.filter(record("of another place", line=2))
    now[0] = 61.0
    later = record("x")
    assert bounds.filter(later)
    assert f"{10_000 - PER_MINUTE} more like it were left out" in later.getMessage()
