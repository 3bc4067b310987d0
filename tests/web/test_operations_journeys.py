"""A server as whoever runs it sees it: health, metrics, its log, and how it stops."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from conftest import Server, Visitor, start_server, stop_server

pytestmark = pytest.mark.browser


@pytest.fixture
def logging_server(star_file: Path) -> Iterator[Server]:
    server = start_server(str(star_file), "--log-format", "json", "--mc-num", "40")
    yield server
    stop_server(server)


def get(url: str, **headers: str) -> tuple[int, Any, str]:
    """Status, headers and text of an answer."""
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read().decode()


def measured(url: str) -> dict[str, float]:
    """Numbers without labels, by name."""
    return {name: float(value) for name, value in re.findall(r"^(\w+) (\S+)$", get(url + "metrics")[2], re.MULTILINE)}


def test_a_server_tells_how_it_is_counts_what_it_does_and_says_that_it_stops(
    context: Any, logging_server: Server, watch: Any
) -> None:
    url = logging_server.url
    page = Visitor(context, url).open()
    status, headers, text = get(url + "healthz", X_Request_ID="proxy-17")
    assert (status, json.loads(text)["state"], headers["X-Request-ID"]) == (200, "ready", "proxy-17")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    made_up = get(url + "healthz", X_Request_ID='17", "level": "none')[1]["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", made_up)

    numbers = measured(url)
    assert numbers["inspector_sessions"] == numbers["inspector_ready"] == 1
    assert numbers["inspector_draws_total"] == 3 * 40  # the coadd and two visits, each once
    assert numbers["inspector_answer_seconds_count"] >= 3
    assert numbers["inspector_file_seconds_count"] == 1
    assert numbers["inspector_waiting_turns"] == numbers["inspector_failures_total"] == 0
    assert numbers["process_resident_memory_bytes"] > 50e6

    watch.let_pass("WebSocket|ERR_|Lost websocket|Failed to load|not connected")
    logging_server.process.send_signal(signal.SIGTERM)
    page.get_by_text("The server was stopped, or is being restarted. Trying again").wait_for()
    assert logging_server.process.wait(timeout=60) == 0
    page.close()
    logging_server.reader.join(timeout=30)
    assert logging_server.said[-1].strip() == "Stopped."
    lines = [json.loads(line) for line in logging_server.said if line.startswith("{")]
    (asked,) = (line for line in lines if line.get("request") == "proxy-17")
    assert (asked["path"], asked["status"], asked["logger"]) == ("/healthz", 200, "inspector.access")
    assert all("Traceback" not in line for line in logging_server.said)


def test_a_server_without_weights_is_not_well(star_file: Path, services: Any) -> None:
    from inspector.service.services import Services

    empty = Services([star_file])
    assert empty.state == "loading"
    assert services.state == "ready"
    empty.close()
    assert empty.state == "stopping"
