"""Who is answered, and with what headers: asked with raw requests, as a stranger's page or program would."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import tornado
from conftest import Server
from hypothesis import given
from hypothesis import strategies as st

from inspector.exceptions import SettingsError
from inspector.web.server.host_gate import guard
from inspector.web.server.served_names import served_names

UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
BOKEH = "Sec-WebSocket-Protocol: bokeh, no-token"
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def port(server: Server) -> int:
    return int(server.url.rstrip("/").rsplit(":", 1)[1])


def ask(port: int, path: str, *headers: str, method: str = "GET") -> tuple[int, str]:
    """Status and head (with the beginning of the body) of one request's answer."""
    with socket.create_connection(("localhost", port), timeout=60) as stream:
        stream.sendall("\r\n".join([f"{method} {path} HTTP/1.1", *headers, "", ""]).encode())
        said = b""
        while b"\r\n\r\n" not in said and (part := stream.recv(65536)):
            said += part
    return int(said.split(b" ", 2)[1]), said.decode("latin-1")


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/bokeh.min.js", "/nothing/here"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost:1", "localhost", "localhost.evil.example:{port}", ""]
)
def test_a_name_that_is_not_served_is_refused_for_pages_files_and_websockets(port: int, path: str, host: str) -> None:
    host = host.format(port=port)
    upgrade = UPGRADE if path == "/ws" else ()
    status, said = ask(port, path, f"Host: {host}", f"Origin: http://{host}", *upgrade)
    assert (status == 421 and "does not answer to the name" in said) or not host
    assert status in (400, 421)


@pytest.mark.parametrize("hosts", [(), ("localhost:{port}", "evil.example")])
def test_no_host_and_two_hosts_are_refused(port: int, hosts: tuple[str, ...]) -> None:
    status, _ = ask(port, "/", *(f"Host: {host.format(port=port)}" for host in hosts))
    assert status in (400, 421)


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "LOCALHOST:{port}", "localhost.:{port}"])
def test_our_own_names_are_answered(port: int, host: str) -> None:
    assert ask(port, "/static/js/bokeh.min.js", f"Host: {host.format(port=port)}")[0] == 200


def test_a_websocket_of_another_page_is_refused(port: int) -> None:
    """Tornado compares Origin and Host, and asks which origins are allowed only where they differ."""
    host = f"Host: localhost:{port}"
    assert ask(port, "/ws", host, "Origin: http://evil.example", *UPGRADE)[0] == 403
    assert ask(port, "/ws", "Host: evil.example", "Origin: http://evil.example", *UPGRADE)[0] == 421
    assert ask(port, "/ws", host, f"Origin: http://localhost:{port}", *UPGRADE, BOKEH)[0] == 101


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1", "null", "https://evil.example:{port}"])
@pytest.mark.parametrize("fetched", ["cross-site", "same-site", "same-origin"])
def test_a_websocket_s_own_word_on_where_it_comes_from_counts_for_nothing(port: int, origin: str, fetched: str) -> None:
    """Tornado 6.6 believes Sec-Fetch-Site and asks no further; the check must not come to rest on that."""
    said = (f"Host: localhost:{port}", f"Origin: {origin.format(port=port)}", f"Sec-Fetch-Site: {fetched}")
    assert ask(port, "/ws", *said, *UPGRADE, BOKEH)[0] == 403


def test_the_tornado_these_rules_were_tried_with() -> None:
    """Its origin rule changed with 6.6: whoever raises the bound in pyproject tries the attacks above anew."""
    assert (6, 5) <= tornado.version_info < (6, 7)


def test_a_server_whose_requests_go_elsewhere_is_not_started() -> None:
    """Bokeh has no public place for a gate: should its private one ever lead elsewhere, nothing is served."""
    made = SimpleNamespace(_tornado=object(), _http=SimpleNamespace(request_callback=object()))
    with pytest.raises(RuntimeError, match="another application"):
        guard(made, served_names("localhost", 5006, []))


def test_another_site_loads_no_part_of_the_page(port: int) -> None:
    part = (f"Host: localhost:{port}", "Sec-Fetch-Site: cross-site")
    assert ask(port, "/autoload.js?bokeh-autoload-element=1", *part, "Sec-Fetch-Mode: no-cors")[0] == 403
    assert ask(port, "/favicon.ico", *part, "Sec-Fetch-Mode: navigate")[0] == 200


@pytest.mark.parametrize("path", ["/", "/nothing/here", "/static/js/bokeh.min.js", "/autoload.js", "/ws"])
def test_every_answer_carries_the_policy(port: int, path: str) -> None:
    _, said = ask(port, path, f"Host: localhost:{port}")
    head = said.partition("\r\n\r\n")[0].lower()
    assert "content-security-policy: default-src 'none'" in head
    assert "'unsafe-inline'" not in head.partition("script-src")[2].partition(";")[0]
    assert {urlsplit(url).netloc for url in re.findall(r"\w+://[^\s;]+", head)} <= {f"localhost:{port}"}
    for header in ("x-content-type-options: nosniff", "x-frame-options: sameorigin", "referrer-policy: no-referrer"):
        assert header in head
    assert "server: tornado" not in head and "traceback" not in said.lower()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_server_is_only_read_from(port: int, method: str) -> None:
    assert ask(port, "/", f"Host: localhost:{port}", "Content-Length: 0", method=method)[0] == 405


def test_no_module_is_imported_because_an_address_names_it(port: int) -> None:
    status, said = ask(port, "/components/antigravity/X/__css__/a.css", f"Host: localhost:{port}")
    assert status == 404 and str(Path(sys.prefix)) not in said


@given(st.text(max_size=40))
def test_whatever_a_host_header_says_is_compared_and_no_more(host: str) -> None:
    names = served_names("localhost", 5006)
    refused = names.refuse([host])
    assert refused is None or "\n" not in refused
    if refused is None:
        assert host.lower().replace(".:", ":") in ("localhost:5006", "127.0.0.1:5006", "[::1]:5006")


def test_a_proxy_s_name_is_served_where_it_is_allowed() -> None:
    names = served_names("0.0.0.0", 5006, ["stars.example.org", "*.lab.example:8080"])
    for host in ("stars.example.org:443", "a.lab.example:8080", "localhost:5006", "[::1]:5006"):
        assert names.refuse([host]) is None, host
    for host in ("stars.example.org.evil.example:443", "lab.example:8080", "0.0.0.0:5006", "a.lab.example:81"):
        assert names.refuse([host]), host
    with pytest.raises(SettingsError, match="host name or address"):
        served_names("localhost", 5006, ["http://x/y"])


def test_many_wrong_requests_at_once_do_not_keep_the_server_from_answering(port: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        wrong = [pool.submit(ask, port, "/", "Host: evil.example") for _ in range(80)]
        assert {future.result()[0] for future in wrong} == {421}
    assert ask(port, "/static/js/bokeh.min.js", f"Host: localhost:{port}")[0] == 200
