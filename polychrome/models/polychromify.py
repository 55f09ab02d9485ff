"""Polychromify, its variants, and PolychromifyAB (Padova report, Tables 1 and 2)."""

from collections.abc import Sequence

import keras
from keras import layers

from polychrome.layers.padding import CropLike, PadToMultiple

# Sizes S1 and S2 in the report's Table 1; the final network is wider than both (Figure 2).
S1_FILTERS, S1_DENSE = (32, 64, 128), (128, 64, 128)
S2_FILTERS, S2_DENSE = (32, 64, 128, 256), (128, 64, 32, 64, 128)
FINAL_FILTERS = (64, 128, 256)


def build_polychromify(
    filters: Sequence[int] = FINAL_FILTERS,
    dense: Sequence[int] = S1_DENSE,
    strides: bool = True,
    batch_norm: bool = True,
    dropout: float = 0.5,
    outputs: int = 2,
    name: str = "polychromify",
) -> keras.Model:
    """The autoencoder of the Padova report; 1,084,802 parameters as in Table 2.

    The dense layers act on the channel axis of the encoded map, the same at every position: the
    published parameter count rules out flattening.

    Args:
        filters: of the encoder's 3x3 convolutions; the decoder mirrors them.
        dense: units of the dense layers in between.
        strides: halve the resolution at each encoder convolution and double it after each decoder
            convolution (Table 1, column S/U).
        batch_norm: before and after the dense layers (column BN).
        dropout: rate after every dense layer but the last (column D); 0 disables it.
        outputs: 2 predicts a* and b*, 1 only one of them.

    Returns:
        Model: lightness `[B, H, W, 1]` (L* raw) to chroma `[B, H, W, outputs]` (ab / 128).
    """
    lightness = keras.Input((None, None, 1), name="lightness")

    # Encoder.
    x = PadToMultiple(2 ** len(filters), name="pad")(lightness) if strides else lightness
    for count in filters:
        step = 2 if strides else 1
        x = layers.Conv2D(count, 3, strides=step, padding="same", activation="relu")(x)

    # Dense layers on channels: [B, H/8, W/8, C].
    if batch_norm:
        x = layers.BatchNormalization()(x)
    for index, units in enumerate(dense):
        x = layers.Dense(units, activation="relu")(x)
        if dropout and index < len(dense) - 1:
            x = layers.Dropout(dropout)(x)
    if batch_norm:
        x = layers.BatchNormalization()(x)

    # Decoder.
    for count in reversed(filters):
        x = layers.Conv2D(count, 3, padding="same", activation="relu")(x)
        if strides:
            x = layers.UpSampling2D(2, interpolation="nearest")(x)
    # float32 whatever the precision policy, because the loss is computed on it.
    chroma = layers.Conv2D(outputs, 1, activation="tanh", dtype="float32", name="chroma")(x)
    if strides:
        chroma = CropLike(name="crop", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name=name)


def join_polychromify_ab(network_a: keras.Model, network_b: keras.Model) -> keras.Model:
    """PolychromifyAB: two separately trained networks, one for a* and one for b*.

    Args:
        network_a, network_b: lightness `[B, H, W, 1]` to chroma `[B, H, W, 1]`; weights are shared.

    Returns:
        Model: lightness `[B, H, W, 1]` to chroma `[B, H, W, 2]`.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    parts = [network_a(lightness), network_b(lightness)]
    chroma = layers.Concatenate(name="chroma", dtype="float32")(parts)
    return keras.Model(lightness, chroma, name="polychromify_ab")
