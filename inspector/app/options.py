"""The options of the server, for ``launch.py`` and ``inspector serve`` alike; imports nothing heavy."""

from __future__ import annotations

import argparse


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of the server."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="file or folder (default: the bundled stars)")
    parser.add_argument("--port", type=int, help="port to listen on (default: a free one)")
    parser.add_argument("--address", default="localhost", help="address to listen on (default: localhost alone)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument("--mc-num", type=int, default=100, metavar="N", help="draws to begin with (default: 100)")
    parser.add_argument("--weights", metavar="PATH", help="checkpoint (default: the bundled weights)")
    parser.add_argument("--noise", metavar="PATH", help="noise model (default: the bundled one)")
    parser.add_argument("--prefix", default="", help="base path behind a proxy")
    parser.add_argument(
        "--allow-websocket-origin", action="append", metavar="HOST", help="origin a proxy serves it under; repeatable"
    )
    parser.add_argument("--num-procs", type=int, default=1, metavar="N", help="server processes (default: 1)")
