"""Decoding of color classes: a colorizer from a classification network."""

import dataclasses
from typing import Any

import keras
from keras import layers

from polychrome.color import bins as color_bins
from polychrome.color.scaling import Scaling
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.resizing import ResizeLike
from polychrome.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("polychrome")
class DecodeBins(layers.Layer):
    """Logits of the 313 bins `[..., 313]` to scaled chroma `[..., 2]`, float32.

    Args:
        scaling: of the chroma.
        how, temperature: see `polychrome.color.bins.decode`.
    """

    def __init__(
        self,
        scaling: Scaling,
        how: str = "annealed_mean",
        temperature: float = color_bins.ANNEALED_TEMPERATURE,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.scaling = scaling
        self.how = how
        self.temperature = temperature

    def call(self, logits: Tensor) -> Tensor:
        return color_bins.decode(logits, self.how, self.temperature) / self.scaling.chroma_scale

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], 2)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scaling": dataclasses.asdict(self.scaling),
            "how": self.how,
            "temperature": self.temperature,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DecodeBins":
        return cls(**{**config, "scaling": Scaling(**config["scaling"])})


def decode_bins(
    network: keras.Model,
    scaling: Scaling,
    how: str = "annealed_mean",
    temperature: float = color_bins.ANNEALED_TEMPERATURE,
    stride: int = 4,
) -> keras.Model:
    """A colorizer from a classification network; weights are shared, none are added.

    Colors are decoded at the resolution of the logits, then enlarged bilinearly, as in Zhang et al.
    and in the Linköping report.

    Args:
        network: scaled lightness `[B, H, W, 1]` to logits `[B, ceil(H / stride),
            ceil(W / stride), 313]`.
        scaling: of the chroma.
        how, temperature: see `polychrome.color.bins.decode`.
        stride: lightness pixels per logit, along each axis.

    Returns:
        Model: scaled lightness `[B, H, W, 1]` to scaled chroma `[B, H, W, 2]`.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    logits = network(lightness)
    chroma = DecodeBins(scaling, how, temperature, name="decode")(logits)  # [B, h, w, 2]
    # Enlarge by the exact stride first: another ratio would shift the colors.
    padded = PadToMultiple(stride, name="whole_cells")(lightness)
    chroma = ResizeLike(name="enlarge", dtype="float32")(chroma, padded)
    chroma = CropLike(name="chroma", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name=f"{network.name}_{how}")
