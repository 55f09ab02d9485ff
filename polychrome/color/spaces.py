"""Color spaces and grays.

Tensors go through `keras.ops`: eagerly, in a TensorFlow graph, under XLA, and on JAX, and all
conversions are differentiable. NumPy arrays give NumPy arrays, without Keras. The last axis holds
the channels; all other axes are free. sRGB with the D65 white point and the 2 degree observer,
constants as in scikit-image, from whose `rgb2lab` and `lab2rgb` the results differ by less than
1e-3.

Functions raise `InputError` for input that they are not meant for: a wrong number of channels,
integers other than uint8, and RGB floats outside [0, 1] by more than 1e-3 (checked only when values
are available, so not in graphs and traced functions).

Matrix products are avoided: by default, GPUs run them in reduced precision (TF32), which loses
three digits here.
"""

import numpy as np

from polychrome.color.arrays import (
    check_coordinates,
    check_kind,
    check_rgb,
    dtype_of,
    ops_for,
)
from polychrome.errors import InputError
from polychrome.tensors import Tensor

# IEC 61966-2-1, as scikit-image rounds it.
XYZ_FROM_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE_D65 = np.array([0.95047, 1.0, 1.08883])

# BT.601 luma with U and V scaled as in analog video; tf.image.rgb_to_yuv uses the same numbers.
YUV_FROM_RGB = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.14714119, -0.28886916, 0.43601035],
        [0.61497538, -0.51496512, -0.10001026],
    ]
)
LUMA_WEIGHTS = (0.30, 0.59, 0.11)

# f(t) of CIELAB: a cube root above EPSILON, a line below.
EPSILON = 0.008856
SLOPE = 7.787
OFFSET = 16.0 / 116.0
F_EPSILON = 0.2068966  # f(EPSILON)
# Lab from (f(x), f(y), f(z)): L = 116 f(y) - 16, a = 500 (f(x) - f(y)), b = 200 (f(y) - f(z)).
_LAB_FROM_F = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])

LINEAR_FROM_XYZ = np.linalg.inv(XYZ_FROM_RGB) * WHITE_D65  # columns scaled: takes XYZ / white
_XYZ_FROM_LINEAR = XYZ_FROM_RGB / WHITE_D65[:, None]  # gives XYZ / white


# The sRGB curve: a power above these levels, encoded and linear, a line below.
ENCODED_KNEE, LINEAR_KNEE = 0.04045, 0.0031308
# Colors this far outside [0, 1], in linear RGB, count as inside: it admits colors on the edge after
# rounding (white becomes 1.0000003) and no more, because admitted colors are clipped, which moves
# L* (1e-4 moves it by 0.08).
GAMUT_TOLERANCE = 3e-6
# Steps of the gamut search, which finds the chroma to 1 part in 2 ** steps.
GAMUT_STEPS = 8


def gamma_expand(value: np.ndarray) -> np.ndarray:
    """Encoded sRGB to linear RGB, NumPy arrays in [0, 1]."""
    return np.where(value > ENCODED_KNEE, ((value + 0.055) / 1.055) ** 2.4, value / 12.92)


def gamma_compress(linear: np.ndarray) -> np.ndarray:
    """Linear RGB to encoded sRGB, NumPy arrays in [0, 1]."""
    return np.where(linear > LINEAR_KNEE, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


# For 8-bit input the sRGB curve is a table of 256 numbers: exact, and faster than a power.
LINEAR_FROM_BYTE = gamma_expand(np.arange(256) / 255.0).astype("float32")


def _mix(image: Tensor, matrix: np.ndarray) -> Tensor:
    """Multiply each pixel by a 3x3 matrix, without a matrix product (see the module docstring)."""
    columns = matrix.T.astype("float32")
    return sum(image[..., i : i + 1] * columns[i] for i in range(3))


def _power(base: Tensor, exponent: float, floor: float) -> Tensor:
    """`base ** exponent`, constant for base < floor so that gradients stay finite."""
    ops = ops_for(base)
    return ops.exp(exponent * ops.log(ops.maximum(base, floor)))


def to_float(image: Tensor) -> Tensor:
    """Convert levels to float32 in [0, 1]: uint8 is divided by 255, floats are not scaled.

    Any shape and, for floats, any values, so chroma is accepted too.
    """
    check_kind(image)
    return _to_float(image)


def _to_float(image: Tensor) -> Tensor:
    levels = ops_for(image).cast(image, "float32")
    return levels / 255.0 if dtype_of(image) == "uint8" else levels


def to_uint8(rgb: Tensor) -> Tensor:
    """RGB in [0, 1] as uint8 0...255, rounded to the nearest level and clipped.

    Any shape; integers are rejected because they are levels already.
    """
    if "float" not in dtype_of(rgb):
        raise InputError(f"RGB: {dtype_of(rgb)} should be float in [0, 1]")
    ops = ops_for(rgb)
    return ops.cast(ops.round(ops.clip(rgb, 0.0, 1.0) * 255.0), "uint8")


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB to CIELAB.

    Args:
        rgb: `[..., 3]`, uint8 0...255 or float in [0, 1].

    Returns:
        float32 `[..., 3]`: L* 0...100, a* about -86...98, b* about -108...94.
    """
    check_rgb(rgb)
    return _rgb_to_lab(rgb)


def _rgb_to_lab(rgb: Tensor) -> Tensor:
    ops = ops_for(rgb)
    if dtype_of(rgb) == "uint8":
        linear = ops.take(ops.convert_to_tensor(LINEAR_FROM_BYTE), ops.cast(rgb, "int32"), axis=0)
    else:
        rgb = _to_float(rgb)
        curve = _power((rgb + 0.055) / 1.055, 2.4, floor=0.09)
        linear = ops.where(rgb > ENCODED_KNEE, curve, rgb / 12.92)
    xyz = _mix(linear, _XYZ_FROM_LINEAR)
    f = ops.where(xyz > EPSILON, _power(xyz, 1 / 3, floor=EPSILON), SLOPE * xyz + OFFSET)
    return _mix(f, _LAB_FROM_F) - np.array([16.0, 0.0, 0.0], "float32")


def _lab_to_linear(lab: Tensor) -> Tensor:
    """CIELAB `[..., 3]` to linear RGB `[..., 3]`, clipping only negative Z as scikit-image does."""
    ops = ops_for(lab)
    fy = (lab[..., 0:1] + 16.0) / 116.0
    fx = fy + lab[..., 1:2] / 500.0
    fz = ops.maximum(fy - lab[..., 2:3] / 200.0, 0.0)
    f = ops.concatenate([fx, fy, fz], axis=-1)
    xyz = ops.where(f > F_EPSILON, f * f * f, (f - OFFSET) / SLOPE)
    return _mix(xyz, LINEAR_FROM_XYZ)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """CIELAB to sRGB, each RGB channel clipped to [0, 1], as `skimage.color.lab2rgb` does.

    The reports grade with clipping; it changes the lightness of colors outside sRGB. To preserve
    lightness, call `fit_gamut` first, as the export does.

    Args:
        lab: `[..., 3]`, L* 0...100, a*, b*.

    Returns:
        float32 `[..., 3]` in [0, 1].
    """
    check_coordinates(lab, "Lab")
    ops = ops_for(lab)
    linear = _lab_to_linear(ops.cast(lab, "float32"))
    curve = 1.055 * _power(linear, 1 / 2.4, floor=LINEAR_KNEE) - 0.055
    return ops.clip(ops.where(linear > LINEAR_KNEE, curve, 12.92 * linear), 0.0, 1.0)


def fit_gamut(lab: Tensor, steps: int = GAMUT_STEPS) -> Tensor:
    """Pull out-of-gamut colors toward neutral, at constant L* and hue.

    Bisection finds, to 1 part in `2 ** steps`, the largest factor of the chroma that puts all three
    channels in [0, 1]. Colors already in the gamut are returned unchanged.

    Args:
        lab: `[..., 3]`, L* (clipped to 0...100), a*, b*.

    Returns:
        float32 `[..., 3]`.
    """
    check_coordinates(lab, "Lab")
    ops = ops_for(lab)
    lab = ops.cast(lab, "float32")
    lightness, ab = ops.clip(lab[..., 0:1], 0.0, 100.0), lab[..., 1:]

    def is_inside(factor: Tensor) -> Tensor:
        linear = _lab_to_linear(ops.concatenate([lightness, ab * factor], axis=-1))
        inside = ops.logical_and(linear > -GAMUT_TOLERANCE, linear < 1.0 + GAMUT_TOLERANCE)
        return ops.all(inside, axis=-1, keepdims=True)

    low = ops.zeros_like(lightness)
    high = ops.ones_like(lightness)
    whole = is_inside(high)
    for _ in range(steps):
        middle = (low + high) / 2.0
        inside = is_inside(middle)
        low = ops.where(inside, middle, low)
        high = ops.where(inside, high, middle)
    factor = ops.stop_gradient(ops.where(whole, ops.ones_like(low), low))
    return ops.concatenate([lightness, ab * factor], axis=-1)


def rgb_to_yuv(rgb: Tensor) -> Tensor:
    """sRGB to YUV (BT.601 luma, full range).

    Args:
        rgb: `[..., 3]`, uint8 0...255 or float in [0, 1].

    Returns:
        float32 `[..., 3]`: Y in [0, 1], U in [-0.436, 0.436], V in [-0.615, 0.615].
    """
    check_rgb(rgb)
    return _mix(_to_float(rgb), YUV_FROM_RGB)


def yuv_to_rgb(yuv: Tensor) -> Tensor:
    """YUV `[..., 3]` (see `rgb_to_yuv`) to sRGB float32 `[..., 3]`, clipped to [0, 1]."""
    check_coordinates(yuv, "YUV")
    ops = ops_for(yuv)
    return ops.clip(_mix(ops.cast(yuv, "float32"), np.linalg.inv(YUV_FROM_RGB)), 0.0, 1.0)


def gray_mean(rgb: Tensor) -> Tensor:
    """(R + G + B) / 3: `[..., 3]`, uint8 or float in [0, 1], to float32 `[..., 1]` in [0, 1]."""
    check_rgb(rgb)
    return ops_for(rgb).mean(_to_float(rgb), axis=-1, keepdims=True)


def gray_luma(rgb: Tensor) -> Tensor:
    """.30 R + .59 G + .11 B (UCI report, section 3.4): as `gray_mean`, float32 `[..., 1]`."""
    check_rgb(rgb)
    rgb = _to_float(rgb)
    return sum(rgb[..., i : i + 1] * LUMA_WEIGHTS[i] for i in range(3))
