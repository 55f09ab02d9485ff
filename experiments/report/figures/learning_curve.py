"""The figure of learning curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.studies.learning_curve import DECIBEL, LearningCurve
from polychrome.files import replacing

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


def draw_learning_curves(curves: Sequence[LearningCurve], target: float, path: Path) -> None:
    """Write a PNG file: losses in dB, fits with a 95 % band, grades, and the target.

    Raises:
        InputError: it cannot be written.
    """
    figure = Figure(figsize=(6.4, 4.2), dpi=130, facecolor="white", layout="constrained")
    axes = figure.subplots()
    longest = max(float(curve.images[-1]) for curve in curves)
    for index, curve in enumerate(curves):
        color = _COLORS[index % len(_COLORS)]
        seen = np.geomspace(curve.images[curve.stable][0], 20 * longest, 200)
        drawn = np.stack([curve.psnr_at(law, seen) for law in curve.laws])
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        axes.fill_between(seen, low, high, color=color, alpha=0.15, linewidth=0)
        axes.plot(seen, curve.psnr_at(curve.law, seen), color=color, label=curve.label)
        # What the epochs would be graded after a decay from there.
        at_end = curve.law(curve.images[-1])
        points = curve.psnr + DECIBEL * (at_end - curve.losses[curve.stable])
        axes.plot(curve.images[curve.stable], points, ".", color=color, markersize=4)
        axes.plot(curve.images[-1], curve.psnr, "o", color=color, markersize=7)
    axes.axhline(target, color="#57606a", linestyle=":", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("training images seen")
    axes.set_ylabel("PSNR on colored test images (dB)")
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    with replacing(path) as temporary:
        FigureCanvasAgg(figure).print_png(temporary)
