"""Command that grades a colorizer on clean, old-looking and shifted photographs, set by set.

    python -m experiments.robustness PRESET --data folder --data-dir PATH --out DIR

Writes `robustness.json`: PSNR beside the trivial baselines; what each degradation of
`tf_data.degradations` costs; how much colors change when the photograph is shifted; how sharp they
are at edges (`experiments.studies.edges`); and their error on skin. Only photographs with color and
of the full size count, and the network sees them at the size that it was made for, as
`polychrome.Colorizer.colorize` feeds photographs. Each is predicted 19 times, so begin with
`--limit 100`.
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

# The baselines' color is that of so many training images of this size, spread evenly.
_TRAIN_IMAGES, _TRAIN_SIDE = 2000, 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(arguments)
    command = shlex.join(["python", "-m", "experiments.robustness", *arguments])
    return status_of(lambda: _measure(parsed, command))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.robustness",
        description="Grade a colorizer on clean, old-looking and shifted photographs.",
    )
    add = parser.add_argument
    add("source", metavar="PRESET", help="as for polychrome.load: a name, a preset, or a run")
    add("--data", default="sample", metavar="SOURCE", help="as --data of experiments.run")
    add("--data-dir", type=Path, metavar="PATH", help="zip or folder that holds the data")
    add("--limit", type=positive, metavar="N", help="at most N test images, evenly spread")
    add("--image-size", type=image_side, default=256, metavar="N", help="side in pixels (256)")
    add("--out", type=Path, default=Path("robustness"), metavar="DIR", help="folder (robustness)")
    return parser


def _measure(parsed: argparse.Namespace, command: str) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    import polychrome
    from experiments.grading.baselines import measure_baselines
    from experiments.grading.feeding import fed_at
    from experiments.report.study_tables import robustness_table
    from experiments.studies.robustness import measure_robustness, set_names, summarize
    from tf_data.sources.sizes import at_least
    from tf_data.sources.source import open_source
    from tf_data.store import load_store

    colorizer = polychrome.load(parsed.source)
    with option_hints(RUN_OPTIONS):
        if parsed.image_size < 32:
            raise InputError(
                f"{parsed.image_size} pixels: colors at edges are compared over 16, so 32 is the "
                "least",
                ("image_size",),
            )
        source = open_source(parsed.data, parsed.data_dir)
        test = at_least(source.splits["test"], parsed.image_size)
    train = load_store(source.splits["train"], _TRAIN_SIDE, label="train", limit=_TRAIN_IMAGES)
    baselines = measure_baselines(train)
    train.close()
    store = load_store(test, parsed.image_size, label="test", limit=parsed.limit)
    for name, reason in store.skipped:
        print(f"skipped {name}: {reason}", file=sys.stderr)
    seen = colorizer.card["image_size"]
    measured = measure_robustness(fed_at(colorizer.predict, seen), store, baselines)
    figures = {"all": summarize(measured)}
    figures |= {name: summarize(measured, rows) for name, rows in set_names(store).items()}
    if figures["all"] is None:
        raise InputError(f"--data {parsed.data}: none of the {len(store)} test images has color")
    record = {
        "command": command,
        "name": colorizer.card["name"],
        "data": parsed.data,
        "image_size": parsed.image_size,
        "fed_at": seen,
        "images": {
            "test": len(source.splits["test"]),
            "large_enough": len(test),
            "graded": int(measured.colored.sum()),
        },
        "baselines": baselines.record(),
        "sets": figures,
    }
    parsed.out.mkdir(parents=True, exist_ok=True)
    write_json(parsed.out / "robustness.json", record)
    print(robustness_table({name: found for name, found in figures.items() if found}))
    print(parsed.out / "robustness.json")


if __name__ == "__main__":
    sys.exit(main())
