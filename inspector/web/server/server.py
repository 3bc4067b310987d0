"""Serve the page: open the files, bind the port, answer, then open the browser."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import webbrowser
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui  # noqa: F401  registers its resources before the server starts
from panel.io.resources import LOCAL_DIST
from tornado.ioloop import PeriodicCallback
from tornado.platform.asyncio import BaseAsyncIOLoop
from tornado.process import task_id
from tornado.websocket import WebSocketClosedError

from inspector.exceptions import InspectorError, SettingsError
from inspector.files.bundled_files import bundled_path
from inspector.science.settings import Bounds, Settings
from inspector.service.library import find_files
from inspector.service.network_process import NetworkProcesses
from inspector.service.services import Services
from inspector.web.server.graceful_stop import GracefulStop
from inspector.web.server.host_gate import LoginPaths, guard
from inspector.web.server.log_bounds import bound_log
from inspector.web.server.login import server_options, user_of_session
from inspector.web.server.login_options import LoginOptions
from inspector.web.server.message_bounds import MAX_BUFFER
from inspector.web.server.new_page import new_page
from inspector.web.server.operations import operations
from inspector.web.server.request_log import log_json, log_requests
from inspector.web.server.served_names import EVERYWHERE, LOOPBACK, ServedNames, bracketed, served_names
from inspector.web.server.table_options import TableOptions, split_paths
from inspector.web.server.verdict_options import VerdictOptions, open_desk

log = logging.getLogger(__name__)

UNUSED_SESSION_MS = 15_000
"""How long a closed tab's session is kept, for a browser that comes back."""

PORT = Bounds("port", 0, 65_535)

NUM_PROCS = Bounds("num_procs", 1, 256)

MAX_BODY = 64 << 10
"""Bytes a request may bring along: pages bring none."""


def make_services(
    paths: Sequence[str | Path] = (),
    *,
    weights: str | Path | None = None,
    noise: str | Path | None = None,
    mc_num: int = Settings.mc_num,
    local: bool = True,
    network_procs: int = 1,
    processes: NetworkProcesses | None = None,
    tables: TableOptions | None = None,
    verdicts: VerdictOptions | None = None,
    login: bool = False,
) -> Services:
    """What the sessions of a server share.

    Parameters
    ----------
    paths : sequence of path-like
        Files and folders to open, and one results table; the bundled stars if empty.
    weights, noise : path-like, optional
        The shipped ones if None; named ones are read at once, so that a wrong one is refused before serving.
    mc_num : int
        Draws a new session asks for.
    local : bool
        Whether only this machine can connect.
    network_procs : int
        Processes the network answers from, where `processes` does not bring them.
    processes : NetworkProcesses, optional
        That read those weights already. Without them, named weights are read to check them and read again by whoever
        serves: a server of several processes parts in between, and each needs a network of its own.
    tables : TableOptions, optional
        Where the spectra of a table's rows are, and what its columns are called.
    verdicts : VerdictOptions, optional
        None where no verdicts are taken.
    login : bool
        Whether whoever connects has logged in.

    Raises
    ------
    InspectorError
        One sentence on what is missing or wrong.
    """
    mc_num = Settings(mc_num).mc_num
    options = tables or TableOptions()
    named, stars = split_paths(paths)
    files = find_files(stars or [] if named else stars or [bundled_path("stars")])
    sources = options.sources(local) if named or tables is not None else None
    desk = None if verdicts is None else open_desk(verdicts, local, login)
    services = Services(
        files,
        _path(weights),
        _path(noise),
        mc_num,
        local,
        processes,
        network_procs=network_procs,
        table=options.opened(named, sources) if named and sources is not None else None,
        sources=sources,
        verdicts=desk,
    )
    if processes is not None and (weights is not None or noise is not None):
        _load(services)
    elif weights is not None or noise is not None:
        tried = Services(weights=services.weights, noise=services.noise)
        try:
            _load(tried)
        finally:
            tried.close()
    return services


def _load(services: Services) -> None:
    """Have the services read what was named; raise what is wrong with it."""
    services.load()
    if services.problems:
        raise InspectorError(" ".join(services.problems))


def serve(
    paths: Sequence[str | Path] = (),
    *,
    port: int | None = None,
    address: str = "localhost",
    browser: bool = True,
    mc_num: int = Settings.mc_num,
    weights: str | Path | None = None,
    noise: str | Path | None = None,
    prefix: str = "",
    allow_websocket_origin: Sequence[str] = (),
    num_procs: int = 1,
    network_procs: int = 1,
    processes: NetworkProcesses | None = None,
    tables: TableOptions | None = None,
    verdicts: VerdictOptions | None = None,
    login: LoginOptions | None = None,
    log_format: str = "text",
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    paths : sequence of path-like
        Files and folders to open, and one results table; the bundled stars if empty.
    port : int, optional
        A free one if None.
    address : str
        To listen on; anything but localhost can be reached by other machines.
    browser : bool
        Whether to open a browser once the server answers.
    mc_num, weights, noise, network_procs, processes, tables, verdicts
        See `make_services`.
    prefix : str
        Base path, behind a proxy.
    allow_websocket_origin : sequence of str
        Hosts (``name:port``) a browser may ask for and come from, besides this server's own address.
    num_procs : int
        Processes to serve from.
    login : LoginOptions, optional
        Who may come in; everybody who reaches the server if None.
    log_format : str
        ``text`` for people; ``json`` for one object a line, every request among them.

    Raises
    ------
    InspectorError
        One sentence: a missing file, an empty folder, weights that cannot be read, a port in use, a number out of
        range.
    """
    local = address in LOOPBACK and not allow_websocket_origin and not prefix
    served_names(address, 0, allow_websocket_origin)  # a wrong one is refused before anything is read
    services = make_services(
        paths,
        weights=weights,
        noise=noise,
        mc_num=mc_num,
        local=local,
        network_procs=network_procs,
        processes=processes,
        tables=tables,
        verdicts=verdicts,
        login=login is not None,
    )
    try:
        server = start(services, port, address, prefix, allow_websocket_origin, num_procs, login=login)
        if log_format == "json":
            log_json()
            log_requests(server._tornado)  # noqa: SLF001  see `guard`
        bound_log()
        if not task_id():  # one of several processes: the first speaks for all
            _announce(server, services, address, allow_websocket_origin, browser)
        GracefulStop(server._tornado, services, server.io_loop).listen()  # noqa: SLF001
        run(server)
        if task_id() is None:
            print("Stopped.")
    finally:
        services.close()  # or a file that is being read would keep the program from ending


def _announce(
    server: Any, services: Services, address: str, allow_websocket_origin: Sequence[str], browser: bool
) -> None:
    """Say where the server answers, and open a browser there."""
    everywhere = address in EVERYWHERE
    host = "localhost" if everywhere or address in LOOPBACK else bracketed(address)
    url = f"http://{host}:{server.port}{server.prefix}/"
    if everywhere and not allow_websocket_origin:
        print(
            "It listens on every address of this machine, but other machines are turned away until"
            f" --allow-websocket-origin names the host they use (for example {socket.gethostname()}:{server.port})."
        )
    n = len(services.library.entries)
    opened = "1 star is open" if n == 1 else f"{n} stars are open"
    if services.table is not None:
        opened = f"{services.table.name} is open, with {services.table.columns.n_rows:,} rows"
    print(f"The inspector answers at {url}\n{opened}. Stop it with Ctrl+C.", flush=True)
    if browser:
        server.io_loop.add_callback(partial(webbrowser.open, url))


def start(
    services: Services,
    port: int | None = None,
    address: str = "localhost",
    prefix: str = "",
    allow_websocket_origin: Sequence[str] = (),
    num_procs: int = 1,
    unused_session_ms: int = UNUSED_SESSION_MS,
    login: LoginOptions | None = None,
) -> Any:
    """A server that listens, not yet running; see `serve` and `run`."""
    num_procs = NUM_PROCS.check(num_procs)
    port, parent = _checked_port(address, port), os.getpid()
    names = served_names(address, port, allow_websocket_origin)
    styles = "/".join(["", *prefix.split("/"), LOCAL_DIST]).replace("//", "/") if num_procs != 1 else ""
    user = partial(user_of_session, login) if login is not None else None
    server = pn.io.server.get_server(
        {"/": lambda: new_page(services, styles, user)},  # not a partial: panel would print it
        port=port,
        address=address,
        prefix=prefix,
        extra_patterns=operations(services),
        websocket_origin=_known_to_bokeh(names),
        num_procs=num_procs,
        websocket_max_message_size=MAX_BUFFER,
        http_server_kwargs={"max_body_size": MAX_BODY, "max_buffer_size": 4 * MAX_BUFFER},
        start=False,
        show=False,
        title="APOGEE inspector",
        check_unused_sessions_milliseconds=unused_session_ms // 3,
        unused_session_lifetime_milliseconds=unused_session_ms,
        **(server_options(login) if login is not None else {}),
    )
    guard(server, names, LoginPaths(server.prefix) if login is not None else None)
    loop = server.io_loop
    assert isinstance(loop, BaseAsyncIOLoop)  # tornado has no other kind
    loop.asyncio_loop.set_exception_handler(_explain_lost_task)
    if task_id() is not None:
        PeriodicCallback(partial(_stop_without, parent, server), 1000).start()
    server.io_loop.add_callback(services.start)  # after the processes have parted: each has a network of its own
    return server


def _known_to_bokeh(names: ServedNames) -> list[str]:
    """The names for Bokeh's own check, which cannot read an IPv6 address; ours comes first and can."""
    return [name for name in names.allowed if not name.startswith("[")]


def _explain_lost_task(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a task failed of; a tab closed while something was on its way to it is not a failure."""
    if isinstance(context.get("exception"), WebSocketClosedError):
        log.debug("A tab closed while it was written to")
    else:
        loop.default_exception_handler(context)


def _stop_without(parent: int, server: Any) -> None:
    """End one of several processes when the one that started them is gone."""
    if os.getppid() != parent:
        server.io_loop.stop()


def run(server: Any) -> None:
    """Answer until something stops the loop."""
    try:
        server.start()
        server.io_loop.start()
    finally:
        server.stop()


def _checked_port(address: str, port: int | None) -> int:
    """The port, or a free one; it is bound and let go, so that a port in use is one sentence."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, PORT.check(port or 0)))
        except OSError as error:
            raise SettingsError(_why(address, port, error)) from error
        return int(probe.getsockname()[1])


def _why(address: str, port: int | None, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Choose another with --port, or leave --port out for a free one."
    return f"The server cannot listen on {address}:{port or 'any port'} ({error.strerror})."


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
