"""CIEDE2000, a color difference closer to human judgment than Euclidean distance in Lab.

Source: Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula: implementation notes,
supplementary test data, and mathematical observations", Color Research & Application 30(1), 2005.
"""

import math

from polychrome.color.arrays import check_coordinates, ops_for
from polychrome.tensors import Tensor

# Chroma and differences below this are 0 with gradient 0: far too small to see, but large enough
# that squares don't underflow in float32 and turn gradients into NaN.
_SMALLEST = 1e-6
# Hues this close to opposite, in radians, count as exactly opposite. The mean hue jumps there, and
# float32 rounding would otherwise pick the side.
_OPPOSITE = 1e-6


def _root_of_square(square: Tensor) -> Tensor:
    """Square root whose value and gradient are 0 below `_SMALLEST`."""
    ops = ops_for(square)
    large = square > _SMALLEST**2
    return ops.where(large, ops.sqrt(ops.where(large, square, 1.0)), 0.0)


def _half_angle(
    a1: Tensor, b1: Tensor, a2: Tensor, b2: Tensor, product: Tensor
) -> tuple[Tensor, Tensor]:
    """Cosine and sine of half the signed angle from hue 1 to hue 2; 1 and 0 where `product` is 0.

    With cross and dot products, the standard's three wrap-around cases are not needed, nor is the
    angle: square roots take less time than its arctangent, sine, and cosine.

    Args:
        a1, b1, a2, b2: two colors.
        product: of their chromas.
    """
    ops = ops_for(product)
    colored = product > 0.0
    product = ops.where(colored, product, 1.0)
    cross = ops.where(colored, a1 * b2 - b1 * a2, 0.0)
    dot = ops.where(colored, a1 * a2 + b1 * b2, 1.0)
    # Of half the angle, the function that is not near 0 by a root, the other by their product.
    larger = ops.sqrt((1.0 + ops.abs(dot) / product) / 2.0)
    smaller = cross / (2.0 * product * larger)
    # For opposite hues the standard averages both angles in [0, 2 pi), so the difference is +pi
    # from a hue in the upper half plane and -pi from one in the lower half.
    upper = ops.logical_or(b1 > 0.0, ops.logical_and(b1 == 0.0, a1 > 0.0))
    opposite = ops.logical_and(ops.abs(cross) < _OPPOSITE * product, dot < 0.0)
    forward = ops.where(opposite, upper, cross >= 0.0)
    cos = ops.where(dot < 0.0, ops.where(opposite, 0.0, ops.abs(smaller)), larger)
    sin = ops.where(dot < 0.0, ops.where(forward, larger, -larger), smaller)
    return cos, sin


def _turned(cos: Tensor, sin: Tensor, degrees: float) -> tuple[Tensor, Tensor]:
    """Cosine and sine of an angle plus `degrees`."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return c * cos - s * sin, s * cos + c * sin


def _saturation(chroma: Tensor) -> Tensor:
    """sqrt(C^7 / (C^7 + 25^7)), written so that value and gradient stay finite at C = 0.

    In products: powers other than squares take half of the time of a whole difference.
    """
    ratio = chroma / 25.0
    cube = ratio * ratio * ratio
    return cube * _root_of_square(ratio) / ops_for(chroma).sqrt(1.0 + cube * cube * ratio)


def _hue_weight(cos: Tensor, sin: Tensor) -> Tensor:
    """The standard's T of the mean hue: multiples of the angle by products, not by more cosines."""
    cos2, sin2 = cos * cos - sin * sin, 2.0 * sin * cos
    cos3, sin3 = cos * cos2 - sin * sin2, sin * cos2 + cos * sin2
    cos4, sin4 = cos2 * cos2 - sin2 * sin2, 2.0 * sin2 * cos2

    return (
        1.0
        - 0.17 * _turned(cos, sin, -30)[0]
        + 0.24 * cos2
        + 0.32 * _turned(cos3, sin3, 6)[0]
        - 0.20 * _turned(cos4, sin4, -63)[0]
    )


def _blueness(cos: Tensor, sin: Tensor) -> Tensor:
    """The standard's exp(-((mean hue - 275 degrees) / 25 degrees)^2), of a hue in [0, 360)."""
    ops = ops_for(cos)
    cos, sin = _turned(cos, sin, -275)
    angle = ops.arctan2(sin, cos)
    near = ops.exp(-((angle / math.radians(25)) ** 2))
    # What is further above 275 is at least 180 degrees below it in [0, 360): nothing is left.
    return ops.where(angle > math.radians(85), 0.0, near)


def delta_e_2000(lab1: Tensor, lab2: Tensor) -> Tensor:
    """CIEDE2000 difference of two arrays of colors, with k_L = k_C = k_H = 1.

    Args:
        lab1: `[..., 3]`, L* 0...100, a*, b*.
        lab2: as `lab1`; the formula is symmetric.

    Returns:
        float32 `[...]`, 0 for equal colors, about 1 for a just visible difference, 100 from black
        to white. Within 1e-3 of `skimage.color.deltaE_ciede2000`. Gradients are finite for all
        inputs. For equal and gray colors, where the formula has no gradient, they are 0.
    """
    check_coordinates(lab1, "Lab")
    check_coordinates(lab2, "Lab")
    ops = ops_for(lab1, lab2)
    lab1, lab2 = ops.cast(lab1, "float32"), ops.cast(lab2, "float32")
    l1, a1, b1 = (lab1[..., i] for i in range(3))
    l2, a2, b2 = (lab2[..., i] for i in range(3))

    # a* is stretched near the gray axis; everything below uses the stretched colors.
    mean_chroma = (_root_of_square(a1**2 + b1**2) + _root_of_square(a2**2 + b2**2)) / 2.0
    stretch = 1.5 - 0.5 * _saturation(mean_chroma)
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = _root_of_square(a1**2 + b1**2), _root_of_square(a2**2 + b2**2)
    product = c1 * c2
    colored = product > 0.0

    half_cos, half_sin = _half_angle(a1, b1, a2, b2, product)
    root_product = ops.where(colored, ops.sqrt(ops.where(colored, product, 1.0)), 0.0)
    delta_l, delta_c = l2 - l1, c2 - c1
    delta_h = 2.0 * root_product * half_sin

    mean_l, mean_c = (l1 + l2) / 2.0, (c1 + c2) / 2.0
    # If one color is gray, use the hue of the other; of two grays, 0.
    first, some = c1 > 0.0, ops.logical_or(c1 > 0.0, c2 > 0.0)
    chroma = ops.where(some, ops.where(first, c1, c2), 1.0)
    hue_cos = ops.where(some, ops.where(first, a1, a2) / chroma, 1.0)
    hue_sin = ops.where(first, b1, b2) / chroma
    mean_cos = hue_cos * half_cos - hue_sin * half_sin
    mean_sin = hue_sin * half_cos + hue_cos * half_sin

    t = _hue_weight(mean_cos, mean_sin)
    squared_l = (mean_l - 50.0) ** 2
    term_l = delta_l / (1.0 + 0.015 * squared_l / ops.sqrt(20.0 + squared_l))
    term_c = delta_c / (1.0 + 0.045 * mean_c)
    term_h = delta_h / (1.0 + 0.015 * mean_c * t)
    blueness = math.radians(60) * _blueness(mean_cos, mean_sin)
    rotation = -2.0 * _saturation(mean_c) * ops.sin(blueness)
    return _root_of_square(term_l**2 + term_c**2 + term_h**2 + rotation * term_c * term_h)
