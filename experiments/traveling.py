"""Command that measures what hints on one frame are worth in the frames before and after it.

    python -m experiments.traveling PRESET --data folder --data-dir PATH [--all] [--out DIR]

Writes `traveling.json`: for clips of known motion made of color photographs, with ten true hints on
the middle frame, PSNR and distance from the true color by number of frames from there, with hints
and without; see `experiments.studies.traveling`.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.study import Study, add_all, run_study, study_parser

# Little below the size of BSDS500's photographs, 321 x 481.
_SIDE = 320


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser("traveling", "Measure hints that travel through clips.", _SIDE)
    add_all(parser)
    return run_study("traveling", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.report.study_tables import traveling_table
    from experiments.studies.traveling import measure_traveling

    seen = study.colorizer.card["image_size"]
    figures = measure_traveling(study.photographs(), seen, study.colorizer.predict)
    return {"seen": seen, **figures}, traveling_table(figures)


if __name__ == "__main__":
    sys.exit(main())
