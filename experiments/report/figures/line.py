"""The frame that single-panel figures of curves have in common."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from polychrome.files import replacing


@contextlib.contextmanager
def line_figure(
    path: Path, x_label: str, y_label: str, size: tuple[float, float], grid: bool = True
) -> Iterator[Axes]:
    """Axes to draw labeled curves in; afterward a PNG file with a legend of them.

    Args:
        path: of the file.
        x_label, y_label: of the axes.
        size: width and height in inches of 130 dots.
        grid: whether lines help to read values; with them letters are smaller.

    Raises:
        InputError: the file cannot be written.
    """
    letters = {"fontsize": 9} if grid else {}
    figure = Figure(figsize=size, dpi=130, facecolor="white", layout="constrained")
    axes = figure.subplots()
    yield axes
    axes.set_xlabel(x_label, **letters)
    axes.set_ylabel(y_label, **letters)
    if grid:
        axes.grid(color="#d0d7de", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, **letters)
    with replacing(path) as temporary:
        FigureCanvasAgg(figure).print_png(temporary)
