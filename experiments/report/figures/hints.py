"""What hints are worth, as curves over their number."""

from collections.abc import Mapping
from pathlib import Path

from experiments.report.figures.line import line_figure

_LINES = {
    "asked": ("where the model asks", "#0072B2", "-"),
    "grid": ("on a grid", "#D55E00", "--"),
    "random": ("at random places", "#57606a", ":"),
}


def draw_hints(gains: Mapping[str, Mapping[str, Mapping[str, float]]], path: Path) -> None:
    """Write a PNG file.

    Args:
        gains: way and number of hints, as text, to "mean", "low" and "high", in dB; these two are
            None of one image.
        path: of the file.

    Raises:
        InputError: it cannot be written.
    """
    with line_figure(path, "hints", "PSNR over that without hints (dB)", (7.2, 4.4)) as axes:
        for way, (label, color, style) in _LINES.items():
            if way not in gains:
                continue
            counts = [0, *map(int, gains[way])]
            mean, low, high = (
                [0.0, *(found[key] for found in gains[way].values())]
                for key in ("mean", "low", "high")
            )
            axes.plot(counts, mean, style, color=color, marker="o", markersize=3.5, label=label)
            if None not in low:
                axes.fill_between(counts, low, high, color=color, alpha=0.12, linewidth=0)
        axes.set_xticks(counts)
