"""Color histogram of a store, in one pass."""

import numpy as np
from keras import ops
from tqdm import tqdm

from polychrome.color.histogram import ChromaHistogram
from polychrome.color.spaces import rgb_to_lab
from polychrome.compiling import compiled
from tf_data.store import Store

# Pixels converted at a time: float32 Lab and each intermediate take 12 bytes per pixel.
_PIXELS = 2**18


def measure_histogram(store: Store) -> ChromaHistogram:
    """Histogram of a* and b* over all pixels of all images, in the memory of a few images."""
    histogram = ChromaHistogram()
    to_lab = compiled(rgb_to_lab)
    batch = max(1, _PIXELS // int(np.prod(store.images.shape[1:3])))
    with tqdm(total=len(store), desc="count colors", unit="image", leave=False) as progress:
        for start in range(0, len(store), batch):
            images = np.asarray(store.images[start : start + batch])
            histogram.update(ops.convert_to_numpy(to_lab(images))[..., 1:])
            progress.update(len(images))
    return histogram
