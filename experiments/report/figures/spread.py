"""Sparsification curves: the error of what is left when the least certain pixels are left out."""

from pathlib import Path

from experiments.report.figures.line import line_figure
from experiments.report.study_tables import LABELS
from experiments.studies.spread import LEFT_OUT, SpreadGrades

_LINES = {"spread": ("#0072B2", "-"), "contrast": ("#D55E00", "--"), "error": ("#57606a", ":")}


def draw_spread(grades: SpreadGrades, path: Path) -> None:
    """Write a PNG file with the mean curve over the images.

    Raises:
        InputError: it cannot be written.
    """
    labels = (
        "share of pixels left out, highest rank first",
        "error of the rest, over that of all pixels",
    )
    with line_figure(path, *labels, (6.4, 4.2), grid=False) as axes:
        for key, rank in grades._asdict().items():
            color, style = _LINES[key]
            axes.plot(LEFT_OUT, rank.left.mean(axis=0), style, color=color, label=LABELS[key])
        axes.axhline(1.0, color="#d0d7de", linewidth=1, zorder=0)
        axes.set_ylim(bottom=0)
