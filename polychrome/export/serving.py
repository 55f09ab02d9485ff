"""Graphs behind the signatures of an export: `polychrome.inference` on encoded files.

Each item of a batch is answered on its own: TensorFlow Serving batches requests from several
clients, and one client's bad image must not fail another's.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from polychrome import images
from polychrome.color.scaling import Scaling
from polychrome.inference.colorize import colorize_rgb
from polychrome.inference.predict import traced_predict

_UNDECODABLE = f"cannot be decoded; send a whole {images.FORMATS} file"
_EMPTY = f"has no bytes; send a whole {images.FORMATS} file"
_VIVID = "vivid is outside of 0...1"
_SATURATION = "saturation is negative or not a number"

Endpoint = tuple[str, Callable[..., dict[str, tf.Tensor]], list[tf.TensorSpec]]


def endpoints(network: keras.Model, scaling: Scaling, image_size: int) -> list[Endpoint]:
    """Name, function, and inputs of each signature; see `export_colorizer`."""

    # One graph that all signatures call: the network is traced and stored once. Traced outside of
    # `tf.map_fn`, because a network that cannot be traced would leave a caching device behind in
    # there, and then no strategy scope can be entered.
    run = traced_predict(network, scaling)

    def lightness_to_ab(lightness: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"ab": run(lightness).ab}

    def colorize(
        image_bytes: tf.Tensor, vivid: tf.Tensor, saturation: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        # Written so that NaN is rejected too.
        errors = tf.where((vivid >= 0.0) & (vivid <= 1.0), "", _VIVID)
        fine = (saturation >= 0.0) & tf.math.is_finite(saturation)
        errors = tf.where(fine, errors, _SATURATION)
        return _answer(
            image_bytes,
            errors,
            lambda rgb, *settings: colorize_rgb(run, image_size, rgb, *settings),
            (vivid, saturation),
        )

    def serving_default(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return _answer(
            image_bytes,
            tf.zeros_like(image_bytes),
            lambda rgb: colorize_rgb(run, image_size, rgb),
        )

    encoded = tf.TensorSpec([None], tf.string, "image_bytes")
    settings = [tf.TensorSpec([None], tf.float32, name) for name in ("vivid", "saturation")]
    signatures: list[Endpoint] = [
        (
            "lightness_to_ab",
            lightness_to_ab,
            [tf.TensorSpec([None, None, None, 1], tf.float32, "lightness")],
        ),
        ("serving_default", serving_default, [encoded]),
    ]
    if isinstance(network.output, dict) and "vivid_ab" in network.output:
        signatures.append(("colorize", colorize, [encoded, *settings]))
    return signatures


def _answer(
    image_bytes: tf.Tensor,
    errors: tf.Tensor,
    colorize: Callable[..., tf.Tensor],
    settings: tuple[tf.Tensor, ...] = (),
) -> dict[str, tf.Tensor]:
    """Colorize each item of string `[B]` that has no error yet and decodes."""
    errors = tf.where(tf.equal(errors, "") & ~_decodable(image_bytes), _UNDECODABLE, errors)
    errors = tf.where(tf.equal(image_bytes, ""), _EMPTY, errors)

    def colorized(item: tuple[tf.Tensor, ...]) -> tf.Tensor:
        encoded, error, *settings = item

        def encoded_color() -> tf.Tensor:
            return images.encode_png(colorize(images.decode_upright(encoded), *settings))

        return tf.cond(tf.equal(error, ""), encoded_color, lambda: tf.constant(b""))

    # One at a time: each convolution uses all cores, and large images need much memory.
    answers = tf.map_fn(
        colorized,
        (image_bytes, errors, *settings),
        fn_output_signature=tf.TensorSpec([], tf.string),
        parallel_iterations=1,
    )
    return {"colorized_bytes": answers, "error": errors}


def _decodable(encoded: tf.Tensor) -> tf.Tensor:
    """Which items of a string `[B]` decode: bool `[B]`.

    A graph cannot catch decoding errors, so `ignore_errors` drops the items that fail and the rest
    are known to decode. This decodes twice, which is cheap next to the network and the PNG encoder.
    """
    count = tf.size(encoded)
    return (
        tf.data.Dataset.from_tensor_slices((tf.range(count), encoded))
        .map(lambda index, item: (index, tf.size(images.decode_rgb(item)) > 0))
        .ignore_errors()
        .reduce(
            tf.zeros([count], tf.bool),
            lambda seen, item: seen | (tf.equal(tf.range(count), item[0]) & item[1]),
        )
    )
