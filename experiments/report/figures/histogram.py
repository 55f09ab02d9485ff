"""Figure 3 of the DTU report: how often each a* and b* occurs, on a logarithmic axis."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from polychrome.color.bins import BIN_SIZE, BINS
from polychrome.color.histogram import LIMIT, ChromaHistogram
from polychrome.files import replacing

_INK, _FAINT = "#1f2328", "#d0d7de"
_A_COLOR, _B_COLOR, _OUTLINE = "#CC79A7", "#0072B2", "#D55E00"


def draw_histogram(histogram: ChromaHistogram, path: Path, title: str) -> None:
    """Marginal and joint counts, the latter with the outline of the 313 bins, as a PNG file.

    Raises InputError when `path` cannot be written.
    """
    figure = Figure(figsize=(12.5, 4.3), dpi=130, facecolor="white", layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=_INK, parse_math=False)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.15))
    _draw_marginal(left, histogram.a_counts, "a*   green to magenta", _A_COLOR)
    _draw_marginal(middle, histogram.b_counts, "b*   blue to yellow", _B_COLOR)
    middle.sharey(left)
    _draw_joint(figure, right, histogram.counts)
    FigureCanvasAgg(figure)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png")


def _draw_marginal(axes: Axes, counts: np.ndarray, label: str, color: str) -> None:
    axes.stairs(counts, np.arange(-LIMIT, LIMIT + 1), fill=True, color=color)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)  # a color seen once still shows
    axes.set_xlim(-LIMIT, LIMIT)
    axes.set_xlabel(label, color=_INK)
    axes.set_ylabel("pixels", color=_INK)
    axes.grid(axis="y", color=_FAINT, linewidth=0.7)
    _dress(axes)


def _draw_joint(figure: Figure, axes: Axes, counts: np.ndarray) -> None:
    extent = (-LIMIT, LIMIT, -LIMIT, LIMIT)
    image = axes.imshow(
        np.ma.masked_equal(counts, 0),  # rows a*: what runs upward
        origin="lower",
        extent=extent,
        norm=LogNorm(vmin=1, vmax=max(2, counts.max())),
        cmap="viridis",
        interpolation="nearest",
    )
    axes.add_collection(LineCollection(_outline(), colors=_OUTLINE, linewidths=1.2))
    margin = LIMIT + BIN_SIZE
    axes.set(xlim=(-margin, margin), ylim=(-margin, margin))
    axes.set_xlabel("b*", color=_INK)
    axes.set_ylabel("a*", color=_INK)
    axes.set_title("outlined: the 313 bins", fontsize=9, color=_INK)
    figure.colorbar(image, ax=axes, label="pixels", shrink=0.9)
    _dress(axes)


def _outline() -> list[list[tuple[float, float]]]:
    """Edges of the bins' squares that no two of them share, as lines in (b*, a*)."""
    members = {(int(a), int(b)) for a, b in BINS}
    half = BIN_SIZE / 2
    lines = []
    for a, b in members:
        for da, db in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            if (a + da * BIN_SIZE, b + db * BIN_SIZE) not in members:
                # The middle of the edge, and from there half its length both ways.
                middle = np.array([b + db * half, a + da * half])
                along = half * np.array([abs(da), abs(db)])
                lines.append([tuple(middle - along), tuple(middle + along)])
    return lines


def _dress(axes: Axes) -> None:
    axes.set_axisbelow(True)
    axes.tick_params(which="both", labelsize=8.5, colors=_INK, length=0)
    axes.spines[:].set_visible(False)
