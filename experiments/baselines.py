"""Command that measures and grades the trivial baselines of a data set, without any system.

    python -m experiments.baselines tiny_imagenet --data-dir PATH --out DIR

Every run grades them too. Their own record in DIR, `metrics.json`, adds their rows to tables
(`experiments.tables.results`) of runs that were graded before a baseline existed.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.folders import new_folder
from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.numbers import image_side, positive
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import write_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(arguments)
    folder = parsed.out or new_folder(f"baselines-{parsed.source}")
    command = shlex.join(["python", "-m", "experiments.baselines", *arguments])
    return status_of(lambda: _grade(parsed, folder, command))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.baselines",
        description="Grade do nothing, mean color and best constant on a data set's test images.",
    )
    add = parser.add_argument
    add("source", metavar="SOURCE", help="sample, tiny_imagenet, folder, ... as --data of a run")
    add("--data-dir", type=Path, metavar="PATH", help="zip or folder that holds the data")
    add("--download", action="store_true", help="fetch the data if they are not found")
    add("--limit", type=positive, metavar="N", help="at most N images of each split")
    add("--image-size", type=image_side, metavar="N", help="side in pixels (the source's, or 256)")
    add("--split", choices=("test", "validation"), default="test", help="graded images (test)")
    add("--superpixels", action="store_true", help="also by UCI's protocol, which takes minutes")
    add("--out", type=Path, metavar="DIR", help="new folder (runs/baselines-SOURCE-TIME)")
    return parser


def _grade(parsed: argparse.Namespace, folder: Path, command: str) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    from experiments.grading.baselines import measure_baselines
    from experiments.grading.scores import grade_systems
    from experiments.process.environment import environment
    from experiments.report.against_baselines import strongest
    from experiments.report.tables import text_table
    from tf_data.sources.source import open_source
    from tf_data.store import load_store
    from tf_data.superpixels.segmentation import Superpixels

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"--out {folder}: exists already; name a new folder")
    with option_hints(RUN_OPTIONS | {"source": "SOURCE"}):
        source = open_source(parsed.source, parsed.data_dir, parsed.download)
    size = parsed.image_size or source.image_size or 256
    train, graded = (
        load_store(split, size, label=name, limit=parsed.limit)
        for name, split in (
            ("train", source.splits["train"]),
            (parsed.split, source.splits[parsed.split].with_gray()),
        )
    )
    for name, reason in train.skipped + graded.skipped:
        print(f"skipped {name}: {reason}", file=sys.stderr)
    if train.left_out:
        print(f"{len(train.left_out)} gray training images left out", file=sys.stderr)
    baselines = measure_baselines(train)
    train.close()
    superpixels = Superpixels.uci(size) if parsed.superpixels else None
    scores = grade_systems(baselines.systems(), graded, superpixels=superpixels)
    metrics = {
        "command": command,
        "source": parsed.source,
        "image_size": size,
        "metrics": scores.described(),
        "rows": baselines.rows(scores.table()),
        "images": {
            "graded": len(graded),
            "split": parsed.split,
            "gray": graded.gray,
            "train": baselines.images,
        },
        "baselines": baselines.record(),
    }
    metrics["verdict"] = strongest(metrics)
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "environment.json", environment())
    print(f"{text_table(metrics)}\n\n{metrics['verdict']}\n{folder / 'metrics.json'}")


if __name__ == "__main__":
    sys.exit(main())
