"""What stands beside the systems in every bake-off: baselines, which know no picture's colors, and
oracles, which know the truth and bound what a system can reach.
"""

import dataclasses
import functools
import zlib

import numpy as np
import tensorflow as tf
from keras import ops

from experiments.comparison.kinds import BASELINE, ORACLE
from experiments.grading.baseline_names import BEST_CONSTANT, MEAN_COLOR, NOTHING
from experiments.grading.baselines import Baselines
from experiments.grading.protocol import Colorizer, Oracle, images_to_lab
from polychrome.color.bins import BINS, nearest_bin
from tf_data.pipeline import image_batches
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels, painted

# Side at which gray images are compared: 100,000 of them take 0.4 GB.
SIDE = 32
_BATCH = 500


@dataclasses.dataclass(frozen=True)
class Yardstick:
    """A row of the table that is no system.

    Attributes:
        name: in files.
        label: in the table.
        kind: `BASELINE` or `ORACLE`.
        says: how it colors, a sentence without its end.
        colorize: it.
    """

    name: str
    label: str
    kind: str
    says: str
    colorize: Colorizer | Oracle


def yardsticks(train: Store, baselines: Baselines, image_size: int) -> dict[str, Yardstick]:
    """All of them by name, in table order.

    Args:
        train: the training images, which must stay open.
        baselines: of these.
        image_size: side of the graded images in pixels.
    """
    plain = baselines.systems()
    constants = {
        NOTHING: ("do nothing", "leaves the image gray"),
        MEAN_COLOR: ("mean color", f"paints the mean of {baselines.images:,} training images"),
        BEST_CONSTANT: (
            "best constant",
            f"paints the mean color times {baselines.factor:.2f}, best on training images",
        ),
    }
    rows = [
        Yardstick(name, label, BASELINE, says, plain[name])
        for name, (label, says) in constants.items()
    ]
    rows += [
        Yardstick(
            "random_chroma",
            "chroma of a random training image",
            BASELINE,
            "takes the chroma of a training image drawn for each image",
            RandomChroma(train),
        ),
        Yardstick(
            "nearest_gray",
            "chroma of the nearest training image",
            BASELINE,
            f"takes the chroma of the training image nearest in lightness at {SIDE}x{SIDE}",
            NearestGray(train),
        ),
    ]
    superpixels = Superpixels.uci(image_size)
    oracles = {
        "image_mean": ("true mean color of each image", "paints each image in its own mean", mean),
        "eighth": (
            "true chroma at 1/8",
            "has the true chroma at 1/8 of the resolution, bilinear back",
            functools.partial(coarse, factor=8),
        ),
        "quarter": (
            "true chroma at 1/4",
            "has the true chroma at 1/4 of the resolution, bilinear back",
            functools.partial(coarse, factor=4),
        ),
        "on_superpixels": (
            "true chroma on superpixels",
            f"has the mean color of each of about {superpixels.n_segments} true superpixels",
            lambda rgb: true_ab(painted(rgb, superpixels)),
        ),
        "bins": (
            "truth in 313 bins",
            "has the nearest of the 313 bins of Zhang et al. at each pixel",
            quantized,
        ),
        "truth": ("truth", "is the true image", true_ab),
    }
    rows += [
        Yardstick(name, label, ORACLE, says, Oracle(of_truth))
        for name, (label, says, of_truth) in oracles.items()
    ]
    return {row.name: row for row in rows}


def _lab(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(images_to_lab()(rgb)))


def true_ab(rgb: np.ndarray) -> np.ndarray:
    """a* and b* of RGB uint8 `[B, H, W, 3]`: float32 `[B, H, W, 2]`."""
    return _lab(rgb)[..., 1:]


def mean(rgb: np.ndarray) -> np.ndarray:
    """The mean a* and b* of each image, `[B, 1, 1, 2]`."""
    return true_ab(rgb).mean(axis=(1, 2), keepdims=True)


def coarse(rgb: np.ndarray, factor: int) -> np.ndarray:
    """True a* and b* averaged over squares of `factor` pixels, and brought back bilinearly."""
    ab = true_ab(rgb)
    sides = ab.shape[1:3]
    small = tf.image.resize(ab, [max(1, side // factor) for side in sides], method="area")
    return tf.image.resize(small, sides).numpy()


def quantized(rgb: np.ndarray) -> np.ndarray:
    """The center of the bin nearest to the true color of each pixel."""
    return BINS[np.asarray(nearest_bin(true_ab(rgb)))]


class RandomChroma:
    """The chroma of a training image that is drawn for each image, the same in every call.

    Args:
        train: the training images.
    """

    def __init__(self, train: Store):
        self.train = train

    def __call__(self, lightness: np.ndarray) -> np.ndarray:
        # Of the image itself, so that neither batches nor earlier images decide.
        drawn = [zlib.crc32(np.ascontiguousarray(image).tobytes()) for image in lightness]
        return true_ab(_taken(self.train, np.array(drawn, np.int64) % len(self.train)))


class NearestGray:
    """The chroma of the training image of the least squared difference in lightness.

    Args:
        train: the training images.
    """

    def __init__(self, train: Store):
        self.train = train

    def __call__(self, lightness: np.ndarray) -> np.ndarray:
        return true_ab(_taken(self.train, self.nearest(lightness)))

    def nearest(self, lightness: np.ndarray) -> np.ndarray:
        """The row of the nearest training image for each of `[B, H, W, 1]`."""
        known, lengths = self._known
        given = _small(lightness)
        return np.argmin(lengths - 2.0 * (given @ known.T), axis=1)

    @functools.cached_property
    def _known(self) -> tuple[np.ndarray, np.ndarray]:
        """Lightness of the training images at `SIDE`, float32 `[n, SIDE²]`, and squared lengths."""
        batches = image_batches(self.train, _BATCH).as_numpy_iterator()
        known = np.concatenate([_small(_lab(images)[..., :1]) for images in batches])
        return known, np.square(known).sum(axis=1)


def _small(lightness: np.ndarray) -> np.ndarray:
    side = [min(SIDE, length) for length in lightness.shape[1:3]]
    return tf.image.resize(lightness, side, method="area").numpy().reshape(len(lightness), -1)


def _taken(train: Store, rows: np.ndarray) -> np.ndarray:
    return np.asarray(train.images[rows])
