"""Command-line options in errors from lower layers, which name parameters instead."""

import contextlib
from collections.abc import Iterator, Mapping

from polychrome.errors import InputError

# `InputError.settings` to options of `python -m experiments.run`.
RUN_OPTIONS = {
    "source": "--data",
    "data_dir": "--data-dir",
    "download": "--download",
    "precision": "--precision",
    "learning_rate": "--learning-rate",
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
