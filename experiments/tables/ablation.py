"""The table of an ablation (`experiments.ablation`), from the records of its runs.

    python -m experiments.tables.ablation DIR [--keep KEPT] [--readme FILE]

prints the tables at equal images and at equal CPU time of the records in DIR, which is `records` in
the folder of an ablation; with ``--keep`` it also copies the records to KEPT, and with ``--readme``
it replaces the text in that file between the lines ``<!-- ablation:begin -->`` and
``<!-- ablation:end -->``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.process.quiet import import_tensorflow
from experiments.report.readme_block import publish

BEGIN, END = "<!-- ablation:begin -->", "<!-- ablation:end -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.ablation",
        description="Print the tables of an ablation from its records.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="holds the records")
    parser.add_argument("--keep", type=Path, metavar="KEPT", help="also copy the records there")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="also rewrite its block")
    options = parser.parse_args(arguments)

    def table() -> str:
        # Imported late: the variants import TensorFlow, which takes seconds; --help should not.
        import_tensorflow()
        from experiments.variants import records
        from experiments.variants.table import markdown

        found = records.read(options.folder)
        if options.keep is not None:
            records.write(options.keep, found)
        return markdown(found)

    return publish(table, options.readme, BEGIN, END)


if __name__ == "__main__":
    sys.exit(main())
