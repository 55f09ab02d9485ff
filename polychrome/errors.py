"""The one exception that a person caused and a person can mend."""


class InputError(ValueError):
    """A file, folder, option or array from outside is not usable.

    The message is one line for people: it names the file or option, says what was wrong and what
    would be right. Command lines print it without a traceback and exit with a non-zero status.
    """
