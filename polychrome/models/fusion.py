"""The VVIT report's U-Net with a fusion layer that joins global and local features."""

import keras
from keras import layers, ops

from polychrome.errors import InputError
from polychrome.layers.padding import CropLike
from polychrome.models.unet import WIDTH, decode, encode
from polychrome.tensors import Shape, Tensor

_LEVEL = 2  # stride 8, that of Iizuka's mid-level features


@keras.saving.register_keras_serializable("polychrome")
class RepeatOver(keras.layers.Layer):
    """Repeat a vector `[B, C]` at every position of a map `[B, H, W, ...]`: `[B, H, W, C]`."""

    def call(self, vector: Tensor, like: Tensor) -> Tensor:
        batch, height, width = ops.shape(like)[:3]
        shape = (batch, height, width, vector.shape[-1])
        return ops.broadcast_to(vector[:, None, None, :], shape)

    def compute_output_shape(self, vector_shape: Shape, like_shape: Shape) -> Shape:
        return (*like_shape[:3], vector_shape[-1])


def build_fusion(
    image_size: int = 256, width: int = WIDTH, dropout: float = 0.5, classes: int | None = None
) -> keras.Model:
    """A U-Net whose map at stride 8 is fused with a vector for the whole image.

    The report names the layer and cites Iizuka et al. 2016: the vector comes from dense layers on
    the innermost features and is also trained with class labels. It is repeated over the local
    features, concatenated with them, and mixed by a 1x1 convolution.

    Args:
        image_size, width, dropout: see `polychrome.models.unet.build_unet`; `image_size` at least
            8.
        classes: number of classes of the images, at least 1; labels are 0 to `classes - 1`. None
            for images without labels, which leaves out the class head.

    Returns:
        Model: lightness `[B, H, W, 1]` (L*/50 - 1) to chroma `[B, H, W, 2]` (ab / 110), with a
        class head to {"chroma": ..., "classes": logits `[B, classes]`}.

    Raises:
        InputError: `image_size` below 8, or `classes` below 1.
    """
    if image_size < 2 ** (_LEVEL + 1):
        raise InputError(
            f"image_size={image_size}: should be at least {2 ** (_LEVEL + 1)}", ["image_size"]
        )
    if classes is not None and classes < 1:
        raise InputError(f"classes={classes}: should be at least 1, or None without labels")
    lightness = keras.Input((None, None, 1), name="lightness")
    features = encode(lightness, image_size, width)

    # Global branch: one vector per image; Iizuka's 512 and 256 units at full width.
    inner = layers.GlobalAveragePooling2D()(layers.LeakyReLU(0.2)(features[-1]))
    inner = layers.Dense(8 * width, activation="relu")(inner)
    vector = layers.Dense(4 * width, activation="relu", name="global")(inner)

    # Fusion.
    local = layers.LeakyReLU(0.2)(features[_LEVEL])
    fused = layers.Concatenate()([local, RepeatOver(name="repeat")(vector, local)])
    features[_LEVEL] = layers.Conv2D(local.shape[-1], 1, activation="relu", name="fusion")(fused)

    chroma = CropLike(name="crop", dtype="float32")(decode(features, dropout), lightness)
    if classes is None:
        return keras.Model(lightness, chroma, name="unet_fusion")
    logits = layers.Dense(4 * width, activation="relu")(inner)
    logits = layers.Dense(classes, dtype="float32", name="classes")(logits)
    return keras.Model(lightness, {"chroma": chroma, "classes": logits}, name="unet_fusion")


def chroma_of(network: keras.Model) -> keras.Model:
    """A network with a class head, reduced to lightness to chroma; weights are shared."""
    if not isinstance(network.output, dict):
        return network
    return keras.Model(network.input, network.output["chroma"], name=network.name)
