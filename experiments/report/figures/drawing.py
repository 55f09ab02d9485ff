"""The pictures of a run: training curves, the grid of test images, the film strip of epochs.

Matplotlib's object API on the Agg canvas: no window, no global state, safe in threads. Pixels of
photographs are never interpolated: a small image is enlarged by a whole factor, so that what a
person judges is what the network made. Files appear under their names only when complete.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from polychrome.errors import InputError
from polychrome.files import replacing

# Okabe and Ito's colors, told apart by color-blind people too; yellow is too pale on white.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_INK, _FAINT = "#1f2328", "#d0d7de"
# Hollow dots for training: a run of one epoch has no line to be dashed.
_DOT = {"marker": "o", "markersize": 4}
_TRAINING = {"linestyle": "--", "linewidth": 1.4, "alpha": 0.75, "markerfacecolor": "white"}
_VALIDATION = {"linestyle": "-", "linewidth": 1.9}
_DPI = 100  # figures that hold photographs: one dot is one pixel
_PANELS = (
    ("loss", "Loss", "lower is better"),
    ("psnr_chroma", "Chroma PSNR (dB)", "higher is better"),
    ("psnr_chroma_report", "Chroma PSNR (dB)", "as the report computes it (reads 6.02 dB low)"),
)


def draw_curves(histories: Mapping[str, Sequence[Mapping[str, float]]], path: Path) -> None:
    """Loss and chroma PSNR by epoch, one color per network, training dashed, validation solid.

    `histories` maps a network's name to its rows, as ``read_history`` returns them: ``epoch`` and
    any of ``loss``, ``psnr_chroma``, ``psnr_chroma_report``, each also with ``val_``. A quantity
    that no network has gets no panel; values that are missing or not finite leave a gap. Raises
    InputError when nothing can be drawn or `path` cannot be written.
    """
    panels = [panel for panel in _PANELS if _has(histories, panel[0])]
    if not panels:
        raise InputError(f"{path}: the histories hold no loss and no chroma PSNR to draw")
    figure = Figure(figsize=(4.6 * len(panels), 3.9), dpi=160, facecolor="white")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for panel, (column, title, subtitle) in zip(axes, panels, strict=True):
        for number, rows in enumerate(histories.values()):
            color = _COLORS[number % len(_COLORS)]
            _line(panel, rows, column, color=color, **_TRAINING)
            _line(panel, rows, f"val_{column}", color=color, **_VALIDATION)
        _dress(
            panel, title, subtitle, [row["epoch"] for rows in histories.values() for row in rows]
        )
    handles = [
        Line2D([], [], color=_COLORS[number % len(_COLORS)], linewidth=4, label=name)
        for number, name in enumerate(histories)
    ]
    handles += [
        Line2D([], [], color=_INK, label="training", **_DOT, **_TRAINING),
        Line2D([], [], color=_INK, label="validation", **_DOT, **_VALIDATION),
    ]
    columns = min(len(handles), 2 * len(panels))
    rows = math.ceil(len(handles) / columns)
    figure.legend(handles=handles, loc="lower center", ncols=columns, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.02 + 0.06 * rows, 1, 1), w_pad=2.5)
    _save(figure, path)


def draw_grid(
    columns: Mapping[str, np.ndarray], path: Path, row_labels: Sequence[str] | None = None
) -> None:
    """Photographs side by side: one column per system, one row per image.

    `columns` maps a header to uint8 RGB images [n, height, width, 3]; all columns have the same
    shape. `row_labels` (n of them) stand left of the rows. Raises InputError when `path` cannot be
    written.
    """
    _tile(list(columns), list(columns.values()), path, row_labels)


def draw_filmstrip(frames: Sequence[tuple[str, np.ndarray]], path: Path, columns: int = 10) -> None:
    """The same photographs after successive epochs (as Figure 4 of the DTU report).

    `frames` are (label, uint8 RGB images [n, height, width, 3]) in time order. One row a
    photograph; of more than `columns` frames, that many are chosen evenly, the first and the last
    among them. Raises InputError when `path` cannot be written.
    """
    chosen = evenly(len(frames), columns)
    _tile([frames[i][0] for i in chosen], [frames[i][1] for i in chosen], path)


def evenly(count: int, most: int) -> list[int]:
    """At most `most` (>= 2) of ``range(count)``, evenly spread, with its first and last."""
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, most))})


def _has(histories: Mapping[str, Sequence[Mapping[str, float]]], column: str) -> bool:
    return any(
        math.isfinite(row.get(name, math.nan))
        for rows in histories.values()
        for row in rows
        for name in (column, f"val_{column}")
    )


def _line(axes: Axes, rows: Sequence[Mapping[str, float]], column: str, **style: object) -> None:
    values = [row.get(column, math.nan) for row in rows]
    if not any(map(math.isfinite, values)):
        return
    # Dots show where epochs are; on long runs they would only blur the line.
    dot = _DOT if len(values) <= 40 else {}
    axes.plot([row["epoch"] for row in rows], values, **dot, **style)


def _dress(axes: Axes, title: str, subtitle: str, epochs: Sequence[float]) -> None:
    axes.set_title(title, loc="left", fontsize=11, color=_INK, pad=20)
    axes.text(0, 1.02, subtitle, transform=axes.transAxes, fontsize=8.5, color="#59636e")
    axes.set_xlabel("epoch", fontsize=9, color=_INK)
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.grid(axis="y", color=_FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8.5, colors=_INK, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)


def _tile(
    headers: Sequence[str],
    columns: Sequence[np.ndarray],
    path: Path,
    row_labels: Sequence[str] | None = None,
) -> None:
    shapes = {images.shape for images in columns}
    if len(shapes) != 1 or any(images.dtype != np.uint8 for images in columns):
        raise ValueError(f"columns must be uint8 images of one shape, got {sorted(shapes)}")
    count, height, width, channels = shapes.pop()
    if channels != 3 or not count:
        raise ValueError(
            f"columns must be RGB images [n, height, width, 3], got {columns[0].shape}"
        )
    if row_labels is not None and len(row_labels) != count:
        raise ValueError(f"{len(row_labels)} row labels for {count} rows")

    factor = max(1, round(192 / max(height, width)))  # 64 -> 192 pixels, 256 stays
    height, width, gap = height * factor, width * factor, 6
    letter = int(np.clip(width / 9, 9, 24))  # height of letters in pixels
    room = max(6, int(width / (0.6 * letter)))  # letters that fit over a column
    titles = [_wrap(header, room, lines=3) for header in headers]
    sides = [_wrap(label, 18, lines=3) for label in row_labels or []]
    top = int(1.25 * letter * max(title.count("\n") + 1 for title in titles)) + 2 * gap
    letters = max((len(line) for side in sides for line in side.split("\n")), default=0)
    left = gap + (int(0.6 * letter * letters) + gap if sides else 0)

    canvas = np.full(
        (top + count * (height + gap), left + len(columns) * (width + gap), 3), 255, np.uint8
    )
    for column, images in enumerate(columns):
        x = left + column * (width + gap)
        for row, image in enumerate(images):
            y = top + row * (height + gap)
            enlarged = image.repeat(factor, axis=0).repeat(factor, axis=1)
            canvas[y : y + height, x : x + width] = enlarged

    rows, cols = canvas.shape[:2]
    # A hundredth of a pixel more: Agg cuts a size of 1199.99… dots to 1199.
    size = ((cols + 0.01) / _DPI, (rows + 0.01) / _DPI)
    figure = Figure(figsize=size, dpi=_DPI, facecolor="white")
    figure.figimage(canvas, resize=False)
    # A "$" in a file name is a dollar, not the start of a formula.
    style = {"fontsize": letter * 72 / _DPI, "color": _INK, "parse_math": False}
    for column, title in enumerate(titles):
        x = left + column * (width + gap) + width / 2
        figure.text(x / cols, 1 - (top - gap) / rows, title, ha="center", va="bottom", **style)
    for row, side in enumerate(sides):
        y = top + row * (height + gap) + height / 2
        figure.text((left - gap) / cols, 1 - y / rows, side, ha="right", va="center", **style)
    _save(figure, path)


def _wrap(text: str, width: int, lines: int) -> str:
    wrapped = textwrap.wrap(text, width, max_lines=lines, placeholder="…") or [""]
    return "\n".join(wrapped)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png")
