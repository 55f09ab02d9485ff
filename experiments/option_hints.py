"""Options of a command in errors from below, which know settings by the names of parameters."""

import contextlib
from collections.abc import Iterator, Mapping

from polychrome.errors import InputError

# `InputError.settings` to the options of `python -m experiments.run`.
RUN_OPTIONS = {
    "source": "--data",
    "data_dir": "--data-dir",
    "download": "--download",
    "precision": "--precision",
    "learning_rate": "--learning-rate",
}


@contextlib.contextmanager
def option_hints(options: Mapping[str, str] = RUN_OPTIONS) -> Iterator[None]:
    """Add the command's options to what an `InputError` in the block says.

    Args:
        options: setting to option; a setting that the command has no option for is left out.
    """
    try:
        yield
    except InputError as error:
        named = [options[setting] for setting in error.settings if setting in options]
        if named:
            # In place, so that it stays the same kind of error, raised in the same place.
            error.args = (f"{error} (see {', '.join(named)})",)
            error.settings = ()
        raise
