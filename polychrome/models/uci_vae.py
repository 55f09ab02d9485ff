"""The variational autoencoder of the UCI report."""

from collections.abc import Sequence

import keras
from keras import layers

from polychrome.layers.noise import GaussianCode
from polychrome.layers.padding import CropLike, PadToMultiple


def build_uci_vae(
    encoder: Sequence[int] = (64, 64, 128, 256),
    code: int = 64,
    decoder: Sequence[int] = (128, 64, 32),
    strides: int = 2,
    kl_weight: float = 1.0,
) -> keras.Model:
    """2x2 convolutions to mean and log-variance of a code; transposed convolutions from a sample.

    The report names the kinds of layers (Figure 4). Filters and kernels are from the authors'
    public code, which does not sample the code and is called an autoencoder.

    Args:
        encoder: filters of the convolutions, each followed by batch norm and ReLU.
        code: channels of the code; not published.
        decoder: filters of the transposed convolutions, one fewer than in the encoder, since a last
            one gives the chroma.
        strides: 2 for the report's "up scaling layers", 1 for the authors' code, which stays at
            full size.
        kl_weight: weight of the divergence, added by a layer's `add_loss`; 0 gives a plain
            autoencoder. The report has no weight, which means 1.

    Returns:
        Model: lightness `[B, H, W, 1]` to chroma `[B, H, W, 2]`, decoded from a sampled code in
        training and from its mean otherwise; `polychrome.layers.noise.with_noise` always samples.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = PadToMultiple(strides ** len(encoder), name="pad")(lightness) if strides > 1 else lightness

    # Encoder.
    for count in encoder:
        x = layers.Conv2D(count, 2, strides=strides, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    mean = layers.Conv2D(code, 1, dtype="float32", name="mean")(x)
    if kl_weight:
        # Without the divergence, nothing would train the variance.
        log_variance = layers.Conv2D(code, 1, dtype="float32", name="log_variance")(x)
        x = GaussianCode(kl_weight, name="code")(mean, log_variance, lightness)
    else:
        x = mean

    # Decoder.
    options = {"strides": strides, "padding": "same"}
    for count in decoder:
        x = layers.Conv2DTranspose(count, 2, activation="relu", **options)(x)
    # float32 whatever the precision policy, because the loss is computed on it.
    chroma = layers.Conv2DTranspose(
        2, 2, activation="tanh", dtype="float32", name="chroma", **options
    )(x)
    if strides > 1:
        chroma = CropLike(name="crop", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name="uci_vae")
