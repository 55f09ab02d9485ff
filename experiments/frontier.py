"""Command for the frontier of PSNR and colorfulness of a colorizer with a dial.

    python -m experiments.frontier PRESET --data tiny_imagenet --data-dir PATH [--runs RUN ...]
    python -m experiments.frontier FRONTIER.json [--runs RUN ...]

Writes `frontier.json` and `frontier.png`: the mean over the test images that are not gray, along
the dial from the faithful to the vivid answer, and with the faithful chroma multiplied by a factor
instead; each row of the RUNs that is of another system is a point. With what an earlier
measurement wrote nothing is measured: its curves are compared and drawn again.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.command_line.study import Study, run_study, study_parser
from experiments.grading.baseline_names import BASELINES
from experiments.report.tables import read_metrics
from experiments.studies.curves import Frontier, Point, at_colorfulness, targets
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import read_json, write_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser(
        "frontier", "Measure what more color costs, by the dial and by a factor of the chroma."
    )
    parser.add_argument(
        "--runs", nargs="+", type=Path, default=[], metavar="RUN", help="graded runs, as points"
    )
    options = parser.parse_args(arguments)
    if Path(options.preset).suffix == ".json":
        return status_of(lambda: _draw_again(Path(options.preset), options.runs, options.out))
    return run_study("frontier", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.studies.frontier import measure_frontier

    others = _points(study.options.runs, study.colorizer.card["name"])
    store = study.test_images()
    frontier = measure_frontier(study.colorizer.predict, store)
    compared, table = _compare_and_draw(frontier, others, study.options.out)
    figures = {
        "images": len(store) - store.gray,
        "curves": {
            way: [point._asdict() for point in points] for way, points in frontier._asdict().items()
        },
        "at_colorfulness": compared,
    }
    return figures, table


def _draw_again(path: Path, runs: Sequence[Path], out: Path) -> None:
    record = read_json(path)
    if not isinstance(record, dict) or "curves" not in record:
        raise InputError(f"{path}: should be a frontier.json of this command")
    others = _points(runs, record["name"])
    curves = {
        way: tuple(Point(**point) for point in points) for way, points in record["curves"].items()
    }
    compared, table = _compare_and_draw(Frontier(**curves), others, out)
    write_json(out / "frontier.json", record | {"at_colorfulness": compared})
    print(f"{table}\n{out / 'frontier.json'}")


def _compare_and_draw(
    frontier: Frontier, others: Mapping[str, tuple[float, float]], out: Path
) -> tuple[dict[str, dict], str]:
    """Both ways at equal colorfulness, as JSON values and as a table."""
    from experiments.report.figures.frontier import draw_frontier
    from experiments.report.study_tables import frontier_table

    draw_frontier(frontier, others, out / "frontier.png")
    compared: dict[str, dict] = {
        way: {
            str(target): (point := at_colorfulness(points, target)) and point._asdict()
            for target in targets(frontier)
        }
        for way, points in frontier._asdict().items()
    }
    return compared, frontier_table(compared)


def _points(runs: Sequence[Path], name: str) -> dict[str, tuple[float, float]]:
    """Label to colorfulness and PSNR on colored images, of the systems in runs, and baselines.

    Rows of the system `name` are left out: it has the curves. The runs' names tell systems of one
    label apart.
    """
    found: dict[str, tuple[float, float]] = {}
    for run in runs:
        for row in read_metrics(run)["rows"]:
            values = [row["values"].get(key, {}) for key in ("colorfulness", "psnr_colored")]
            colorfulness, psnr = (value.get("mean") for value in values)
            if row["kind"] == "reported" or row["system"] == name or None in (colorfulness, psnr):
                continue
            if row["kind"] in BASELINES:
                # A baseline has other decimals in each run's label.
                found.setdefault(row["kind"].replace("_", " "), (colorfulness, psnr))
            else:
                label = row["label"]
                if found.get(label, (colorfulness, psnr)) != (colorfulness, psnr):
                    label = f"{label} ({run.name})"
                found[label] = (colorfulness, psnr)
    return found


if __name__ == "__main__":
    sys.exit(main())
