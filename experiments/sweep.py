"""Grid search: one run per combination of options, and a table of their grades.

    python -m experiments.sweep vgg16_regression --grid learning-rate=1e-3,1e-4 batch-size=16,64 \\
        --out sweeps/vgg16 -- --data linnaeus5/berry --data-dir PATH

The Linköping report suggests one (section 4.4.2). To resume, run the same command again: finished
runs are skipped, and a stopped run continues.
"""

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.series import split_at_dashes
from polychrome.command import status_of
from polychrome.errors import InputError

# Options of `experiments.run` that a grid may vary.
# The size of the images may not: runs of two sizes have no table in common.
VARIED = ("learning-rate", "batch-size", "epochs", "seed", "precision", "patch")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status, that of the first failed run if there is one."""
    before, passed = split_at_dashes(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="python -m experiments.sweep",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", metavar="NAME", help="system; see experiments.run --list")
    parser.add_argument(
        "--grid", nargs="+", required=True, metavar="OPTION=VALUE,VALUE", help=", ".join(VARIED)
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for all runs")
    parsed = parser.parse_args(before)
    status = 0

    def work() -> None:
        nonlocal status
        grid = dict(map(_axis, parsed.grid))
        finished: dict[Path, dict[str, str]] = {}
        for values in itertools.product(*grid.values()):
            chosen = dict(zip(grid, values, strict=True))
            folder = parsed.out / "-".join(f"{key}={value}" for key, value in chosen.items())
            status = _run(parsed.recipe, chosen, folder, passed)
            if status:
                return
            finished[folder] = chosen
        _tabulate(finished, parsed.out / "results.md")

    return status_of(work) or status


def _axis(text: str) -> tuple[str, list[str]]:
    name, _, values = text.partition("=")
    if name not in VARIED or not all(values.split(",")):
        raise InputError(
            f"--grid {text}: should be OPTION=VALUE,VALUE with one of {', '.join(VARIED)}"
        )
    return name, values.split(",")


def _run(recipe: str, chosen: dict[str, str], folder: Path, passed: list[str]) -> int:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.run import main as run

    if (folder / "report.html").exists():
        print(f"done already    {folder}")
        return 0
    resume = ["--resume"] if (folder / "recipe.json").exists() else []
    options = [word for key, value in chosen.items() for word in (f"--{key}", value)]
    return run([recipe, *options, "--out", str(folder), *resume, *passed])


def _tabulate(finished: dict[Path, dict[str, str]], path: Path) -> None:
    """Write the table of all runs, with rows named after the varied options."""
    from experiments.report.tables import combine, markdown_table, read_metrics
    from polychrome.files import write_text

    runs = []
    for folder, chosen in finished.items():
        named = ", ".join(f"{key.replace('-', ' ')} {value}" for key, value in chosen.items())
        metrics = read_metrics(folder)
        for row in metrics["rows"]:
            if row["kind"] == "ours":
                row["label"] = f"{row['label']}, {named}"
        runs.append(metrics)
    combined = combine(runs, list(map(str, finished)))
    table = f"{markdown_table(combined)}\n\n{combined['verdict']}"
    write_text(path, table + "\n")
    print(f"{table}\n{path}")


if __name__ == "__main__":
    sys.exit(main())
