"""The picture at the top of README: photographs in gray, colorized by a run, and true.

    python -m experiments.showcase RUN [--out docs/showcase.png]

The photographs come with scikit-image: Eileen Collins (NASA, public domain), a cat and a cup of
coffee (both CC0). No run here was trained on them, unless its data set was the embedded sample.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of

_SIDE = 176


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m experiments.showcase", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run with its weights")
    parser.add_argument("--out", type=Path, default=Path("docs/showcase.png"), metavar="FILE")
    parsed = parser.parse_args(arguments)
    return status_of(lambda: _draw(parsed.run, parsed.out))


def _draw(run: Path, out: Path) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    import cv2
    import numpy as np
    from skimage import data

    from experiments.report.drawing import draw_grid
    from experiments.stages.reload import load_trained
    from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
    from polychrome.inference.colorizer import Colorizer
    from polychrome.inference.runtimes import NetworkRuntime

    plan, networks = load_trained(run)
    network = plan.assembled([network for _, network in networks])
    colorizer = Colorizer(NetworkRuntime(network, plan.recipe.scaling, plan.image_size))
    photographs = np.stack(
        [_square(image, cv2) for image in (data.astronaut(), data.chelsea(), data.coffee())]
    )
    lab = np.asarray(rgb_to_lab(photographs))
    lab[..., 1:] = 0
    gray = np.asarray(to_uint8(lab_to_rgb(lab)))
    colored = np.stack(colorizer.colorize(list(gray)))
    draw_grid({"gray": gray, plan.recipe.label: colored, "truth": photographs}, out)
    print(out)


def _square(image, cv2):
    """The middle of a photograph as a square of `_SIDE` pixels."""
    side = min(image.shape[:2])
    top, left = ((length - side) // 2 for length in image.shape[:2])
    middle = image[top : top + side, left : left + side]
    return cv2.resize(middle, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    sys.exit(main())
