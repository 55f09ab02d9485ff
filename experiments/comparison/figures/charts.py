"""Line charts as SVG that takes its colors from the page, light or dark, and parts of all charts.

Series have the classes `s0`, `s1`, ... of the page's style sheet: a color and, from the ninth on, a
dash.
"""

import html
import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44


class Series(NamedTuple):
    """A line, or points of one kind.

    Attributes:
        name: for the tooltip.
        style: classes of the style sheet.
        xs, ys: values; a line has a gap where one is not finite.
    """

    name: str
    style: str
    xs: Sequence[float]
    ys: Sequence[float]


class Size(NamedTuple):
    """Of a chart, in units that are pixels where it is not scaled."""

    width: int
    height: int


# Two of them stand side by side.
LINES = Size(560, 340)
# Of a note: letters in a line as wide as the axis, and its height.
_LETTERS, _LINE = 84, 15


class Scale(NamedTuple):
    """From values of an axis to its places in the chart.

    Attributes:
        low, high: values at its ends.
        start, end: these ends, in units of the chart.
        logarithmic: whether equal steps are equal factors; `low` is positive then.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def lines(
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    *,
    x_from: float | None = None,
    x_logarithmic: bool = False,
    y_from: float = -math.inf,
    y_to: float = math.inf,
    note: str = "",
) -> str:
    """Lines over common axes, each with its name as a tooltip.

    Args:
        series: with at least one finite point in all.
        x_label, y_label: of the axes.
        x_from: where the x axis begins; None: at the least x.
        x_logarithmic: whether that axis is logarithmic; all x must be positive then.
        y_from, y_to: least and greatest y that count for the axes; lines are cut off beyond.
        note: stands beneath, such as what is cut off.
    """
    shown = [_between(each, y_from, y_to) for each in series]
    x, y, frame = axes(LINES, shown, x_label, y_label, x_from, x_logarithmic)
    parts = [*frame, cut(LINES, [path(each, x, y) for each in series])]
    said = textwrap.wrap(note, _LETTERS)
    for number, line in enumerate(said, 1):
        at = LINES.height + _LINE * number
        parts.append(f'<text class="tick" x="{LEFT}" y="{at}">{html.escape(line)}</text>')
    size = Size(LINES.width, LINES.height + (_LINE * len(said) + 6 if said else 0))
    return svg(size, "; ".join(filter(None, (f"{y_label} over {x_label}", note))), parts)


def _between(series: Series, least: float, greatest: float) -> Series:
    """A series without the points beyond some values."""
    pairs = zip(series.xs, series.ys, strict=True)
    kept = [(x, y) for x, y in pairs if least <= y <= greatest]
    return series._replace(xs=[x for x, _ in kept], ys=[y for _, y in kept])


def cut(size: Size, parts: Sequence[str]) -> str:
    """Parts of a chart without what is outside of its axes."""
    width, height = size.width - LEFT - RIGHT, size.height - TOP - BOTTOM
    # An SVG within cuts off what is outside of it.
    return (
        f'<svg x="{LEFT}" y="{TOP}" width="{width}" height="{height}" '
        f'viewBox="{LEFT} {TOP} {width} {height}">{"".join(parts)}</svg>'
    )


def path(series: Series, x: Scale, y: Scale) -> str:
    """A line with gaps; a dot for each point that has no neighbor."""
    runs: list[list[str]] = [[]]
    for at, value in zip(series.xs, series.ys, strict=True):
        if math.isfinite(at) and math.isfinite(value):
            runs[-1].append(f"{x(at):.1f},{y(value):.1f}")
        elif runs[-1]:
            runs.append([])
    drawn = "".join(
        f'<polyline class="line" points="{" ".join(run)}"/>'
        if len(run) > 1
        else '<circle class="dot" cx="{}" cy="{}" r="3"/>'.format(*run[0].split(","))
        for run in runs
        if run
    )
    return f'<g class="{series.style}"><title>{html.escape(series.name)}</title>{drawn}</g>'


def axes(
    size: Size,
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    x_from: float | None,
    x_logarithmic: bool = False,
) -> tuple[Scale, Scale, list[str]]:
    """Scales that hold all finite values of some series, and ticks, lines and labels as SVG.

    Args:
        size: of the chart.
        series: with at least one finite value for each axis.
        x_label, y_label: of the axes.
        x_from: where the x axis begins; None: a little before the least x.
        x_logarithmic: whether that axis is logarithmic; all x must be positive then.
    """
    width, height = size
    xs = [value for each in series for value in each.xs if math.isfinite(value)]
    ys = [value for each in series for value in each.ys if math.isfinite(value)]
    x_low, x_high = min(xs) if x_from is None else x_from, max(xs)
    y_low, y_high = min(ys), max(ys)
    if x_logarithmic:
        x = Scale(x_low / 1.1, x_high * 1.1, LEFT, width - RIGHT, True)
    else:
        margin = 0.04 * ((x_high - x_low) or abs(x_high) or 1.0)
        x = Scale(x_low - margin * (x_from is None), x_high + margin, LEFT, width - RIGHT)
    margin = 0.07 * ((y_high - y_low) or abs(y_high) or 1.0)
    y = Scale(y_low - margin, y_high + margin, height - BOTTOM, TOP)
    parts = []
    for value in (logarithmic_ticks if x_logarithmic else ticks)(x.low, x.high):
        at = x(value)
        parts.append(
            f'<text class="tick" x="{at:.1f}" y="{height - BOTTOM + 16}" text-anchor="middle">'
            f"{short(value)}</text>"
        )
    for value in ticks(y.low, y.high):
        at = y(value)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{width - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
            f'<text class="tick" x="{LEFT - 7}" y="{at + 4:.1f}" text-anchor="end">'
            f"{short(value)}</text>"
        )
    parts.append(
        f'<text class="axis" x="{(LEFT + width - RIGHT) / 2}" y="{height - 8}" '
        f'text-anchor="middle">{html.escape(x_label)}</text>'
        f'<text class="axis" transform="translate(13,{(TOP + height - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{html.escape(y_label)}</text>'
    )
    return x, y, parts


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers in an interval: 1, 2 or 5 times a power of ten apart."""
    step = (high - low) / about
    power = 10.0 ** math.floor(math.log10(step))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.7 * step)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def logarithmic_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten in an interval of positive numbers."""
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    found = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    return [value for value in found if low <= value <= high]


def short(value: float) -> str:
    """A number for an axis: 200k, 1.5M, 23.5."""
    for least, unit, letter in ((1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= least:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"


def svg(size: Size, name: str, parts: Sequence[str]) -> str:
    """A chart of its parts, with a name for those who can't see it."""
    return (
        f'<svg class="chart" viewBox="0 0 {size.width} {size.height}" role="img" '
        f'aria-label="{html.escape(name)}">{"".join(parts)}</svg>'
    )


def steps(edges: np.ndarray) -> list[float]:
    """Middles of the steps between edges."""
    return ((edges[:-1] + edges[1:]) / 2).tolist()
