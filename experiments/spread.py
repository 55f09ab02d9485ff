"""Command that grades the spread of a colorizer: does it know where the colors are wrong?

    python -m experiments.spread PRESET --data folder --data-dir PATH [--out DIR]

Writes `spread.json` and `spread.png`. The pixels of each test image that is not gray are ranked by
the predicted spread and, as a rival, by the local contrast of lightness. Graded are the rank
correlation with the true error, and the error of the pixels that are left when those with the
highest rank are left out; see `experiments.studies.spread`.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.parser import image_side, positive
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import write_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(arguments)
    command = shlex.join(["python", "-m", "experiments.spread", *arguments])
    return status_of(lambda: _measure(parsed, command))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.spread",
        description="Grade whether a colorizer knows where its colors are wrong.",
    )
    add = parser.add_argument
    add("source", metavar="PRESET", help="as for polychrome.load: a name, a preset, or a run")
    add("--data", default="sample", metavar="SOURCE", help="as --data of experiments.run")
    add("--data-dir", type=Path, metavar="PATH", help="zip or folder that holds the data")
    add("--limit", type=positive, metavar="N", help="at most N test images, at even distances")
    add("--image-size", type=image_side, metavar="N", help="side in pixels (the preset's)")
    add("--out", type=Path, default=Path("spread"), metavar="DIR", help="folder (spread)")
    return parser


def _measure(parsed: argparse.Namespace, command: str) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    import polychrome
    from experiments.report.spread_figure import draw_spread
    from experiments.report.study_tables import spread_table
    from experiments.studies.spread import grade_spread
    from tf_data.sources.source import open_source
    from tf_data.store import load_store

    colorizer = polychrome.load(parsed.source)
    if "spread" not in colorizer.card["outputs"]:
        raise InputError(f"{parsed.source}: this colorizer predicts no spread; tiny does")
    with option_hints(RUN_OPTIONS):
        source = open_source(parsed.data, parsed.data_dir)
    size = parsed.image_size or colorizer.card["image_size"]
    store = load_store(source.splits["test"], size, label="test", limit=parsed.limit)
    grades = grade_spread(colorizer.predict, store)
    count = len(grades.error.spearman)
    if not count:
        raise InputError(f"--data {parsed.data}: none of the {len(store)} test images has color")
    ranked = {
        key: {
            "spearman": float(rank.spearman.mean()),
            "area": float(rank.area.mean()),
            "left": rank.left.mean(axis=0).tolist(),
        }
        for key, rank in grades._asdict().items()
    }
    parsed.out.mkdir(parents=True, exist_ok=True)
    record = {
        "command": command,
        "name": colorizer.card["name"],
        "data": parsed.data,
        "image_size": size,
        "images": count,
        "ranked_by": ranked,
    }
    write_json(parsed.out / "spread.json", record)
    draw_spread(grades, parsed.out / "spread.png")
    print(spread_table(ranked, count))
    print(parsed.out / "spread.json")


if __name__ == "__main__":
    sys.exit(main())
