"""The command line of the server, for ``launch.py`` and ``inspector serve`` alike."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from inspector.exceptions import SettingsError
from inspector.science.settings import Settings
from inspector.terminal import OK, guarded
from inspector.web.server.login_options import add_login_arguments, read_login_options
from inspector.web.server.table_options import add_table_arguments, read_table_options
from inspector.web.server.verdict_options import add_verdict_arguments, read_verdict_options

if TYPE_CHECKING:
    from inspector.service.network_process import NetworkProcesses


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The server's options, on whatever parser."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="FILE|FOLDER|TABLE",
        help="stars to open (default: the bundled ones), or a results table whose rows are gone through",
    )
    add_table_arguments(parser)
    parser.add_argument("--port", type=int, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--address",
        default="localhost",
        help="address to listen on; other machines can reach any but the default (%(default)s)",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address and do not open a browser")
    parser.add_argument(
        "--mc-num", type=int, default=Settings.mc_num, help="draws of a new page (default: %(default)s)"
    )
    parser.add_argument("--weights", help="your own checkpoint: .safetensors, SDSS Astra .pt, astroNN folder")
    parser.add_argument("--noise", help="your own noise model (the bundled one corrects only the bundled weights)")
    parser.add_argument("--prefix", default="", help="path of the page behind a proxy, such as /inspector")
    parser.add_argument(
        "--allow-websocket-origin",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="another name this server answers to, such as a proxy's; may be repeated",
    )
    parser.add_argument("--num-procs", type=int, default=1, help="number of server processes (default: %(default)s)")
    parser.add_argument(
        "--network-procs", type=int, default=1, help="number of processes that run the network (default: %(default)s)"
    )
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="json: one object a line on standard error, every request among them (default: %(default)s)",
    )
    add_verdict_arguments(parser)
    add_login_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    """Serve as the parsed arguments ask; raises InspectorError with one sentence."""
    from inspector.service.network_process import NetworkProcesses

    # on one core torch is imported, on the other what serves; several processes must part before they start others
    processes = None
    try:
        if arguments.num_procs == 1:
            processes = NetworkProcesses(arguments.weights, arguments.network_procs)
        _serve(arguments, processes)
    except KeyboardInterrupt:  # before there was a server to stop
        print("Stopped.")
    finally:
        if processes is not None:
            processes.close()


def _serve(arguments: argparse.Namespace, processes: NetworkProcesses | None) -> None:
    login, verdicts = read_login_options(arguments), read_verdict_options(arguments)
    if login is not None and verdicts.reviewer:
        raise SettingsError("With a login, each reviewer is who is logged in. Leave out --reviewer.")
    from inspector.web.server.server import serve  # panel takes seconds to import: not for --help

    serve(
        arguments.paths,
        port=arguments.port,
        address=arguments.address,
        browser=not arguments.no_browser,
        mc_num=arguments.mc_num,
        weights=arguments.weights,
        noise=arguments.noise,
        prefix=arguments.prefix,
        allow_websocket_origin=arguments.allow_websocket_origin,
        num_procs=arguments.num_procs,
        network_procs=arguments.network_procs,
        processes=processes,
        tables=read_table_options(arguments),
        verdicts=verdicts,
        login=login,
        log_format=arguments.log_format,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """``python launch.py``; returns the exit status."""
    parser = argparse.ArgumentParser(prog="launch.py", description="Open APOGEE stars in the inspector.")
    add_arguments(parser)

    def command() -> int:
        run(parser.parse_args(argv))
        return OK

    return guarded(command, "launch.py")
