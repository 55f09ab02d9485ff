"""The convolutional baseline of the Padova report (Table 2, row CNN)."""

import keras
from keras import layers


def build_cnn(filters: tuple[int, ...] = (32, 64, 128)) -> keras.Model:
    """Three 3x3 convolutions at full resolution, each ReLU then batch norm, and a 1x1 tanh output.

    Layer order from the author's public code; the report names the baseline but does not describe
    it.

    Returns:
        Model: lightness `[B, H, W, 1]` (L* raw) to chroma `[B, H, W, 2]` (ab / 128), any H and W.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = lightness
    for count in filters:
        x = layers.Conv2D(count, 3, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(x)
    # float32 whatever the precision policy, because the loss is computed on it.
    chroma = layers.Conv2D(2, 1, activation="tanh", dtype="float32", name="chroma")(x)
    return keras.Model(lightness, chroma, name="cnn")
