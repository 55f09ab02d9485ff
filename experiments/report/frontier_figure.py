"""PSNR over colorfulness: curves of one colorizer, points of others."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.studies.frontier import Frontier
from polychrome.files import replacing

_LINES = {
    "dial": ("the dial", "#0072B2", "-"),
    "factor": ("chroma times a factor", "#D55E00", "--"),
}


def draw_frontier(
    frontier: Frontier, others: Mapping[str, tuple[float, float]], path: Path
) -> None:
    """Write a PNG file.

    Args:
        frontier: the curves.
        others: label to colorfulness and PSNR.
        path: of the file.

    Raises:
        InputError: it cannot be written.
    """
    figure = Figure(figsize=(8.6, 5.4), dpi=130, facecolor="white", layout="constrained")
    axes = figure.subplots()
    for way, points in frontier._asdict().items():
        if points:
            label, color, style = _LINES[way]
            x, y = ([getattr(point, key) for point in points] for key in ("colorfulness", "psnr"))
            axes.plot(x, y, style, color=color, marker="o", markersize=3.5, label=label)
    for label, (x, y) in others.items():
        axes.plot(x, y, "o", color="#57606a", markersize=4)
        axes.annotate(label, (x, y), xytext=(5, 3), textcoords="offset points", fontsize=7)
    axes.set_xlabel("colorfulness", fontsize=9)
    axes.set_ylabel("PSNR (dB), images with color", fontsize=9)
    axes.grid(color="#d0d7de", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    FigureCanvasAgg(figure)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png")
