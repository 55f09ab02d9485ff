"""The one exception that a person caused and a person can mend."""

from collections.abc import Iterable


class InputError(ValueError):
    """A file, folder, option or array from outside is not usable.

    The message is one line for people: it names the file or setting, says what was wrong and what
    would be right. Command lines print it without a traceback and exit with a non-zero status.

    Attributes:
        settings: what is wrong or would help, as functions call it ("data_dir"). The message itself
            names no options of a command line, which knows what its own are called and adds them.
    """

    def __init__(self, message: str, settings: Iterable[str] = ()):
        super().__init__(message)
        self.settings = tuple(settings)
