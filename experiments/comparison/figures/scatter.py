"""Scatter plots as SVG, with a second chart that magnifies where most points are."""

import html
import math
from collections.abc import Sequence

from experiments.comparison.figures.charts import (
    BOTTOM,
    TOP,
    Scale,
    Series,
    Size,
    axes,
    cut,
    path,
    svg,
)
from experiments.comparison.figures.names import boxes_along, placed_names

# Names beside points need room. Where a second chart magnifies, both are less high than one.
SIZE = Size(860, 500)
WHOLE, MAGNIFIED = Size(860, 400), Size(860, 440)
# Fewer points near each other need no chart of their own.
_CROWD = 8


def scatter(
    points: Sequence[Series],
    curves: Sequence[Series],
    x_label: str,
    y_label: str,
    marks: Sequence[tuple[str, float]] = (),
    *,
    magnified_from: float | None = None,
) -> str:
    """Named points, and curves beneath them.

    Args:
        points: one point each.
        curves: lines, drawn first.
        x_label, y_label: of the axes.
        marks: names and x of vertical lines.
        magnified_from: least y of points that a chart of their own beneath magnifies, where their
            names are then; that is drawn if they are many, and others are below. None: never.
    """
    name, labels = f"{y_label} against {x_label}", (x_label, y_label)
    low = math.inf if magnified_from is None else magnified_from
    near = [each for each in points if each.ys[0] >= low]
    if not _CROWD <= len(near) < len(points):
        drawn, _, _ = _chart(points, points, curves, curves, marks, SIZE, labels)
        return svg(SIZE, name, drawn)

    far = [each for each in points if each not in near]
    whole, x, y = _chart(points, far, curves, curves, marks, WHOLE, labels)
    within, near_x, near_y = _chart(near, near, curves, [], [], MAGNIFIED, labels)
    left, right = x(near_x.low), x(near_x.high)
    top, bottom = y(near_y.high), y(near_y.low)
    # Beneath the points, so that their tooltips can be reached.
    frame = (
        f'<rect class="rule" fill="none" x="{left:.1f}" y="{top:.1f}" '
        f'width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
        f'<text class="tick" x="{left:.1f}" y="{top - 5:.1f}">magnified below</text>'
    )
    moved = f'<g transform="translate(0,{WHOLE.height})">{"".join(within)}</g>'
    size = Size(WHOLE.width, WHOLE.height + MAGNIFIED.height)
    return svg(size, f"{name}; beneath, a part magnified", [frame, *whole, moved])


def _chart(
    points: Sequence[Series],
    named: Sequence[Series],
    curves: Sequence[Series],
    named_curves: Sequence[Series],
    marks: Sequence[tuple[str, float]],
    size: Size,
    labels: tuple[str, str],
) -> tuple[list[str], Scale, Scale]:
    """One chart's parts, and its scales.

    Args:
        points: all that is drawn; the axes hold these, named curves, and marks.
        named: those of them that get names.
        curves: what is outside of the axes is cut off.
        named_curves: those of them that get names, at their ends.
        marks: names and x of vertical lines.
        size: of the chart.
        labels: of both axes.
    """
    marked = [Series(name, "", [at], [math.nan]) for name, at in marks]
    x, y, parts = axes(size, [*points, *named_curves, *marked], *labels, None)
    for name, at in marks:
        parts.append(
            f'<line class="rule" x1="{x(at):.1f}" x2="{x(at):.1f}" '
            f'y1="{TOP}" y2="{size.height - BOTTOM}"/>'
            f'<text class="tick" x="{x(at) - 4:.1f}" y="{TOP + 10}" text-anchor="end">'
            f"{html.escape(name)}</text>"
        )
    parts.append(cut(size, [path(each, x, y) for each in curves]))
    dots = [(x(each.xs[0]), y(each.ys[0])) for each in points]
    ends = [(each.name, x(each.xs[0]), y(each.ys[0])) for each in named]
    ends += [(each.name, x(each.xs[-1]), y(each.ys[-1])) for each in named_curves]
    boxes = [(px - 5, py - 5, px + 5, py + 5) for px, py in dots]
    along = [box for each in curves for box in boxes_along(each, x, y)]
    names = iter(placed_names(ends, boxes, along, size))
    for each, (px, py) in zip(points, dots, strict=True):
        parts.append(
            f'<g class="{each.style}"><title>{html.escape(each.name)}: {each.xs[0]:.4g}, '
            f'{each.ys[0]:.4g}</title><circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="4.5"/>'
            f"{next(names) if each in named else ''}</g>"
        )
    parts += [f'<g class="{each.style}">{next(names)}</g>' for each in named_curves]
    return parts, x, y
