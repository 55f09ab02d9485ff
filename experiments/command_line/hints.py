"""Command-line options in errors from lower layers, which name parameters instead."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping

from experiments.command_line.options import Options, option
from polychrome.errors import InputError

# `InputError.settings` to options of `python -m experiments.run`.
RUN_OPTIONS = {
    **{field.name: option(field.name) for field in dataclasses.fields(Options)},
    "source": option("data"),
    "download": option("download"),
    "saved_models": option("saved_models"),
}


@contextlib.contextmanager
def option_hints(options: Mapping[str, str] = RUN_OPTIONS) -> Iterator[None]:
    """Add the command's options to the message of an `InputError` raised in the block.

    Args:
        options: setting to option; settings without an option are left out.
    """
    try:
        yield
    except InputError as error:
        named = [options[setting] for setting in error.settings if setting in options]
        if named:
            # In place, to keep the error's class and traceback.
            error.args = (f"{error} (see {', '.join(named)})",)
            error.settings = ()
        raise
