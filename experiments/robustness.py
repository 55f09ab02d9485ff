"""Command that grades a colorizer on clean, old-looking and shifted photographs, set by set.

    python -m experiments.robustness PRESET --data folder --data-dir PATH --out DIR

Writes `robustness.json`: PSNR and CIEDE2000 beside the trivial baselines, and colorfulness; what
each degradation of `tf_data.degradations` costs; how much colors change when the photograph is
shifted; how sharp they are at edges (`experiments.studies.edges`); and their error on skin. Only
photographs with color and of the full size count. The network sees them at the size that it was
made for, and its colors are brought to full size, as by `polychrome.Colorizer.colorize`. Each is
predicted 19 times, so begin with `--limit 100`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.command_line.study import Study, run_study, study_parser
from polychrome.errors import InputError

# The baselines' color is that of so many training images of this size, spread evenly.
_TRAIN_IMAGES, _TRAIN_SIDE = 2000, 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser(
        "robustness", "Grade a colorizer on clean, old-looking and shifted photographs.", 256
    )
    parser.add_argument(
        "--set", metavar="NAME", help="photographs of this set of a collection alone"
    )
    parser.add_argument(
        "--baselines",
        type=Path,
        metavar="FILE",
        help="trivial baselines of this JSON file of a run or of this command (those of the "
        "data's training images)",
    )
    return run_study("robustness", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.grading.baselines import Baselines, measure_baselines
    from experiments.grading.feeding import fed_at
    from experiments.report.study_tables import robustness_table
    from experiments.studies.robustness import measure_robustness, set_names, summarize
    from tf_data.sources.collection import of_set
    from tf_data.sources.sizes import at_least
    from tf_data.store import load_store

    size, splits = study.image_size, study.source.splits
    if size < 32:
        raise InputError(
            f"{size} pixels: colors at edges are compared over 16, so 32 is the least",
            ("image_size",),
        )
    only = study.options.set
    graded = splits["test"] if only is None else of_set(splits["test"], only)
    test = at_least(graded, size)
    if study.options.baselines is not None:
        baselines = Baselines.read(study.options.baselines)
    else:
        train = load_store(splits["train"], _TRAIN_SIDE, label="train", limit=_TRAIN_IMAGES)
        baselines = measure_baselines(train)
        train.close()
    store = study.test_images(test)
    for name, reason in store.skipped:
        print(f"skipped {name}: {reason}", file=sys.stderr)
    seen = study.colorizer.card["image_size"]
    fed = fed_at(study.colorizer.predict, seen, "guided")
    measured = measure_robustness(fed, store, baselines)
    found = {only or "all": summarize(measured)}
    found |= {name: summarize(measured, rows) for name, rows in set_names(store).items()}
    figures = {
        "fed_at": seen,
        "upsampling": "guided",
        "images": {
            "test": len(graded),
            "large_enough": len(test),
            "graded": int(measured.colored.sum()),
        },
        "baselines": baselines.record(),
        "sets": found,
    }
    return figures, robustness_table({name: each for name, each in found.items() if each})


if __name__ == "__main__":
    sys.exit(main())
