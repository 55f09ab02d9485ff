"""PSNR over colorfulness: curves of one colorizer, points of others."""

from collections.abc import Mapping
from pathlib import Path

from experiments.report.figures.line import line_figure
from experiments.studies.curves import Frontier, Point

_DIAL, _BEYOND, _FACTOR = "the dial", "its end times a saturation", "chroma times a factor"
_STYLES = {_DIAL: ("#0072B2", "-"), _BEYOND: ("#0072B2", ":"), _FACTOR: ("#D55E00", "--")}


def draw_frontier(
    frontier: Frontier, others: Mapping[str, tuple[float, float]], path: Path
) -> None:
    """Write a PNG file.

    Args:
        frontier: the curves.
        others: label to colorfulness and PSNR. Those beyond the ends of the curves, such as GANs
            that diverged, are named with their numbers and not drawn: they would crowd the rest.
        path: of the file.

    Raises:
        InputError: it cannot be written.
    """
    with line_figure(path, "colorfulness", "PSNR (dB), images with color", (8.6, 5.4)) as axes:
        for label, points in _lines(frontier).items():
            if points:
                color, style = _STYLES[label]
                x, y = (
                    [getattr(point, key) for point in points] for key in ("colorfulness", "psnr")
                )
                axes.plot(x, y, style, color=color, marker="o", markersize=3.5, label=label)
        most = max(p.colorfulness for points in frontier for p in points)
        least = min(p.psnr for points in frontier for p in points)
        # Names beside the points would cover each other, so these have numbers, from the best down.
        ranked = sorted(others.items(), key=lambda other: -other[1][1])
        names = []
        for number, (label, place) in enumerate(ranked, 1):
            colorfulness, psnr = place
            if colorfulness > most or psnr < least:
                names.append(f"{number}  {label}: {psnr:.1f} dB at {colorfulness:.0f}, not drawn")
                continue
            names.append(f"{number}  {label}")
            axes.plot(*place, "o", color="#57606a", markersize=3)
            axes.annotate(str(number), place, xytext=(4, 2), textcoords="offset points", fontsize=7)
        axes.text(1.02, 1.0, "\n".join(names), transform=axes.transAxes, fontsize=7.5, va="top")


def _lines(frontier: Frontier) -> dict[str, tuple[Point, ...]]:
    end = sum(point.setting <= 1.0 for point in frontier.dial)
    beyond = frontier.dial[end - 1 :] if end < len(frontier.dial) else ()
    return {_DIAL: frontier.dial[:end], _BEYOND: beyond, _FACTOR: frontier.factor}
