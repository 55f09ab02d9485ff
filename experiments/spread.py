"""Command that grades the spread of a colorizer: does it know where the colors are wrong?

    python -m experiments.spread PRESET --data folder --data-dir PATH [--out DIR]

Writes `spread.json` and `spread.png`. The pixels of each test image that is not gray are ranked by
the predicted spread and, as a rival, by the local contrast of lightness. Graded are the rank
correlation with the true error, and the error of the pixels that are left when those with the
highest rank are left out; see `experiments.studies.spread`.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.study import Study, run_study, study_parser
from polychrome.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser("spread", "Grade whether a colorizer knows where its colors are wrong.")
    return run_study("spread", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.report.figures.spread import draw_spread
    from experiments.report.study_tables import spread_table
    from experiments.studies.spread import grade_spread

    if "spread" not in study.colorizer.card["outputs"]:
        raise InputError(f"{study.options.preset}: this colorizer predicts no spread; tiny does")
    grades = grade_spread(study.colorizer.predict, study.test_images())
    count = len(grades.error.spearman)
    ranked = {
        key: {
            "spearman": float(rank.spearman.mean()),
            "area": float(rank.area.mean()),
            "left": rank.left.mean(axis=0).tolist(),
        }
        for key, rank in grades._asdict().items()
    }
    draw_spread(grades, study.options.out / "spread.png")
    return {"images": count, "ranked_by": ranked}, spread_table(ranked, count)


if __name__ == "__main__":
    sys.exit(main())
