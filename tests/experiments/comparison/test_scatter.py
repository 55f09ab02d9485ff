"""Scatter plots: names keep apart, and a crowd is magnified in a chart of its own."""

import itertools
import re

from experiments.comparison.figures import names
from experiments.comparison.figures.charts import Series
from experiments.comparison.figures.scatter import WHOLE, scatter


def test_names_do_not_overlap_and_those_without_room_are_left_out():
    points = [Series(f"system {i}", "s0", [10.0 + 0.01 * i], [20.0]) for i in range(60)]
    drawn = scatter(points, [], "x", "y", [("truth", 30.0)])
    shown = drawn.count('class="name"')
    assert drawn.count("<circle") == 60 and 8 < shown < 60  # the tooltips have the others
    # Those that have no room beside their point have a line to it.
    assert shown - len(names._BESIDE) <= drawn.count('class="leader"') < shown
    places = [
        (float(x), float(y), anchor)
        for x, y, anchor in re.findall(
            r'class="name" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"', drawn
        )
    ]
    half = 6.1 * len("system 1") / 2
    middles = [(x + {"start": half, "end": -half, "middle": 0}[a], y) for x, y, a in places]
    for (x_1, y_1), (x_2, y_2) in itertools.combinations(middles, 2):
        assert abs(x_1 - x_2) >= 2 * half - 0.2 or abs(y_1 - y_2) >= 12.8


def test_a_crowd_is_magnified_beneath_and_each_name_stands_once():
    crowd = [Series(f"near {i}", "s0", [10.0 + i], [23.0 + 0.1 * i]) for i in range(9)]
    far = [Series("far <1>", "s1", [60.0], [15.0]), Series("far 2", "s1", [50.0], [18.0])]
    dial = Series("dial", "s2", [14.0, 55.0], [23.9, 20.0])
    drawn = scatter([*far, *crowd], [dial], "x", "y", [("truth", 40.0)], magnified_from=22.0)
    whole, _, within = drawn.partition(f'<g transform="translate(0,{WHOLE.height})">')
    found = [re.findall(r'class="name"[^>]*>([^<]*)<', part) for part in (whole, within)]
    assert sorted(found[0]) == ["dial", "far &lt;1&gt;", "far 2"]
    assert sorted(found[1]) == [each.name for each in crowd]
    # All points are in the whole, with tooltips; both have what they hold of the curve.
    assert whole.count("<circle") == 11 and within.count("<circle") == 9
    assert whole.count("<polyline") == within.count("<polyline") == 1
    assert "truth" in whole and "truth" not in within

    # The frame in the whole is around the crowd, and around nothing else.
    (frame,) = re.findall(
        r'<rect [^>]*x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', whole
    )
    left, top, width, height = map(float, frame)
    inside = [
        (left <= float(x) <= left + width and top <= float(y) <= top + height)
        for x, y in re.findall(r'<circle [^>]*cx="([\d.]+)" cy="([\d.]+)"', whole)
    ]
    assert inside == [False] * 2 + [True] * 9

    # A few near each other are not, nor are all.
    assert "magnified" in drawn
    for some in ([*far, *crowd[:7]], crowd):
        assert "magnified" not in scatter(some, [], "x", "y", magnified_from=22.0)
