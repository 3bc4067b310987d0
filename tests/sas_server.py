"""A server with a SAS tree that tells lies: each file answers as it was told to."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate


@dataclass(frozen=True)
class Request:
    """What was asked.

    Attributes
    ----------
    path : str
    headers : dict of str to str
        By lower-case name.
    number : int
        How often this path was asked before.
    """

    path: str
    headers: dict[str, str]
    number: int

    @property
    def start(self) -> int | None:
        """The first byte of the range asked for."""
        asked = self.headers.get("range")
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked else None


Answer = Callable[["SasServer", Request, socket.socket], None]


@dataclass
class SasServer:
    """What a test tells its server, and what the server was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    port: int = 0
    going: threading.Event = field(default_factory=threading.Event)
    """Set when the test lets a stalled answer go on, or ends."""

    stop: Callable[[], None] = lambda: None
    """Ends the server."""

    @property
    def archive(self) -> str:
        """Root of the tree."""
        return f"http://localhost:{self.port}/sas"


@contextmanager
def sas_server() -> Iterator[SasServer]:
    """A server while the block lasts."""
    told = SasServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.connection.settimeout(30)
                path = self.rfile.readline().decode("latin-1").split(" ")[1]
                lines = iter(lambda: self.rfile.readline().decode("latin-1").strip(), "")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                before = sum(request.path == path for request in told.log)
                request = Request(path, headers, before)
                told.log.append(request)
                told.answers.get(path.removeprefix("/sas/"), missing)(told, request, self.connection)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, allow_reuse_address = True, True

    with Server(("localhost", 0), Handler) as server:
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()

        def stop() -> None:
            told.going.set()
            server.shutdown()
            server.server_close()
            thread.join()

        told.stop = stop
        try:
            yield told
        finally:
            stop()


def head(status: int, **headers: object) -> bytes:
    """The begin of an answer; underscores of names are hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "Connection: close", "", ""]).encode()


def missing(server: SasServer, request: Request, connection: socket.socket) -> None:
    """404."""
    connection.sendall(head(404, Content_Length=0))


def whole(data: bytes, tag: str | None = '"v1"', ranges: bool = True, dated: bool = False) -> Answer:
    """As a server should."""

    def answer(server: SasServer, request: Request, connection: socket.socket) -> None:
        marks = {"ETag": tag} if tag else {}
        if dated:
            marks["Last-Modified"] = formatdate(0, usegmt=True)
        start = request.start
        if ranges and start is not None and request.headers.get("if-range") in marks.values():
            marks |= {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            connection.sendall(head(206, Content_Length=len(data) - start, **marks) + data[start:])
        else:
            connection.sendall(head(200, Content_Length=len(data), **marks) + data)

    return answer


def cut(data: bytes, size: int, tag: str | None = '"v1"', dated: bool = False, shift: int = 0) -> Answer:
    """The first bytes of what was asked for (or others by `shift`), and then the connection ends."""

    def answer(server: SasServer, request: Request, connection: socket.socket) -> None:
        start = (request.start or 0) + shift
        marks: dict[str, object] = {"ETag": tag} if tag else {}
        if dated:
            marks["Last-Modified"] = formatdate(0, usegmt=True)
        if start:
            marks["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        connection.sendall(
            head(206 if start else 200, Content_Length=len(data) - start, **marks) + data[start : start + size]
        )

    return answer


def stalling(data: bytes, size: int) -> Answer:
    """The first bytes, and then nothing until the test says so."""

    def answer(server: SasServer, request: Request, connection: socket.socket) -> None:
        connection.sendall(head(200, Content_Length=len(data), ETag='"v1"') + data[:size])
        server.going.wait(30)
        connection.sendall(data[size:])

    return answer


def silent(server: SasServer, request: Request, connection: socket.socket) -> None:
    """Nothing at all."""
    server.going.wait(30)


def endless(server: SasServer, request: Request, connection: socket.socket) -> None:
    """A FITS file without end and without a stated length."""
    connection.sendall(head(200) + b"SIMPLE  =                    T".ljust(2880))
    while not server.going.is_set():
        connection.sendall(b" " * 65536)


def stating(data: bytes, length: int | None) -> Answer:
    """All bytes, under another length than theirs, or none."""

    def answer(server: SasServer, request: Request, connection: socket.socket) -> None:
        stated = {} if length is None else {"Content-Length": length}
        connection.sendall(head(200, ETag='"v1"', **stated) + data)

    return answer


def status(code: int, body: bytes = b"", **headers: object) -> Answer:
    """A fixed answer."""

    def answer(server: SasServer, request: Request, connection: socket.socket) -> None:
        connection.sendall(head(code, Content_Length=len(body), **headers) + body)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One answer a request; the last one from then on."""

    def answer(server: SasServer, request: Request, connection: socket.socket) -> None:
        answers[min(request.number, len(answers) - 1)](server, request, connection)

    return answer
