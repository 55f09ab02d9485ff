import numpy as np
import pytest
import tensorflow as tf
from skimage.color import deltaE_ciede2000, rgb2lab

from polychrome.color.difference import delta_e_2000

# Sharma, Wu, Dalal 2005, Table 1: L1 a1 b1, L2 a2 b2, CIEDE2000. Most were made to catch errors in
# the mean hue and the hue difference; pairs 9 to 15 lie at and beside exactly opposite hues.
SHARMA = """
50.0000   2.6772 -79.7751  50.0000   0.0000 -82.7485   2.0425
50.0000   3.1571 -77.2803  50.0000   0.0000 -82.7485   2.8615
50.0000   2.8361 -74.0200  50.0000   0.0000 -82.7485   3.4412
50.0000  -1.3802 -84.2814  50.0000   0.0000 -82.7485   1.0000
50.0000  -1.1848 -84.8006  50.0000   0.0000 -82.7485   1.0000
50.0000  -0.9009 -85.5211  50.0000   0.0000 -82.7485   1.0000
50.0000   0.0000   0.0000  50.0000  -1.0000   2.0000   2.3669
50.0000  -1.0000   2.0000  50.0000   0.0000   0.0000   2.3669
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0009   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0010   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0011   7.2195
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0012   7.2195
50.0000  -0.0010   2.4900  50.0000   0.0009  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0010  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0011  -2.4900   4.7461
50.0000   2.5000   0.0000  50.0000   0.0000  -2.5000   4.3065
50.0000   2.5000   0.0000  73.0000  25.0000 -18.0000  27.1492
50.0000   2.5000   0.0000  61.0000  -5.0000  29.0000  22.8977
50.0000   2.5000   0.0000  56.0000 -27.0000  -3.0000  31.9030
50.0000   2.5000   0.0000  58.0000  24.0000  15.0000  19.4535
50.0000   2.5000   0.0000  50.0000   3.1736   0.5854   1.0000
50.0000   2.5000   0.0000  50.0000   3.2972   0.0000   1.0000
50.0000   2.5000   0.0000  50.0000   1.8634   0.5757   1.0000
50.0000   2.5000   0.0000  50.0000   3.2592   0.3350   1.0000
60.2574 -34.0099  36.2677  60.4626 -34.1751  39.4387   1.2644
63.0109 -31.0961  -5.8663  62.8187 -29.7946  -4.0864   1.2630
61.2901   3.7196  -5.3901  61.4292   2.2480  -4.9620   1.8731
35.0831 -44.1164   3.7933  35.0232 -40.0716   1.5901   1.8645
22.7233  20.0904 -46.6940  23.0331  14.9730 -42.5619   2.0373
36.4612  47.8580  18.3852  36.2715  50.5065  21.2231   1.4146
90.8027  -2.0831   1.4410  91.1528  -1.6435   0.0447   1.4441
90.9257  -0.5406  -0.9208  88.6381  -0.8985  -0.7239   1.5381
 6.7747  -0.2908  -2.4247   5.8714  -0.0985  -2.2286   0.6377
 2.0776   0.0795  -1.1350   0.9033  -0.0636  -0.5514   0.9082
"""


def _numpy(tensor):
    return np.asarray(tensor)


def test_published_pairs_both_ways_round():
    table = np.array([line.split() for line in SHARMA.strip().splitlines()], float)
    assert table.shape == (34, 7)
    one, other, expected = table[:, :3], table[:, 3:6], table[:, 6]
    np.testing.assert_allclose(_numpy(delta_e_2000(one, other)), expected, atol=1e-4)
    np.testing.assert_allclose(_numpy(delta_e_2000(other, one)), expected, atol=1e-4)


def _pairs(kind: str):
    rng = np.random.default_rng(7)
    rgb = rng.integers(0, 256, (4000, 3))
    lab = rgb2lab(rgb / 255.0)
    if kind == "random":
        return lab, lab[::-1]
    if kind == "gray":
        return lab, rgb2lab(np.repeat(rgb[:, :1], 3, axis=1) / 255.0)
    if kind == "both gray":
        return lab * [1, 0, 0], lab[::-1] * [1, 0, 0]
    if kind == "near-identical":
        return lab, rgb2lab(np.clip(rgb + rng.integers(-1, 2, rgb.shape), 0, 255) / 255.0)
    # Hues on either side of 0, in both orders.
    chroma, angle = rng.uniform(1, 100, (2, 4000)), rng.uniform(-0.3, 0.3, (2, 4000))
    one, other = (
        np.stack([rng.uniform(0, 100, 4000), c * np.cos(h), c * np.sin(h)], axis=-1)
        for c, h in zip(chroma, angle, strict=True)
    )
    return one, other


@pytest.mark.parametrize("kind", ["random", "gray", "both gray", "near-identical", "hue wrap"])
def test_agrees_with_skimage(kind):
    one, other = _pairs(kind)
    np.testing.assert_allclose(
        _numpy(delta_e_2000(one, other)), deltaE_ciede2000(one, other), atol=2e-4
    )


def test_any_leading_shape():
    one, other = (lab[:24].reshape(2, 3, 4, 3) for lab in _pairs("random"))
    difference = _numpy(delta_e_2000(one, other))
    assert difference.shape == (2, 3, 4) and difference.dtype == np.float32
    assert _numpy(delta_e_2000(one, one)).max() == 0.0


def test_gradients_are_finite_at_gray_equal_and_opposite_colors():
    colors = [
        [50, 0, 0], [50, 1e-7, 0], [50, 0, 1e-20], [0, 0, 0], [100, 0, 0], [50, 2.5, 0],
        [50, -2.5, 0], [50, 1e-3, -1e-3], [50, 60, -80], [50, 60.0001, -80], [20, 1e-6, -80],
    ]  # fmt: skip
    colors = np.array(colors, "float32")
    one = tf.constant(np.repeat(colors, len(colors), axis=0))
    other = tf.constant(np.tile(colors, (len(colors), 1)))
    with tf.GradientTape() as tape:
        tape.watch([one, other])
        difference = delta_e_2000(one, other)
    for gradient in tape.gradient(difference, [one, other]):
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max() > 0.1  # not all cut off


def test_gradient_is_the_slope():
    one, other = (lab[:50].astype("float32") for lab in _pairs("random"))
    variable = tf.constant(one)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        difference = delta_e_2000(variable, other)
    gradient = tape.gradient(difference, variable).numpy()
    for channel in range(3):
        step = np.eye(3)[channel] * 1e-4
        slope = (deltaE_ciede2000(one + step, other) - deltaE_ciede2000(one - step, other)) / 2e-4
        np.testing.assert_allclose(gradient[:, channel], slope, atol=2e-3)
