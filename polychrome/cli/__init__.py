"""`polychrome`, the command: every subcommand is a module here, imported light."""

import argparse
from collections.abc import Sequence

from polychrome import __version__
from polychrome.cli import colorize, models
from polychrome.cli.names import printable
from polychrome.cli.parsing import Parser, UsageError
from polychrome.command import open_standard_streams, say, status_of
from polychrome.errors import InputError

# Each adds its subcommands and sets their `run`: parsed options to an exit status, None for 0.
COMMANDS = (colorize.add_commands, models.add_commands)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: None: of this process.

    Returns:
        The exit status: 0 (done), 1 (something failed), or 130 (interrupted), or 2 for options that
        contradict each other. Otherwise wrong usage exits with 2.
    """
    open_standard_streams()
    options = _parser().parse_args(arguments)
    status = 0

    def work() -> None:
        nonlocal status
        try:
            status = options.run(options) or 0
        except UsageError as error:
            say(f"error: {printable(str(error))}")
            status = 2
        except InputError as error:  # It may quote any name of a file.
            raise InputError(printable(str(error))) from error

    return status_of(work) or status


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="polychrome", description="Color for black-and-white photographs.")
    parser.add_argument("--version", action="version", version=f"polychrome {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for add_commands in COMMANDS:
        add_commands(subparsers)
    return parser
