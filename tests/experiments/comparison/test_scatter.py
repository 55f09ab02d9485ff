"""Scatter plots: names keep apart, and a crowd is magnified in a chart of its own."""

import itertools
import re

from experiments.comparison.figures import names
from experiments.comparison.figures.charts import Series
from experiments.comparison.figures.scatter import SIZE, WHOLE, scatter


def label_of(chart, name):
    """Left, top, right and bottom of a name, as wide as its letters at most."""
    x, y, anchor = re.search(
        rf'<text class="name" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">{name}<', chart
    ).groups()
    width = 6.1 * len(name)
    left = float(x) - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, float(y) - 10, left + width, float(y) + 3


def test_names_do_not_overlap_and_those_without_room_are_left_out():
    points = [Series(f"system {i}", "s0", [10.0 + 0.01 * i], [20.0]) for i in range(52)]
    drawn = scatter(points, [], "x", "y", [("truth", 30.0)])
    shown = drawn.count('class="name"')
    assert drawn.count("<circle") == 52 and 8 < shown < 52  # the tooltips have the others
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


def test_names_keep_off_the_curves():
    """A curve that leaves its model's point to the right and downward, where the name would be."""
    model = Series("model", "s0", [10.0], [25.0])
    other = Series("other", "s1", [20.0], [20.0])
    curve = Series("dial", "s0", [10.0, 12.0, 20.0], [25.0, 25.0, 21.0])
    plain = label_of(scatter([model, other], [], "x", "y"), "model")
    chart = scatter([model, other], [curve], "x", "y")
    left, top, right, bottom = label_of(chart, "model")
    (points,) = re.findall(r'<polyline class="line" points="([^"]+)"', chart)
    first, second, _ = (tuple(map(float, each.split(","))) for each in points.split())
    assert plain[1] < first[1] < plain[3]  # without the curve it stands where that begins
    assert first[1] == second[1] and not top < first[1] < bottom
    assert 0 < left and right < SIZE.width


def test_a_name_without_room_off_the_curves_stands_on_one():
    # Back and forth, nearer to itself than a name is high.
    there = [20.0, 80.0, 80.0, 20.0] * 13
    curve = Series("curve", "s0", there, [place // 2 * 4.0 for place in range(52)])
    chart = scatter([Series("model", "s0", [50.0], [50.0])], [curve], "x", "y")
    assert label_of(chart, "model")


def test_lines_to_names_keep_off_other_names():
    """Points as near each other as those of a bake-off's systems."""
    places = {
        "do nothing": (0.0, 22.94),
        "best constant": (4.2, 23.34),
        "mean color": (9.3, 23.06),
        "U-Net": (13.2, 23.61),
        "PolychromifyAB": (14.4, 23.05),
        "ResNet-18": (15.7, 23.19),
        "Polychromify": (17.8, 22.76),
        "UCI GAN, as published": (18.1, 22.78),
        "a third at this place": (17.9, 22.77),
        "a fourth at this place": (18.0, 22.75),
        "UCI VAE": (20.9, 22.56),
        "cGAN": (63.6, 17.59),
    }
    points = [Series(name, "s0", [x], [y]) for name, (x, y) in places.items()]
    chart = scatter(points, [], "x", "y")
    names = {each.name: label_of(chart, each.name) for each in points}
    lines = re.findall(
        r'<line class="leader" x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"/>'
        r"<text[^>]*>([^<]+)<",
        chart,
    )
    assert lines
    for *ends, own in lines:
        x_1, y_1, x_2, y_2 = map(float, ends)
        for name, (left, top, right, bottom) in names.items():
            if name != own:
                spots = ((x_1 + t * (x_2 - x_1), y_1 + t * (y_2 - y_1)) for t in (0.5, 0.7, 0.9))
                assert not any(left < x < right and top < y < bottom for x, y in spots), (own, name)
