"""The command ``inspector``: many stars at once, or one in the browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from inspector import __version__
from inspector.commands import batch, cache, fetch, serve, verdicts
from inspector.terminal import INTERRUPTED, OK, REFUSED, SOME_FAILED, Stop, guarded

__all__ = ["INTERRUPTED", "OK", "REFUSED", "SOME_FAILED", "Stop", "main"]

_COMMANDS = (batch, serve, fetch, cache, verdicts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        ``sys.argv`` without the program if None.

    Returns
    -------
    int
        Exit code.
    """

    def command() -> int:
        options = parser().parse_args(arguments)
        return int(options.run(options))

    return guarded(command)


def parser() -> argparse.ArgumentParser:
    """What the command understands."""
    inspector = argparse.ArgumentParser(prog="inspector", description="Look into AstroNN's answer for an APOGEE star.")
    inspector.add_argument("--version", action="version", version=f"inspector {__version__}")
    commands = inspector.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return inspector


if __name__ == "__main__":
    sys.exit(main())
