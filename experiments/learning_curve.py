"""Command that says how many more images a target PSNR would take, from finished runs.

    python -m experiments.learning_curve RUN [RUN ...] [--target 25.0] [--out DIR]

fits a power law to the validation losses at the stable learning rate, and writes
`learning_curve.json` and `learning_curve.png`. For runs that were trained on the log error, such as
those of tiny; kept records are enough.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.files import write_json

if TYPE_CHECKING:  # It imports TensorFlow, which takes seconds; --help should not.
    from experiments.studies.learning_curve import LearningCurve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.learning_curve",
        description="Extrapolate the learning curves of runs to a target PSNR.",
    )
    add = parser.add_argument
    add(
        "runs", metavar="RUN", nargs="+", type=Path, help="folder of a finished run, or its records"
    )
    add("--target", type=float, default=25.0, metavar="DB", help="on colored test images (25.0)")
    add("--out", type=Path, default=Path("learning_curve"), metavar="DIR", help="folder")
    parsed = parser.parse_args(arguments)

    def work() -> None:
        import_tensorflow()
        from experiments.report.figures.learning_curve import draw_learning_curves
        from experiments.studies.learning_curve import learning_curve

        curves = [learning_curve(run) for run in parsed.runs]
        found = [_described(curve, parsed.target) for curve in curves]
        parsed.out.mkdir(parents=True, exist_ok=True)
        write_json(parsed.out / "learning_curve.json", {"target": parsed.target, "runs": found})
        draw_learning_curves(curves, parsed.target, parsed.out / "learning_curve.png")
        for described in found:
            print(in_words(described, parsed.target))
        print(parsed.out / "learning_curve.png")

    return status_of(work)


def _described(curve: "LearningCurve", target: float) -> dict:
    last = float(curve.images[-1])
    return {
        "label": curve.label,
        "psnr": curve.psnr,
        "images": int(last),
        "epochs_fitted": int(curve.stable.sum()),
        "law": {"a": curve.law.a, "b": curve.law.b, "c": curve.law.c},
        "gain_of_doubling": float(curve.psnr_at(curve.law, 2 * last) - curve.psnr),
        "cpu_seconds_per_image": curve.cpu_per_image,
        "needed": curve.extrapolation(target),
    }


def in_words(described: dict, target: float) -> str:
    """One run's extrapolation as a sentence."""
    needed = described["needed"]

    def images(count: float | None) -> str:
        return "never" if count is None else f"{count / 1e6:.3g} million images"

    takes = "would never be reached"
    if needed["best"] is not None:
        hours = needed["best"] * described["cpu_seconds_per_image"] / 3600
        takes = f"would take {images(needed['best'])}, {hours:,.0f} hours of CPU time at this step"
    return (
        f"{described['label']}: {described['psnr']:.2f} dB after {described['images']:,} images; "
        f"twice as many would give {described['gain_of_doubling']:+.2f} dB. {target:g} dB {takes} "
        f"(95 % interval: {images(needed['low'])} to {images(needed['high'])}); "
        f"{100 * needed['never']:.0f} % of the resampled curves never reach it."
    )


if __name__ == "__main__":
    sys.exit(main())
