"""What colorfulness costs: PSNR along the dial of a colorizer, and of its chroma times a factor."""

from collections.abc import Callable

import numpy as np
from keras import ops
from tqdm import tqdm

from experiments.studies.curves import Frontier, Point
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_float
from polychrome.compiling import compiled
from polychrome.inference.types import Prediction, dialed
from polychrome.metrics.perceptual import CIEDE2000, Colorfulness
from polychrome.metrics.pixel import ColoredPSNR
from tf_data.pipeline import image_batches
from tf_data.store import Store

# Positions of the dial; saturations of the vivid answer, which go on where it ends; and factors of
# the faithful chroma.
DIAL = tuple(np.linspace(0.0, 1.0, 9).tolist())
SATURATIONS = (1.05, 1.1, 1.2)
FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0)
_BATCH = 100


def measure_frontier(predict: Callable[[np.ndarray], Prediction], store: Store) -> Frontier:
    """Grade every setting on the images of a store that are not gray.

    Args:
        predict: L* 0...100, float32 `[B, H, W, 1]`, to a prediction in NumPy arrays.
        store: the test images.
    """
    sums: dict[tuple[str, float], np.ndarray] = {}
    colored = 0
    measure = _measure()
    to_lab = compiled(rgb_to_lab)
    for images in tqdm(
        image_batches(store, _BATCH).as_numpy_iterator(),
        total=-(-len(store) // _BATCH),
        desc="frontier",
        unit="batch",
        leave=False,
    ):
        lab = np.asarray(ops.convert_to_numpy(to_lab(images)))
        prediction = predict(lab[..., :1])
        settings = {("factor", factor): factor * prediction.ab for factor in FACTORS}
        if prediction.vivid_ab is not None:
            dials = [(dial, 1.0) for dial in DIAL] + [(1.0, more) for more in SATURATIONS]
            settings |= {
                ("dial", dial * saturation): dialed(prediction, dial, saturation)
                for dial, saturation in dials
            }
        for setting, ab in settings.items():
            values = np.asarray(ops.convert_to_numpy(measure(images, lab, ab)))
            counted = np.isfinite(values).all(axis=1)
            sums[setting] = sums.get(setting, 0.0) + values[counted].sum(axis=0)
        colored += int(counted.sum())
    points = {
        way: tuple(
            Point(setting, *(total / colored).tolist())
            for (kind, setting), total in sums.items()
            if kind == way
        )
        for way in Frontier._fields
    }
    return Frontier(**points)


def _measure() -> Callable:
    """(images, Lab, ab) to `[n, 3]`: colorfulness, PSNR and CIEDE2000, NaN for gray images."""
    # Made outside, because a metric has variables.
    metrics = (Colorfulness(), ColoredPSNR(), CIEDE2000())

    def measure(images, lab, ab):
        truth = to_float(images)
        rgb = lab_to_rgb(ops.concatenate([lab[..., :1], ab], axis=-1))
        return ops.stack([metric.per_image(truth, rgb) for metric in metrics], axis=-1)

    return compiled(measure)
