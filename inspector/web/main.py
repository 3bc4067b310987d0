"""The page for ``panel serve inspector/web/main.py --args [FILE… FOLDER…]``.

Panel's own server answers here, without the gate, the policy and the bounds of ``inspector serve``; a session asked
for under a name that is not served holds nothing.
"""

import sys
from argparse import ArgumentParser

import panel as pn

from inspector.web.server.new_page import new_page
from inspector.web.server.served_names import served_names
from inspector.web.server.server import make_services


def refusal() -> str | None:
    """Why this session's request is not answered: its Host is not one that ``panel serve`` was told of."""
    parser = ArgumentParser(add_help=False)
    parser.add_argument("--port", type=int, default=5006)
    parser.add_argument("--address", default="localhost")
    parser.add_argument("--allow-websocket-origin", action="append", default=[])
    told, _ = parser.parse_known_args(sys.orig_argv)  # sys.argv holds what follows --args
    host = pn.state.headers.get("Host", "") if pn.state.headers else ""
    hosts = host if isinstance(host, list) else [host]
    return served_names(told.address, told.port, told.allow_websocket_origin).refuse(hosts)


if (why := refusal()) is not None:
    pn.pane.Str(why).servable()
else:
    if "inspector" not in pn.state.cache:  # once per process; this file is run again for each session
        pn.state.cache["inspector"] = make_services(sys.argv[1:], local=False)
    new_page(pn.state.cache["inspector"]).servable()
