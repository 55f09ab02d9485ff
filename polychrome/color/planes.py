"""CIELAB on planes: for NumPy pictures of many megapixels, which are colored band by band.

The numbers and rules are those of `polychrome.color.spaces`, and so are the results, to within
1e-4 of L* and 1e-6 of linear RGB. One array for each channel, curves without branches, and a
gamut search for none but the colors outside save time that matters at full size only. Everything
is float32.
"""

import functools
from collections.abc import Callable

import numpy as np

from polychrome.color.spaces import (
    ENCODED_KNEE,
    EPSILON,
    F_EPSILON,
    GAMUT_STEPS,
    GAMUT_TOLERANCE,
    LINEAR_FROM_BYTE,
    LINEAR_FROM_XYZ,
    LINEAR_KNEE,
    SLOPE,
    XYZ_FROM_RGB,
    gamma_expand,
)

# What counts as inside is clipped, which near black moves L* by two steps of 16 bits where the
# tolerance is that of graphs, and by half a step here.
_TOLERANCE = GAMUT_TOLERANCE / 10
# Plain numbers: NumPy 1 would compute in float64 with scalars of float64.
_TO_LINEAR = [[float(weight) for weight in row] for row in LINEAR_FROM_XYZ]
_LUMINANCE = [float(weight) for weight in XYZ_FROM_RGB[1]]


@functools.lru_cache(maxsize=1)
def _linear_from_16_bits() -> np.ndarray:
    return gamma_expand(np.arange(65536) / 65535.0).astype("float32")


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Y of sRGB pixels, 1 in white.

    Args:
        pixels: gray `[H, W]` or `[H, W, 3]`; uint8, uint16, or float32 in [0, 1].

    Returns:
        float32 `[H, W]`.
    """
    if pixels.dtype == np.float32:
        linear = _above_and_below(pixels, ENCODED_KNEE, _expanded, 1 / 12.92)
    else:
        table = LINEAR_FROM_BYTE if pixels.dtype == np.uint8 else _linear_from_16_bits()
        # Without "clip", `take` checks every index first.
        linear = np.take(table, pixels, mode="clip")
    if linear.ndim == 2:
        return linear
    y = linear[..., 0] * _LUMINANCE[0]
    for channel in (1, 2):
        y += linear[..., channel] * _LUMINANCE[channel]
    return y


def f_of(y: np.ndarray) -> np.ndarray:
    """f(Y) of CIELAB: L* is `116 * f_of(Y) - 16`."""
    return _above_and_below(y, EPSILON, np.cbrt, SLOPE)


def linear_rgb(
    y: np.ndarray, f: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear red, green and blue of the colors nearest to a*, b* in sRGB, at constant Y and hue.

    See `polychrome.color.spaces.fit_gamut`.

    Args:
        y, f: luminance in [0, 1], and `f_of` of it.
        a, b: a* and b*; all four are of one shape.

    Returns:
        Three arrays of that shape, in [0, 1] but for rounding.
    """
    red, green, blue = _unbounded(y, f, a, b)
    outside = np.flatnonzero(~_inside(red, green, blue))
    if outside.size:
        fitted = _fitted(*(plane.ravel()[outside] for plane in (y, f, a, b)))
        for plane, values in zip((red, green, blue), fitted, strict=True):
            plane.reshape(-1)[outside] = values
    return red, green, blue


def levels(linear: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Linear RGB as sRGB levels: uint8, uint16, or float32 in [0, 1]. Overwrites its input."""
    np.clip(linear, 0.0, 1.0, out=linear)
    encoded = _above_and_below(linear, LINEAR_KNEE, _compressed, 12.92)
    if dtype == np.float32:
        return np.clip(encoded, 0.0, 1.0, out=encoded)
    encoded *= float(np.iinfo(dtype).max)
    encoded += 0.5
    return encoded.astype(dtype)


def _unbounded(
    y: np.ndarray, f: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`linear_rgb` without the search, so outside of [0, 1] too."""
    fx = a * (1 / 500)
    fx += f
    fz = b * (-1 / 200)
    fz += f
    np.maximum(fz, 0.0, out=fz)
    x, z = (_above_and_below(each, F_EPSILON, _cubed, 1 / SLOPE) for each in (fx, fz))
    mixed = []
    for from_x, from_y, from_z in _TO_LINEAR:
        plane = x * from_x
        plane += y * from_y
        plane += z * from_z
        mixed.append(plane)
    return mixed[0], mixed[1], mixed[2]


def _inside(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> np.ndarray:
    high = np.maximum(np.maximum(red, green), blue)
    low = np.minimum(np.minimum(red, green), blue)
    return (low > -_TOLERANCE) & (high < 1.0 + _TOLERANCE)


def _fitted(
    y: np.ndarray, f: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`linear_rgb` of colors that are outside, by the bisection of `fit_gamut`."""
    factor, step = np.zeros_like(y), 0.5
    for _ in range(GAMUT_STEPS):
        tried = factor + step
        factor += step * _inside(*_unbounded(y, f, a * tried, b * tried)).astype("float32")
        step /= 2
    return _unbounded(y, f, a * factor, b * factor)


def _above_and_below(
    values: np.ndarray, knee: float, curve: Callable[[np.ndarray], np.ndarray], slope: float
) -> np.ndarray:
    """A curve above the knee and a line of a given slope below, which meet there.

    `np.where` takes as long as all else here.
    """
    above = np.maximum(values, knee)
    below = values - above
    below *= slope
    below += curve(above)
    return below


def _expanded(encoded: np.ndarray) -> np.ndarray:
    power = encoded + 0.055
    power *= 1 / 1.055
    np.log(power, out=power)
    power *= 2.4
    return np.exp(power, out=power)


def _compressed(linear: np.ndarray) -> np.ndarray:
    power = np.log(linear)
    power *= 1 / 2.4
    np.exp(power, out=power)
    power *= 1.055
    power -= 0.055
    return power


def _cubed(values: np.ndarray) -> np.ndarray:
    cube = values * values
    cube *= values
    return cube
