"""Command that asks what hints are worth, and whether a colorizer asks at the right places.

    python -m experiments.hints PRESET --data folder --data-dir PATH [--all] [--out DIR]

Writes `hints.json` and `hints.png`: PSNR with 1 to 20 true hints at random places, on a grid, and
where the colorizer asks, and how far a hint leaks across strong edges; see
`experiments.studies.hints`.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.study import Study, add_all, run_study, study_parser

# Little below the size of most photographs that are held out.
_SIDE = 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser("hints", "Measure what hints are worth on photographs.", _SIDE)
    add_all(parser)
    return run_study("hints", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.report.figures.hints import draw_hints
    from experiments.report.study_tables import hints_table
    from experiments.studies.hints import measure_hints

    seen = study.colorizer.card["image_size"]
    colorizer = study.colorizer
    figures = measure_hints(study.photographs(), seen, colorizer.predict, colorizer.painted)
    draw_hints(figures["gain"], study.options.out / "hints.png")
    return {"seen": seen, **figures}, hints_table(figures)


if __name__ == "__main__":
    sys.exit(main())
