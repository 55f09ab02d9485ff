"""The picture at the top of README: photographs gray, colorized, and true.

    python -m experiments.pictures.showcase [photo] [--vivid 0] [--out docs/showcase.png]

The photographs come with scikit-image: Eileen Collins (NASA, public domain), a cat and a cup of
coffee (both CC0), and a rocket (SpaceX, public domain). No shipped colorizer was trained on them.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    import polychrome

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")
SIDE = 192


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.pictures.showcase",
        description="Draw four photographs gray, colorized, and true.",
    )
    add = parser.add_argument
    add(
        "source",
        nargs="?",
        default="photo",
        metavar="PRESET",
        help="as for polychrome.load: a name, a preset, or a run (photo)",
    )
    add("--vivid", type=float, default=0.0, metavar="V", help="dial, 0 faithful to 1 vivid (0)")
    add("--out", type=Path, default=Path("docs/showcase.png"), metavar="FILE", help="PNG file")
    parsed = parser.parse_args(arguments)
    return status_of(lambda: _draw(parsed.source, parsed.vivid, parsed.out))


def _draw(source: str, vivid: float, out: Path) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    import numpy as np

    import polychrome
    from experiments.report.figures.drawing import draw_grid

    colorizer = polychrome.load(source)
    name = colorizer.card["name"]
    if vivid:
        if "vivid_ab" not in colorizer.card["outputs"]:
            raise InputError(f"--vivid {vivid:g}: {name} has no dial; leave it out")
        name += f", vivid {vivid:g}"
    rows = pictures(colorizer, vivid)
    columns = dict(zip(PHOTOGRAPHS, np.stack(list(rows.values()), axis=1), strict=True))
    draw_grid(columns, out, ["gray", name, "truth"])
    print(out)


def pictures(colorizer: "polychrome.Colorizer", vivid: float) -> "dict[str, np.ndarray]":
    """The photographs "gray", "colorized" and "truth", each uint8 `[4, SIDE, SIDE, 3]`."""
    import numpy as np
    from skimage import data

    from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8

    truth = np.stack([_square(getattr(data, name)()) for name in PHOTOGRAPHS])
    lab = np.array(rgb_to_lab(truth))
    lab[..., 1:] = 0
    gray = np.asarray(to_uint8(lab_to_rgb(lab)))
    colorized = np.stack(colorizer.colorize(list(gray), vivid=vivid))
    return {"gray": gray, "colorized": colorized, "truth": truth}


def _square(image: "np.ndarray") -> "np.ndarray":
    """The middle of a photograph as a square of `SIDE` pixels."""
    import cv2

    side = min(image.shape[:2])
    top, left = ((length - side) // 2 for length in image.shape[:2])
    middle = image[top : top + side, left : left + side]
    return cv2.resize(middle, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    sys.exit(main())
