"""One Markdown table out of the folders of several runs.

    python -m experiments.results_table RUN [RUN ...] [--readme README.md]

prints the table; with ``--readme`` it also replaces what stands in that file between the lines
``<!-- results:begin -->`` and ``<!-- results:end -->``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.tables import combine, markdown_table, read_metrics
from polychrome.errors import InputError
from polychrome.files import replacing

BEGIN = "<!-- results:begin -->"
END = "<!-- results:end -->"


def replace_block(text: str, table: str) -> str:
    """`text` with `table` between its two markers. Raises InputError without exactly one pair."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise InputError(f"needs the line {BEGIN} once and, after it, the line {END} once")
    newline = "\r\n" if "\r\n" in text else "\n"
    block = newline.join(["", *table.splitlines(), ""])
    return f"{before}{BEGIN}{block}{END}{after}"


def rewrite(readme: Path, table: str) -> None:
    """Put `table` into the results block of `readme`, atomically. Raises InputError."""
    path = readme.resolve()  # a link stays a link
    try:
        text = replace_block(path.read_bytes().decode("utf-8"), table)
        with replacing(path) as temporary:
            temporary.write_bytes(text.encode("utf-8"))  # as bytes: line ends stay as they are
    except InputError as error:
        raise InputError(f"{readme}: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{readme}: is not UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{readme}: cannot be rewritten ({error.strerror or error})") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0, or 2 after one line on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.results_table",
        description="Print the results of runs as one Markdown table.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path, help="folder of a graded run")
    parser.add_argument(
        "--readme", type=Path, help=f"also rewrite this file between {BEGIN} and {END}"
    )
    options = parser.parse_args(arguments)
    try:
        metrics = [read_metrics(run) for run in options.runs]
        table = markdown_table(combine(metrics, [str(run) for run in options.runs]))
        print(table)
        if options.readme:
            rewrite(options.readme, table)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
