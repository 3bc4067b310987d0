"""``python -m weights COMMAND``: train, ship, calibrate, describe and test the demonstration weights."""

from __future__ import annotations

import argparse

from weights.training import model_spectrum, ship, train
from weights.validation import calibrate, card, fixtures

COMMANDS = {
    "train": (train, "train the network in two stages (about two hours on two cores)"),
    "ship": (ship, "turn a finished run into the file that ships"),
    "calibrate": (calibrate, "fit the noise model of the shipped weights"),
    "model": (model_spectrum, "train the model spectrum (about three minutes)"),
    "fixtures": (fixtures, "write what the tests of the shipped weights carry"),
    "card": (card, "reprint the model card's tables and figures"),
}


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="python -m weights", description="Make and judge the demonstration weights.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what.capitalize() + ".")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
