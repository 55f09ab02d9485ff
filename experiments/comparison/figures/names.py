"""Names for points of a chart, placed so that they keep off points, curves, and each other."""

import html
import itertools
import math
from collections.abc import Sequence

import numpy as np

from experiments.comparison.figures.charts import BOTTOM, LEFT, Scale, Series, Size

# Of a name, for keeping them apart.
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
# Of names: what a crossing costs, in units of a line's length, and a name that is left out.
_CROSSED, _NO_ROOM = 200.0, 1000.0
_DRAWN_ORDERS = 20
# Left, top, right, bottom.
Box = tuple[float, float, float, float]


def boxes_along(curve: Series, x: Scale, y: Scale) -> list[Box]:
    """Boxes that cover a curve, for names to keep off."""
    ends = [(x(at), y(value)) for at, value in zip(curve.xs, curve.ys, strict=True)]
    return [box for pair in itertools.pairwise(ends) for box in _boxes_between(*pair)]


def _boxes_between(one: tuple[float, float], other: tuple[float, float]) -> list[Box]:
    """Boxes that cover a straight line, at most a letter apart."""
    count = max(2, math.ceil(math.dist(one, other) / _LETTER))
    return [(px - 2, py - 2, px + 2, py + 2) for px, py in np.linspace(one, other, count).tolist()]


def placed_names(
    ends: Sequence[tuple[str, float, float]], dots: Sequence[Box], along: Sequence[Box], size: Size
) -> list[str]:
    """A name for each point as SVG, placed one after the other, in the best of some orders.

    Args:
        ends: name and place of each.
        dots, along: boxes of points and of curves.
        size: of the chart.
    """
    numbers = range(len(ends))
    drawn = np.random.default_rng(0)
    orders = [
        sorted(numbers, key=lambda number, axis=axis, sign=sign: sign * ends[number][axis])
        for axis in (2, 1)
        for sign in (1, -1)
    ]
    orders += [drawn.permutation(len(ends)).tolist() for _ in range(_DRAWN_ORDERS)]
    points, curves = _array(dots), _array(along)
    found = []
    for order in orders:
        names, worth, placed = _array([]), 0.0, {}
        for number in order:
            placed[number], cost, taken = _name(*ends[number], names, points, curves, size)
            names, worth = np.concatenate([names, _array(taken)]), worth + cost
        found.append((worth, [placed[number] for number in numbers]))
    return min(found, key=lambda each: each[0])[1]


def _array(boxes: Sequence[Box]) -> np.ndarray:
    return np.asarray(boxes, float).reshape(-1, 4)


def _apart(boxes: Sequence[Box], others: np.ndarray) -> bool:
    """Whether no box touches any of the others."""
    one, other = _array(boxes)[:, None], others[None]
    touching = (one[..., 2] >= other[..., 0]) & (other[..., 2] >= one[..., 0])
    touching &= (one[..., 3] >= other[..., 1]) & (other[..., 3] >= one[..., 1])
    return not touching.any()


def _name(
    name: str,
    px: float,
    py: float,
    names: np.ndarray,
    dots: np.ndarray,
    along: np.ndarray,
    size: Size,
) -> tuple[str, float, list[Box]]:
    """The name beside its point, or by a line to where there is room; what that costs; its boxes.

    It costs the length of the line, and more for what it or the name crosses. Empty where there is
    no room near enough, because the tooltip has it.

    Args:
        name: of the point.
        px, py: the point, in units of the chart.
        names: boxes of names and their lines, which no other name may touch.
        dots: boxes of points, likewise.
        along: boxes of curves.
        size: of the chart.
    """
    width = _LETTER * len(name)
    # Points that nearly coincide do not keep each other's lines.
    others = dots[np.hypot(*(dots[:, :2] - (px - 5, py - 5)).T) > 8]
    solid = np.concatenate([names, dots])
    best, text, taken = _NO_ROOM, "", []
    for dx, dy, anchor in (*_BESIDE, *_AWAY, *_LEVEL):
        left = px + dx - {"start": 0, "middle": width / 2, "end": width}[anchor]
        box = (left, py + dy - _LINE + 3, left + width, py + dy + 3)
        inside = LEFT <= box[0] and box[2] <= size.width - 2 and box[1] >= 0
        if not inside or box[3] > size.height - BOTTOM:
            continue
        level = (dx, dy, anchor) in _LEVEL
        end = py + dy - 4 if level else box[3] if dy < 0 else box[1]
        beside = (dx, dy, anchor) in _BESIDE
        cost = 0.0 if beside else math.hypot(dx, end - py)
        if cost >= best or not _apart([box], solid):
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
    return text, best, taken
