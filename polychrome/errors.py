"""The exception for errors that a user can fix."""

from collections.abc import Iterable


class InputError(ValueError):
    """A file, folder, option, or array given by the user is not usable.

    The message is one line that names the file or setting and says what is wrong and what would be
    right. Commands print it without a traceback and exit with a non-zero status.

    Attributes:
        settings: names of the parameters involved, such as "data_dir". Messages don't name
            command-line options; commands add their own.
    """

    def __init__(self, message: str, settings: Iterable[str] = ()):
        super().__init__(message)
        self.settings = tuple(settings)
