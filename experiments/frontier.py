"""Command for the frontier of PSNR and colorfulness of a colorizer with a dial.

    python -m experiments.frontier PRESET --data tiny_imagenet --data-dir PATH [--runs RUN ...]

Writes `frontier.json` and `frontier.png`: the mean over the test images that are not gray, along
the dial from the faithful to the vivid answer, and with the faithful chroma multiplied by a factor
instead; each of the RUNs is a point.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.command_line.study import Study, run_study, study_parser
from experiments.grading.baseline_names import BASELINES
from experiments.report.tables import read_metrics


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser(
        "frontier", "Measure what more color costs, by the dial and by a factor of the chroma."
    )
    parser.add_argument(
        "--runs", nargs="+", type=Path, default=[], metavar="RUN", help="graded runs, as points"
    )
    return run_study("frontier", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.report.frontier_figure import draw_frontier
    from experiments.report.study_tables import frontier_table
    from experiments.studies.frontier import TARGETS, at_colorfulness, measure_frontier

    others = _points(study.options.runs)
    store = study.test_images()
    frontier = measure_frontier(study.colorizer.predict, store)
    compared = {
        way: {target: at_colorfulness(points, target) for target in TARGETS}
        for way, points in frontier._asdict().items()
    }
    draw_frontier(frontier, others, study.options.out / "frontier.png")
    figures = {
        "images": len(store) - store.gray,
        "curves": {
            way: [point._asdict() for point in points] for way, points in frontier._asdict().items()
        },
        "at_colorfulness": {
            way: {str(target): point and point._asdict() for target, point in at_targets.items()}
            for way, at_targets in compared.items()
        },
    }
    return figures, frontier_table(compared)


def _points(runs: Sequence[Path]) -> dict[str, tuple[float, float]]:
    """Label to colorfulness and PSNR on colored images, of the systems in runs, and baselines."""
    found = {}
    for run in runs:
        for row in read_metrics(run)["rows"]:
            values = [row["values"].get(key, {}) for key in ("colorfulness", "psnr_colored")]
            means = [value.get("mean") for value in values]
            if row["kind"] != "reported" and None not in means:
                # A baseline has other decimals in each run's label.
                name = row["kind"].replace("_", " ") if row["kind"] in BASELINES else row["label"]
                found.setdefault(name, tuple(means))
    return found


if __name__ == "__main__":
    sys.exit(main())
