"""UCI's protocol over a whole run: its grading algorithms, on images painted by superpixels."""

from collections.abc import Mapping

import numpy as np
from keras import ops
from tqdm import tqdm

from experiments.grading.pair import uci_metrics
from experiments.grading.protocol import Colorizer, Grades
from polychrome.color.scaling import Scaling
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.errors import InputError
from tf_data.pipeline import image_batches
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels, painted

_BATCH = 32


def painted_grades(
    systems: Mapping[str, Colorizer], store: Store, scaling: Scaling, superpixels: Superpixels
) -> Grades:
    """Grade systems by `uci_metrics` on every image of a store, painted by superpixels.

    Source: UCI report, sections 3.1 and 3.4. A system sees the lightness of the painted image; what
    it makes of it is divided and painted on its own, then compared with the painted truth.

    Args:
        systems: name to colorizer, as for `experiments.grading.protocol.grade`.
        store: the test images, as photographed.
        scaling: of the colorizers' input.
        superpixels: of truth and predictions.

    Raises:
        InputError: a system predicts NaN or infinity.
    """
    values: dict[str, dict[str, list]] = {system: {} for system in systems}
    total = len(store) * len(systems)
    with tqdm(total=total, desc="grade superpixels", unit="image", leave=False) as bar:
        for images in image_batches(store, _BATCH).as_numpy_iterator():
            truth = painted(images, superpixels)
            lightness = ops.convert_to_numpy(scaling.split(truth)[0])
            true_lightness = ops.convert_to_numpy(rgb_to_lab(truth)[..., :1])
            for system, colorize in systems.items():
                shape = (*images.shape[:-1], 2)
                ab = np.broadcast_to(np.asarray(colorize(lightness), np.float32), shape)
                if not np.isfinite(ab).all():
                    raise InputError(f"{system} predicts NaN or infinity: its weights are broken")
                joined = lab_to_rgb(np.concatenate([true_lightness, ab], axis=-1))
                prediction = painted(ops.convert_to_numpy(to_uint8(joined)), superpixels)
                for metric in uci_metrics():
                    column = ops.convert_to_numpy(metric.per_image(truth, prediction))
                    values[system].setdefault(metric.key, []).append(column)
                bar.update(len(images))
    return Grades(
        {
            system: {key: np.concatenate(parts) for key, parts in columns.items()}
            for system, columns in values.items()
        }
    )
