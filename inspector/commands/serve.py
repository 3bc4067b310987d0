"""``inspector serve``: the page."""

from __future__ import annotations

import argparse

from inspector.terminal import OK

_HELP = """\
Open stars in the browser: spectra, censor windows, live posteriors, errors, flags.

Give FITS files or folders; without any, the bundled stars are opened."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``inspector serve``."""
    from inspector.web.server.command import add_arguments

    parser = commands.add_parser(
        "serve",
        help="open stars in the browser",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_serve)
    add_arguments(parser)


def _serve(options: argparse.Namespace) -> int:
    from inspector.web.server.command import run

    run(options)
    return OK
