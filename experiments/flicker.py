"""Command that measures how colors flicker in films, frame by frame and as films are colorized.

    python -m experiments.flicker PRESET --data folder --data-dir PATH [--all] [--out DIR]

Writes `flicker.json`: for clips of known motion made of color photographs, the warping error, CDC,
PSNR and colorfulness; see `experiments.studies.flicker`. And `flicker.jpg`: the clip that flickers
most frame by frame, above, and as films are colorized, below.
"""

import sys
from collections.abc import Sequence
from typing import Any

from experiments.command_line.numbers import number
from experiments.command_line.study import Study, add_all, run_study, study_parser

# Little below the size of BSDS500's photographs, 321 x 481.
_SIDE = 320


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = study_parser("flicker", "Measure the flicker of colors in clips of motion.", _SIDE)
    add_all(parser)
    parser.add_argument(
        "--grain",
        type=number(0, 255, "0 to 255"),
        default=0.0,
        metavar="S",
        help="of film, in levels of 255 (0)",
    )
    return run_study("flicker", parser, _measure, arguments)


def _measure(study: Study) -> tuple[dict[str, Any], str]:
    # Imported late: TensorFlow takes seconds, --help should not.
    from PIL import Image

    from experiments.report.study_tables import flicker_table
    from experiments.studies.flicker import measure_flicker, side_by_side

    seen, grain = study.colorizer.card["image_size"], study.options.grain
    figures, worst = measure_flicker(study.photographs(), seen, study.colorizer.predict, grain)
    study.options.out.mkdir(parents=True, exist_ok=True)
    Image.fromarray(side_by_side(worst)).save(study.options.out / "flicker.jpg", quality=90)
    return {"seen": seen, "grain": grain, **figures}, flicker_table(figures)


if __name__ == "__main__":
    sys.exit(main())
