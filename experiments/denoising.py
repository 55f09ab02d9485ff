"""Command that asks whether grainy photographs should be denoised before a colorizer sees them.

    python -m experiments.denoising PRESET --data folder --data-dir PATH [--all] [--out DIR]

Writes `denoising.json`; see `experiments.studies.denoising`.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.study import Study, add_all, run_study, study_parser

# Little below the size of BSDS500's photographs, 321 x 481.
_SIDE = 320


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser(
        "denoising", "Compare colors of grainy photographs with and without denoising.", _SIDE
    )
    add_all(parser)
    return run_study("denoising", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.report.study_tables import denoising_table
    from experiments.studies.denoising import measure_denoising

    seen = study.colorizer.card["image_size"]
    figures = measure_denoising(study.photographs(), seen, study.colorizer.predict)
    return {"seen": seen, **figures}, denoising_table(figures)


if __name__ == "__main__":
    sys.exit(main())
