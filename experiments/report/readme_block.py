"""A generated block of a Markdown file, between two lines that mark it."""

from collections.abc import Callable
from pathlib import Path

from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import replacing


def publish(make: Callable[[], str], readme: Path | None, begin: str, end: str) -> int:
    """Print what `make` gives, and put it between the markers of `readme`, if any.

    Returns:
        The exit status: `polychrome.command.status_of`.
    """

    def work() -> None:
        block = make()
        print(block)
        if readme is not None:
            rewrite(readme, block, begin, end)

    return status_of(work)


def replace_block(text: str, block: str, begin: str, end: str) -> str:
    """`text` with `block` between its two markers. Raises InputError without exactly one pair."""
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end or begin in rest or end in before + after:
        raise InputError(f"needs the line {begin} once and, after it, the line {end} once")
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = newline.join(["", *block.splitlines(), ""])
    return f"{before}{begin}{lines}{end}{after}"


def rewrite(readme: Path, block: str, begin: str, end: str) -> None:
    """Put `block` between the markers of `readme`, atomically. Raises InputError."""
    path = readme.resolve()  # a link stays a link
    try:
        text = replace_block(path.read_bytes().decode("utf-8"), block, begin, end)
        with replacing(path) as temporary:
            temporary.write_bytes(text.encode("utf-8"))  # as bytes: line ends stay as they are
    except InputError as error:
        raise InputError(f"{readme}: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{readme}: is not UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{readme}: cannot be rewritten ({error.strerror or error})") from error
