"""Command that trains variants of `tiny` on few images, to see what each change is worth.

    python -m experiments.ablation --out DIR -- --data tiny_imagenet --data-dir PATH
    python -m experiments.ablation --out DIR --equal cpu -- --data tiny_imagenet --data-dir PATH

The first trains all variants on equally many images, the second for as much process CPU time as the
base took for that. What follows "--" are options of experiments.run. Stopped with Ctrl-C, the same
command goes on. Records of the finished runs are in DIR/records, for `experiments.tables.ablation`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.numbers import positive
from experiments.command_line.series import check_passed, split_at_dashes
from experiments.process.quiet import import_tensorflow
from polychrome.command import INTERRUPTED, status_of

_FAIR = ("images", "cpu")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    own, passed = split_at_dashes(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="python -m experiments.ablation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="variants; see --list (all)")
    add("--list", action="store_true", help="list the variants and exit")
    add("--out", type=Path, metavar="DIR", help="folder of all runs")
    add("--seeds", type=positive, default=3, metavar="N", help="runs of each variant (3)")
    add("--images", type=positive, default=40_000, metavar="N", help="images a run sees (40000)")
    add("--equal", choices=_FAIR, default="images", help="what all runs have in common (images)")
    parsed = parser.parse_args(own)
    if not parsed.list and parsed.out is None:
        parser.error("name a folder with --out, or see --list")

    def work() -> None:
        check_passed(passed)
        # Imported late: TensorFlow takes seconds, --help should not.
        import_tensorflow()
        from experiments.variants.of_tiny import VARIANTS
        from experiments.variants.running import chosen, run_variants

        if parsed.list:
            for name, variant in VARIANTS.items():
                print(f"{name:16} {variant.group}: {variant.says}")
            return
        run_variants(
            chosen(parsed.names),
            parsed.out,
            seeds=parsed.seeds,
            images=parsed.images,
            equal=parsed.equal,
            arguments=passed,
        )

    status = status_of(work)
    if status == INTERRUPTED:
        print("finished runs and epochs are kept; the same command goes on", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
