"""Command that asks whether a colorizer's colors help a classifier.

    python -m experiments.top1 PRESET --data folder --data-dir PATH [--out DIR]

PATH is a collection of `tf_data.photographs`. Its held-out photographs of ImageNet, whose first
names have their class, go to EfficientNet-Lite0 gray, colorized, and as they are; see
`experiments.studies.top1`. Needs the extra `encoder`. Writes `top1.json`.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.study import Study, run_study, study_parser
from polychrome.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    # The classifier was trained on 224x224 pixels.
    parser = study_parser("top1", "Compare a classifier on gray, colorized and true images.", 224)
    return run_study("top1", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.grading.feeding import fed_at
    from experiments.report.study_tables import top1_table
    from experiments.studies.top1 import measure_top1, of_imagenet

    if study.options.data_dir is None:
        raise InputError(
            "the classes of photographs are known of a collection alone", ("data_dir",)
        )
    store = study.test_images(of_imagenet(study.source.splits["test"], study.options.data_dir))
    for name, reason in store.skipped:
        print(f"skipped {name}: {reason}", file=sys.stderr)
    seen = study.colorizer.card["image_size"]
    figures = measure_top1(fed_at(study.colorizer.predict, seen), store)
    return {"fed_at": seen, **figures}, top1_table(figures)


if __name__ == "__main__":
    sys.exit(main())
