"""The conditional GAN of the Linköping report, after Cao et al. 2017, on YUV."""

from collections.abc import Sequence

import keras
from keras import layers

from polychrome.layers.noise import NoiseVector
from polychrome.layers.resizing import ResizeLike
from polychrome.layers.torch_layers import batch_norm

NOISE = 100  # Linköping report, Table 1
FILTERS = (128, 64, 64, 64, 32)  # Cao et al. 2017; the report gives the first


def build_cgan_generator(
    filters: Sequence[int] = FILTERS,
    noise_layers: int = 3,
    image_size: int = 64,
    noise: int = NOISE,
) -> keras.Model:
    """The generator: no downsampling; y and the noise plane Z are fed to layers repeatedly.

    A layer draws the noise, in training and inference; fix it with
    `polychrome.layers.noise.with_fixed_noise`.

    Args:
        filters: of the convolutions, each followed by batch norm and ReLU. The first is 7x7; the
            others, and a final one with two filters and tanh, are 5x5.
        noise_layers: number of convolutions, starting with the first, that see Z; all see y. 3 in
            the paper's text, 1 in its released code.
        image_size: side of Z, to which the noise vector is mapped; Z is resized for other image
            sizes.
        noise: number of values in [-1, 1] drawn for an image.

    Returns:
        Model: Y `[B, H, W, 1]` in [-1, 1] to UV `[B, H, W, 2]` in [-1, 1].
    """
    y = keras.Input((None, None, 1), name="lightness")
    # Z: [B, 100] to a plane [B, H, W, 1].
    z = NoiseVector(noise, name="noise")(y)
    z = layers.Dense(image_size * image_size, name="plane")(z)
    z = layers.Reshape((image_size, image_size, 1))(z)
    z = ResizeLike(name="resize")(z, y)

    x = layers.Concatenate()([y, z])
    for index, count in enumerate(filters):
        # No bias: batch norm would remove it again.
        kernel = 7 if index == 0 else 5
        x = layers.Conv2D(count, kernel, padding="same", use_bias=False)(x)
        x = batch_norm(x)
        x = layers.ReLU()(x)
        x = layers.Concatenate()([x, y, z] if index + 1 < noise_layers else [x, y])
    # float32 whatever the precision policy, because the loss is computed on it.
    conv = layers.Conv2D(2, 5, padding="same", activation="tanh", dtype="float32", name="chroma")
    return keras.Model(y, conv(x), name="cgan")


def build_cgan_discriminator(
    filters: Sequence[int] = (64, 128, 256, 512), image_size: int = 64
) -> keras.Model:
    """The discriminator on YUV: 5x5 stride-2 convolutions, then a dense layer over all positions.

    The sigmoid is left to the loss, which is more precise on logits.

    Returns:
        Model: [Y `[B, image_size, image_size, 1]`, UV `[B, image_size, image_size, 2]`] to logits
        `[B, 1]`.
    """
    lightness = keras.Input((image_size, image_size, 1), name="lightness")
    chroma = keras.Input((image_size, image_size, 2), name="chroma")
    x = layers.Concatenate()([lightness, chroma])
    for index, count in enumerate(filters):
        x = layers.Conv2D(count, 5, strides=2, padding="same", use_bias=index == 0)(x)
        if index:
            x = batch_norm(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(1, dtype="float32", name="logits")(layers.Flatten()(x))
    return keras.Model([lightness, chroma], logits, name="cgan_discriminator")
