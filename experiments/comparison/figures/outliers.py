"""Where the axis of a chart of many lines ends, so that failed systems don't flatten all others.

A line is an outlier if its greatest value is beyond the fences of Tukey's box plot (Exploratory
Data Analysis, 1977): more than 1.5 times the range of the middle half away from that half.
"""

import math
from collections.abc import Sequence

import numpy as np

from experiments.comparison.figures.charts import Series

CUT_OFF = "Cut off"
# Of fewer lines none is an outlier: the quarters of so few say little.
_MANY = 8


def axis_from(series: Sequence[Series], margin: float) -> tuple[float, str]:
    """Where the axis begins of a value of which much is good.

    Args:
        series: with a finite value in all.
        margin: from there to the least of the greatest values of lines that are no outliers.

    Returns:
        The place, and a note on the lines that are cut off there; "" without any.
    """
    tops = _tops(series)
    low, _ = _fences(tops)
    note = _note("below", series, tops, [top < low for top in tops])
    return min(top for top in tops if top >= low) - margin, note


def axis_to(series: Sequence[Series]) -> tuple[float, str]:
    """Likewise where the axis ends of a value of which little is good: at the greatest one."""
    tops = _tops(series)
    _, high = _fences(tops)
    note = _note("above", series, tops, [top > high for top in tops])
    return max(top for top in tops if top <= high), note


def _tops(series: Sequence[Series]) -> list[float]:
    """The greatest value of each line, NaN if it has none."""
    return [max(filter(math.isfinite, each.ys), default=math.nan) for each in series]


def _fences(values: Sequence[float]) -> tuple[float, float]:
    known = [value for value in values if math.isfinite(value)]
    if len(known) < _MANY:
        return -math.inf, math.inf
    first, third = np.percentile(known, [25, 75])
    reach = 1.5 * (third - first)
    return float(first - reach), float(third + reach)


def _note(where: str, series: Sequence[Series], tops: Sequence[float], cut: Sequence[bool]) -> str:
    named = [
        f"{each.name} ({top:.1f})"
        for each, top, outside in zip(series, tops, cut, strict=True)
        if outside
    ]
    return f"{CUT_OFF} {where}, with the greatest value: {'; '.join(named)}." if named else ""
