"""Charts as SVG: where labels stand."""

import re

from experiments.comparison.figures.charts import SCATTER, Series, scatter


def label_of(chart, name):
    """Left, top, right and bottom of a name, as wide as its letters at most."""
    x, y, anchor = re.search(
        rf'<text class="name" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">{name}<', chart
    ).groups()
    width = 6.1 * len(name)
    left = float(x) - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, float(y) - 10, left + width, float(y) + 3


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
    assert 0 < left and right < SCATTER.width


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
