"""Command that compares guided with bilinear upsampling of chroma on true photographs.

    python -m experiments.upsampling PRESET --data folder --data-dir PATH [--all] [--out DIR]

Writes `upsampling.json`: CIEDE2000 near strong edges of lightness and elsewhere, of the true chroma
brought down to the network's size and up again, and of the colorizer's; see
`experiments.studies.upsampling`.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.study import Study, add_all, run_study, study_parser
from polychrome.errors import InputError

# Little below the size of BSDS500's photographs, 321 x 481.
_SIDE = 320


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser(
        "upsampling", "Compare guided with bilinear upsampling of chroma on photographs.", _SIDE
    )
    add_all(parser)
    parser.add_argument(
        "--seen", type=int, metavar="N", help="side that the network sees (the preset's)"
    )
    return run_study("upsampling", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from experiments.report.study_tables import upsampling_table
    from experiments.studies.upsampling import measure_upsampling

    seen = study.options.seen or study.colorizer.card["image_size"]
    if study.image_size <= seen:
        raise InputError(
            f"{study.image_size} pixels: nothing is brought up from {seen}", ("image_size",)
        )
    figures = measure_upsampling(study.photographs(), seen, study.colorizer.predict)
    return {"seen": seen, **figures}, upsampling_table(figures)


if __name__ == "__main__":
    sys.exit(main())
