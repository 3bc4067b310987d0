"""A site that knows one user, for a server whose people log in elsewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs


@dataclass
class Provider:
    """Where it answers, whom it knows, and what it was asked for a token with."""

    url: str
    email: str
    asked: list[dict[str, list[str]]] = field(default_factory=list)


@contextmanager
def provider(email: str) -> Iterator[Provider]:
    class Site(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._answer({"access_token": "a-token"})

        def do_GET(self) -> None:
            self._answer({"email": said.email})

        def _answer(self, value: dict[str, str]) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("localhost", 0), Site)
    said = Provider(f"http://localhost:{server.server_port}", email)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield said
    server.shutdown()
    thread.join()
    server.server_close()
