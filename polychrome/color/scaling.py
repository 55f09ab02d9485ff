"""Scaling of lightness and chroma in each system: all such constants, by name."""

import dataclasses
from typing import Literal

from polychrome.color.arrays import check_last_axis, ops_for
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, rgb_to_yuv, yuv_to_rgb
from polychrome.tensors import Tensor


@dataclasses.dataclass(frozen=True)
class Scaling:
    """The scaling of a network's lightness and chroma.

    In the space "lab" its input is `(L* - lightness_offset) / lightness_scale` and its output
    `ab / chroma_scale`; in "yuv" Y and UV (see `rgb_to_yuv`) take the place of L* and ab. Tensors
    give tensors; NumPy arrays give NumPy arrays.
    """

    name: str
    lightness_offset: float
    lightness_scale: float
    chroma_scale: float
    space: Literal["lab", "yuv"] = "lab"

    def split(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        """RGB `[..., 3]`, uint8 or float in [0, 1], to lightness `[..., 1]`, chroma `[..., 2]`."""
        parts = rgb_to_lab(rgb) if self.space == "lab" else rgb_to_yuv(rgb)
        return self._scaled(parts[..., :1]), parts[..., 1:] / self.chroma_scale

    def join(self, lightness: Tensor, chroma: Tensor) -> Tensor:
        """Lightness `[..., 1]` and chroma `[..., 2]` to RGB float32 `[..., 3]` in [0, 1]."""
        check_last_axis(lightness, 1, "lightness")
        check_last_axis(chroma, 2, "chroma")
        ops = ops_for(lightness, chroma)
        lightness = ops.cast(lightness, "float32") * self.lightness_scale + self.lightness_offset
        parts = [lightness, ops.cast(chroma, "float32") * self.chroma_scale]
        whole = ops.concatenate(parts, axis=-1)
        return lab_to_rgb(whole) if self.space == "lab" else yuv_to_rgb(whole)

    def lab_to_lightness(self, lightness: Tensor) -> Tensor:
        """L* 0...100 `[..., 1]` to the network's input; for "yuv", the Y of a gray with that L*."""
        check_last_axis(lightness, 1, "lightness")
        if self.space == "yuv":
            ops = ops_for(lightness)
            zeros = ops.zeros_like(lightness)
            lightness = lab_to_rgb(ops.concatenate([lightness, zeros, zeros], axis=-1))[..., :1]
        return self._scaled(lightness)

    def to_ab(self, lightness: Tensor, chroma: Tensor) -> Tensor:
        """The network's input `[..., 1]` and output `[..., 2]` to a*, b* `[..., 2]`."""
        check_last_axis(chroma, 2, "chroma")
        if self.space == "yuv":
            return rgb_to_lab(self.join(lightness, chroma))[..., 1:]
        return ops_for(chroma).cast(chroma, "float32") * self.chroma_scale

    def _scaled(self, lightness: Tensor) -> Tensor:
        return (lightness - self.lightness_offset) / self.lightness_scale


PADOVA = Scaling("Padova", lightness_offset=0.0, lightness_scale=1.0, chroma_scale=128.0)
# The Linköping report's numbers (section 2.2.2). The DTU and UCI reports give none, so they use the
# same.
UNIT = Scaling("L/100, ab/128", lightness_offset=0.0, lightness_scale=100.0, chroma_scale=128.0)
ZHANG = Scaling("Zhang", lightness_offset=50.0, lightness_scale=100.0, chroma_scale=110.0)
VVIT = Scaling("VVIT", lightness_offset=50.0, lightness_scale=50.0, chroma_scale=110.0)
# Our own networks: chroma of typical size is about 1.
POLYCHROME = Scaling("L/100, ab/30", lightness_offset=0.0, lightness_scale=100.0, chroma_scale=30.0)
# Linköping's conditional GAN: y in -1...1 (report, section 2.2.1). V, which reaches 0.615, sets the
# scale of both chroma channels.
LINKOPING_YUV = Scaling("Linköping YUV", 0.5, 0.5, chroma_scale=0.62, space="yuv")
