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


def _hue(a: Tensor, b: Tensor, chroma: Tensor) -> Tensor:
    """Hue angle in (-pi, pi], 0 for gray."""
    ops = ops_for(a)
    colored = chroma > 0.0
    return ops.arctan2(ops.where(colored, b, 0.0), ops.where(colored, a, 1.0))


def _hue_difference(a1: Tensor, b1: Tensor, a2: Tensor, b2: Tensor, product: Tensor) -> Tensor:
    """Signed angle from hue 1 to hue 2 in [-pi, pi], 0 where `product` of the chromas is 0.

    With cross and dot products, the standard's three wrap-around cases are not needed.
    """
    ops = ops_for(product)
    colored = product > 0.0
    cross = a1 * b2 - b1 * a2
    dot = a1 * a2 + b1 * b2
    angle = ops.arctan2(ops.where(colored, cross, 0.0), ops.where(colored, dot, 1.0))
    # For opposite hues the standard averages both angles in [0, 2 pi), so the difference is +pi
    # from a hue in the upper half plane and -pi from one in the lower half.
    upper = ops.logical_or(b1 > 0.0, ops.logical_and(b1 == 0.0, a1 > 0.0))
    opposite = ops.logical_and(ops.abs(cross) < _OPPOSITE * product, dot < 0.0)
    return ops.where(opposite, ops.where(upper, math.pi, -math.pi), angle)


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

    def turned(cosine: Tensor, sine: Tensor, degrees: float) -> Tensor:
        """Cosine of the angle plus `degrees`."""
        return math.cos(math.radians(degrees)) * cosine - math.sin(math.radians(degrees)) * sine

    return (
        1.0
        - 0.17 * turned(cos, sin, -30)
        + 0.24 * cos2
        + 0.32 * turned(cos3, sin3, 6)
        - 0.20 * turned(cos4, sin4, -63)
    )


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

    angle = _hue_difference(a1, b1, a2, b2, product)
    root_product = ops.where(colored, ops.sqrt(ops.where(colored, product, 1.0)), 0.0)
    delta_l, delta_c = l2 - l1, c2 - c1
    delta_h = 2.0 * root_product * ops.sin(angle / 2.0)

    mean_l, mean_c = (l1 + l2) / 2.0, (c1 + c2) / 2.0
    # If one color is gray, use the hue of the other.
    first = c1 > 0.0
    hue = _hue(ops.where(first, a1, a2), ops.where(first, b1, b2), ops.where(first, c1, c2))
    mean_h = ops.mod(ops.where(colored, hue + angle / 2.0, hue), 2.0 * math.pi)

    t = _hue_weight(ops.cos(mean_h), ops.sin(mean_h))
    squared_l = (mean_l - 50.0) ** 2
    term_l = delta_l / (1.0 + 0.015 * squared_l / ops.sqrt(20.0 + squared_l))
    term_c = delta_c / (1.0 + 0.045 * mean_c)
    term_h = delta_h / (1.0 + 0.015 * mean_c * t)
    blueness = ops.exp(-(((mean_h - math.radians(275)) / math.radians(25)) ** 2))
    rotation = -2.0 * _saturation(mean_c) * ops.sin(math.radians(60) * blueness)
    return _root_of_square(term_l**2 + term_c**2 + term_h**2 + rotation * term_c * term_h)
