"""Line charts and scatter plots as SVG that takes its colors from the page, light or dark.

Series have the classes `s0`, `s1`, ... of the page's style sheet: a color and, from the ninth on, a
dash.
"""

import html
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44
# Of a label in a scatter plot, for keeping them apart.
_LETTER, _LINE = 6.1, 13
# Its places, as offsets from the point and anchors: first those that touch it.
_BESIDE = (
    (8, 4, "start"),
    (-8, 4, "end"),
    (0, -9, "middle"),
    (0, 17, "middle"),
    (8, -8, "start"),
    (8, 15, "start"),
    (-8, -8, "end"),
    (-8, 15, "end"),
)
_AWAY = tuple(
    (side * dx, dy, anchor)
    for far in (1, 2, 3, 4, 5, 6)
    for dy in (-10 - 15 * far, 19 + 15 * far)
    for dx in (0, 10 * far, 25 * far)
    for side, anchor in (((1, "start"), (-1, "end")) if dx else ((1, "middle"),))
)
# The same, about level with the point: lines end in the middle of the name's height.
_LEVEL = tuple(
    (side * dx, dy, anchor)
    for dx in (30, 50, 75, 100, 130, 160)
    for dy in (-26, -11, 4, 19, 34)
    for side, anchor in ((1, "start"), (-1, "end"))
)


# Of labels: what a crossing costs, in units of a line's length, and a name that is left out.
_CROSSED, _NO_ROOM = 200.0, 1000.0
_DRAWN_ORDERS = 20
# Left, top, right, bottom.
_Box = tuple[float, float, float, float]


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


# Two charts of lines stand side by side; labels beside points need room.
LINES, SCATTER = Size(560, 340), Size(860, 500)


class _Scale(NamedTuple):
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
    y_from: float | None = None,
) -> str:
    """Lines over common axes, each with its name as a tooltip.

    Args:
        series: with at least one finite point in all.
        x_label, y_label: of the axes.
        x_from: where the x axis begins; None: at the least x.
        x_logarithmic: whether that axis is logarithmic; all x must be positive then.
        y_from: least y that counts for the axes; lines are cut off below. None: all count.
    """
    shown = series if y_from is None else [_from(each, y_from) for each in series]
    x, y, frame = _axes(LINES, shown, x_label, y_label, x_from, x_logarithmic)
    parts = "".join(_path(each, x, y) for each in series)
    width, height = LINES.width - LEFT - RIGHT, LINES.height - TOP - BOTTOM
    # An SVG within cuts off what is outside of it.
    cut = (
        f'<svg x="{LEFT}" y="{TOP}" width="{width}" height="{height}" '
        f'viewBox="{LEFT} {TOP} {width} {height}">{parts}</svg>'
    )
    return _svg(LINES, f"{y_label} over {x_label}", [*frame, cut])


def _from(series: Series, least: float) -> Series:
    """A series without the points below a value."""
    kept = [(x, y) for x, y in zip(series.xs, series.ys, strict=True) if y >= least]
    return series._replace(xs=[x for x, _ in kept], ys=[y for _, y in kept])


def scatter(
    points: Sequence[Series],
    curves: Sequence[Series],
    x_label: str,
    y_label: str,
    marks: Sequence[tuple[str, float]] = (),
) -> str:
    """Labeled points, and curves beneath them.

    Args:
        points: one point each.
        curves: lines, drawn first.
        x_label, y_label: of the axes.
        marks: names and x of vertical lines.
    """
    marked = [Series(name, "", [at], [math.nan]) for name, at in marks]
    x, y, frame = _axes(SCATTER, [*points, *curves, *marked], x_label, y_label, None)
    parts = []
    for name, at in marks:
        parts.append(
            f'<line class="rule" x1="{x(at):.1f}" x2="{x(at):.1f}" '
            f'y1="{TOP}" y2="{SCATTER.height - BOTTOM}"/>'
            f'<text class="tick" x="{x(at) - 4:.1f}" y="{TOP + 10}" text-anchor="end">'
            f"{html.escape(name)}</text>"
        )
    parts += [_path(each, x, y) for each in curves]
    ends = [(each.name, x(each.xs[0]), y(each.ys[0])) for each in points]
    dots = [(px - 5, py - 5, px + 5, py + 5) for _, px, py in ends]
    ends += [(each.name, x(each.xs[-1]), y(each.ys[-1])) for each in curves]
    along = [box for each in curves for box in _boxes_along(each, x, y)]
    labels = _labels(ends, dots, along)
    for each, (_, px, py), label in zip(points, ends, labels, strict=False):
        parts.append(
            f'<g class="{each.style}"><title>{html.escape(each.name)}: {each.xs[0]:.4g}, '
            f'{each.ys[0]:.4g}</title><circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="4.5"/>'
            f"{label}</g>"
        )
    for each, label in zip(curves, labels[len(points) :], strict=True):
        parts.append(f'<g class="{each.style}">{label}</g>')
    return _svg(SCATTER, f"{y_label} against {x_label}", [*frame, *parts])


def _boxes_along(curve: Series, x: _Scale, y: _Scale) -> list[_Box]:
    """Boxes that cover a curve, for names to keep off."""
    ends = [(x(at), y(value)) for at, value in zip(curve.xs, curve.ys, strict=True)]
    return [box for pair in itertools.pairwise(ends) for box in _boxes_between(*pair)]


def _boxes_between(one: tuple[float, float], other: tuple[float, float]) -> list[_Box]:
    """Boxes that cover a straight line, at most a letter apart."""
    count = max(2, math.ceil(math.dist(one, other) / _LETTER))
    return [(px - 2, py - 2, px + 2, py + 2) for px, py in np.linspace(one, other, count).tolist()]


def _apart(boxes: Sequence[_Box], others: Sequence[_Box]) -> bool:
    """Whether no box touches any of the others."""
    return all(
        box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1]
        for box in boxes
        for other in others
    )


def _labels(
    ends: Sequence[tuple[str, float, float]], dots: Sequence[_Box], along: Sequence[_Box]
) -> list[str]:
    """A label for each point, placed one after the other, in the best of some orders.

    Args:
        ends: name and place of each.
        dots, along: boxes of points and of curves.
    """
    numbers = range(len(ends))
    drawn = np.random.default_rng(0)
    orders = [
        sorted(numbers, key=lambda number, axis=axis, sign=sign: sign * ends[number][axis])
        for axis in (2, 1)
        for sign in (1, -1)
    ]
    orders += [drawn.permutation(len(ends)).tolist() for _ in range(_DRAWN_ORDERS)]
    found = []
    for order in orders:
        names: list[_Box] = []
        placed = {number: _label(*ends[number], names, dots, along) for number in order}
        worth = sum(cost for _, cost in placed.values())
        found.append((worth, [placed[number][0] for number in numbers]))
    return min(found, key=lambda each: each[0])[1]


def _label(
    name: str,
    px: float,
    py: float,
    names: list[_Box],
    dots: Sequence[_Box],
    along: Sequence[_Box],
) -> tuple[str, float]:
    """The name beside its point, or by a line to where there is room; and what that costs.

    It costs the length of the line, and more for what it or the name crosses. Empty where there is
    no room near enough, because the tooltip has it.

    Args:
        name: of the point.
        px, py: the point, in units of the chart.
        names: boxes of names and their lines, which no other name may touch; this one's are added.
        dots: boxes of points, likewise.
        along: boxes of curves.
    """
    width = _LETTER * len(name)
    # Points that nearly coincide do not keep each other's lines.
    others = [dot for dot in dots if math.dist(dot[:2], (px - 5, py - 5)) > 8]
    best, text, taken = _NO_ROOM, "", []
    for dx, dy, anchor in (*_BESIDE, *_AWAY, *_LEVEL):
        left = px + dx - {"start": 0, "middle": width / 2, "end": width}[anchor]
        box = (left, py + dy - _LINE + 3, left + width, py + dy + 3)
        inside = LEFT <= box[0] and box[2] <= SCATTER.width - 2 and box[1] >= 0
        if not inside or box[3] > SCATTER.height - BOTTOM:
            continue
        level = (dx, dy, anchor) in _LEVEL
        end = py + dy - 4 if level else box[3] if dy < 0 else box[1]
        beside = (dx, dy, anchor) in _BESIDE
        cost = 0.0 if beside else math.hypot(dx, end - py)
        if cost >= best or not _apart([box], [*names, *dots]):
            continue
        line = [] if beside else _boxes_between((px, py), (px + dx, end))
        cost += 0 if _apart([box], along) else _CROSSED
        cost += 0 if _apart(line, names) and _apart(line, others) else _CROSSED
        cost += 0 if _apart(line, along) else _CROSSED / 4
        if cost >= best:
            continue
        best, taken = cost, [box, *line]
        text = (
            f'<text class="name" x="{px + dx:.1f}" y="{py + dy:.1f}" text-anchor="{anchor}">'
            f"{html.escape(name)}</text>"
        )
        if not beside:
            leader = f'x1="{px:.1f}" y1="{py:.1f}" x2="{px + dx:.1f}" y2="{end:.1f}"'
            text = f'<line class="leader" {leader}/>{text}'
    names += taken
    return text, best


def _path(series: Series, x: _Scale, y: _Scale) -> str:
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


def _axes(
    size: Size,
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    x_from: float | None,
    x_logarithmic: bool = False,
) -> tuple[_Scale, _Scale, list[str]]:
    width, height = size
    xs = [value for each in series for value in each.xs if math.isfinite(value)]
    ys = [value for each in series for value in each.ys if math.isfinite(value)]
    x_low, x_high = min(xs) if x_from is None else x_from, max(xs)
    y_low, y_high = min(ys), max(ys)
    if x_logarithmic:
        x = _Scale(x_low / 1.1, x_high * 1.1, LEFT, width - RIGHT, True)
    else:
        margin = 0.04 * ((x_high - x_low) or abs(x_high) or 1.0)
        x = _Scale(x_low - margin * (x_from is None), x_high + margin, LEFT, width - RIGHT)
    margin = 0.07 * ((y_high - y_low) or abs(y_high) or 1.0)
    y = _Scale(y_low - margin, y_high + margin, height - BOTTOM, TOP)
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


def _svg(size: Size, name: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {size.width} {size.height}" role="img" '
        f'aria-label="{html.escape(name)}">{"".join(parts)}</svg>'
    )


def steps(edges: np.ndarray) -> list[float]:
    """Middles of the steps between edges."""
    return ((edges[:-1] + edges[1:]) / 2).tolist()
