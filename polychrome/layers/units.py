"""Conversion between the units of two scalings, for networks whose weights depend on units.

Published weights and ImageNet weights need their own units, whatever the scaling of the images.
Both functions take symbolic tensors and return them unchanged if the units already match.
"""

from keras import layers

from polychrome.color.scaling import Scaling
from polychrome.errors import InputError
from polychrome.tensors import Tensor


def rescale_lightness(lightness: Tensor, given: Scaling, wanted: Scaling, *, name: str) -> Tensor:
    """Lightness `[..., 1]` in the units of `given` to those of `wanted`.

    Raises:
        InputError: a scaling of a space other than "lab".
    """
    _check_space(given, wanted)
    factor = given.lightness_scale / wanted.lightness_scale
    offset = (given.lightness_offset - wanted.lightness_offset) / wanted.lightness_scale
    if (factor, offset) == (1.0, 0.0):
        return lightness
    return layers.Rescaling(factor, offset, name=name)(lightness)


def rescale_chroma(chroma: Tensor, given: Scaling, wanted: Scaling, *, name: str) -> Tensor:
    """Chroma `[..., 2]` in the units of `given` to those of `wanted`, float32.

    Raises:
        InputError: see `rescale_lightness`.
    """
    _check_space(given, wanted)
    if given.chroma_scale == wanted.chroma_scale:
        return chroma
    factor = given.chroma_scale / wanted.chroma_scale
    return layers.Rescaling(factor, dtype="float32", name=name)(chroma)


def _check_space(*scalings: Scaling) -> None:
    for scaling in scalings:
        if scaling.space != "lab":
            raise InputError(
                f"scaling {scaling.name!r} is of the space {scaling.space}: this network's weights "
                "have the units of L* and ab, its scaling should be of the space lab"
            )
