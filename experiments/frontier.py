"""Command for the frontier of PSNR and colorfulness of a colorizer with a dial.

    python -m experiments.frontier PRESET --data tiny_imagenet --data-dir PATH [--runs RUN ...]

Writes `frontier.json` and `frontier.png`: the mean over the test images that are not gray, along
the dial from the faithful to the vivid answer, and with the faithful chroma multiplied by a factor
instead; each of the RUNs is a point.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.parser import positive
from experiments.process.quiet import import_tensorflow
from experiments.report.tables import read_metrics
from polychrome.command import status_of
from polychrome.files import write_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(arguments)
    command = shlex.join(["python", "-m", "experiments.frontier", *arguments])
    return status_of(lambda: _measure(parsed, command))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.frontier",
        description="Measure what more color costs, by the dial and by a factor of the chroma.",
    )
    add = parser.add_argument
    add("source", metavar="PRESET", help="as for polychrome.load: a name, a preset, or a run")
    add("--data", default="sample", metavar="SOURCE", help="as --data of experiments.run")
    add("--data-dir", type=Path, metavar="PATH", help="zip or folder that holds the data")
    add("--limit", type=positive, metavar="N", help="at most N test images, evenly spread")
    add("--runs", nargs="+", type=Path, default=[], metavar="RUN", help="graded runs, as points")
    add("--out", type=Path, default=Path("frontier"), metavar="DIR", help="folder (frontier)")
    return parser


def _measure(parsed: argparse.Namespace, command: str) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    import polychrome
    from experiments.report.frontier_figure import draw_frontier
    from experiments.report.study_tables import frontier_table
    from experiments.studies.frontier import TARGETS, at_colorfulness, measure_frontier
    from tf_data.sources.source import open_source
    from tf_data.store import load_store

    colorizer = polychrome.load(parsed.source)
    with option_hints(RUN_OPTIONS):
        source = open_source(parsed.data, parsed.data_dir)
    others = _points(parsed.runs)
    size = colorizer.card["image_size"]
    store = load_store(source.splits["test"], size, label="test", limit=parsed.limit)
    frontier = measure_frontier(colorizer.predict, store)
    compared = {
        way: {target: at_colorfulness(points, target) for target in TARGETS}
        for way, points in frontier._asdict().items()
    }
    parsed.out.mkdir(parents=True, exist_ok=True)
    write_json(
        parsed.out / "frontier.json",
        {
            "command": command,
            "name": colorizer.card["name"],
            "data": parsed.data,
            "images": len(store) - store.gray,
            "image_size": size,
            "curves": {
                way: [point._asdict() for point in points]
                for way, points in frontier._asdict().items()
            },
            "at_colorfulness": {
                way: {
                    str(target): point and point._asdict() for target, point in at_targets.items()
                }
                for way, at_targets in compared.items()
            },
        },
    )
    draw_frontier(frontier, others, parsed.out / "frontier.png")
    print(frontier_table(compared))
    print(parsed.out / "frontier.json")


def _points(runs: Sequence[Path]) -> dict[str, tuple[float, float]]:
    """Label to colorfulness and PSNR on colored images, of the systems in runs, and baselines."""
    found = {}
    for run in runs:
        for row in read_metrics(run)["rows"]:
            values = [row["values"].get(key, {}) for key in ("colorfulness", "psnr_colored")]
            means = [value.get("mean") for value in values]
            if row["kind"] != "reported" and None not in means:
                found[row["label"]] = tuple(means)
    return found


if __name__ == "__main__":
    sys.exit(main())
