"""The report's own data preparation: image by image, in one Python loop.

The Padova report decodes and resizes each file and converts it with `skimage.color.rgb2lab`. It
does not name the decoder, so the benchmark takes the fastest of the three usual ones.
"""

import io
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import tensorflow as tf
from PIL import Image
from skimage.color import rgb2lab

from benchmarks.measuring.timing import images_per_second
from polychrome.color.scaling import PADOVA
from tf_data.sources.split import Split

# Encoded bytes and a side to uint8 RGB [side, side, 3].
Decoder = Callable[[bytes, int], np.ndarray]


def _opencv(encoded: bytes, size: int) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    return cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), (size, size))


def _pillow(encoded: bytes, size: int) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB").resize((size, size)))


def _tensorflow(encoded: bytes, size: int) -> np.ndarray:
    image = tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE")
    if image.shape[:2] != (size, size):  # unlike the others', its resize does not return early
        image = tf.cast(tf.round(tf.image.resize(image, (size, size), antialias=True)), tf.uint8)
    return image.numpy()


DECODERS: dict[str, Decoder] = {
    "OpenCV": _opencv,
    "Pillow": _pillow,
    "tf.io": _tensorflow,
}


def fastest_decoder(split: Split, size: int, images: int = 512) -> str:
    """The name of the fastest decoder on the first images."""
    encoded = [split.read(index) for index in range(min(images, len(split)))]
    speeds = {
        name: images_per_second(lambda: [decode(e, size) for e in encoded], len(encoded))  # noqa: B023, E501
        for name, decode in DECODERS.items()
    }
    return max(speeds, key=speeds.get)


def report_way(split: Split, size: int, decode: Decoder) -> Iterator[tuple[np.ndarray, ...]]:
    """Each image of a split as float64 lightness `[size, size, 1]`, chroma `[size, size, 2]`."""
    for index in range(len(split)):
        lab = rgb2lab(decode(split.read(index), size))
        yield lab[..., :1], lab[..., 1:] / PADOVA.chroma_scale
