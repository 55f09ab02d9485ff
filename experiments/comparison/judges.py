"""Judges of colorized images beyond the common grading: a classifier, ST-LPIPS, and features."""

from pathlib import Path

import numpy as np
from keras import ops

from experiments.comparison.images import Images
from experiments.comparison.settings import Settings
from experiments.comparison.shared import made_once
from experiments.grading import st_lpips
from experiments.grading.lite0 import Lite0, hits
from experiments.grading.protocol import Answer, Colorizer, Oracle, answers, colored
from polychrome.color.spaces import to_float
from polychrome.metrics.frechet import frechet_distance

TRUE_FEATURES = "true_features.npy"
_BATCH = 100
TOP1_MEANING = (
    "Share of the labeled images that EfficientNet-Lite0, trained on ImageNet in color, gives "
    "their class, {among}. Its photographs may be among those of its training; a colorizer whose "
    "encoder began as Lite0 is judged by its own kind."
)


class Judges:
    """What takes a network of its own; those that the settings skip are left out.

    Args:
        settings: of the bake-off.
        images: that are graded.
        out: folder of the bake-off, which keeps the features of the true images.

    Raises:
        InputError: a package is not installed.
    """

    def __init__(self, settings: Settings, images: Images, out: Path):
        self.images = images
        self._lite0 = None if "lite0" in settings.skipped else Lite0()
        self._st_lpips = None if "st_lpips" in settings.skipped else st_lpips.STLPIPS()
        self._features = out / TRUE_FEATURES

    def described(self) -> dict[str, dict]:
        """Of each value: "label", "better", and "meaning", as in `Scores.described`."""

        def one(label: str, better: str, meaning: str) -> dict:
            return {"label": label, "better": better, "meaning": meaning}

        found = {}
        if self._st_lpips is not None:
            found[st_lpips.KEY] = one(st_lpips.LABEL, "lower", st_lpips.MEANING)
        if self._lite0 is not None:
            found["frechet_lite0"] = one(
                "Fréchet, EfficientNet-Lite0",
                "lower",
                "Fréchet distance of EfficientNet-Lite0's 1,280 pooled features at 224x224 pixels "
                "between true and colorized images; not FID, and larger with fewer images. A "
                "colorizer whose encoder began with its weights is judged by its own kind.",
            )
            if self.images.labeled is not None:
                for key, among in (
                    ("top1", "among all 1,000 of ImageNet"),
                    ("top1_among", f"among the {len(self.images.places)} of the data"),
                ):
                    label = "Lite0's top-1" + " of the data's classes" * (key == "top1_among")
                    found[key] = one(label, "higher", TOP1_MEANING.format(among=among))
        return found

    def begin(self) -> "Seen":
        """For one system."""
        return Seen(self._lite0, self._st_lpips)

    def finish(
        self, seen: "Seen", name: str, colorize: Colorizer | Oracle
    ) -> tuple[dict[str, np.ndarray], dict[str, float]]:
        """Values by image, and of the set.

        Args:
            seen: all answers on the graded images.
            name, colorize: the system, for images with labels that are others.
        """
        per_image, of_set = {}, {}
        if seen.distances:
            per_image[st_lpips.KEY] = np.concatenate(seen.distances)
        if self._lite0 is None:
            return per_image, of_set
        features = np.concatenate(seen.pooled)
        of_set["frechet_lite0"] = frechet_distance(self._true_features(), features)
        labeled = self.images.labeled
        if labeled is not None:
            logits = seen.logits
            if labeled is not self.images.graded:
                logits = [
                    self._lite0(colored(each))["logits"]
                    for each in answers({name: colorize}, labeled)
                ]
            per_image |= hits(np.concatenate(logits), labeled.labels, self.images.places)
        return per_image, of_set

    def _true_features(self) -> np.ndarray:
        """Of the graded images as they are; computed once for all systems."""
        images = self.images.graded.images

        def make() -> np.ndarray:
            batches = (images[start : start + _BATCH] for start in range(0, len(images), _BATCH))
            pooled = [self._lite0(to_float(np.asarray(batch)))["pooled"] for batch in batches]
            return np.concatenate(pooled)

        return made_once(self._features, len(images), make)


class Seen:
    """What the judges made of a system's answers so far."""

    def __init__(self, lite0: Lite0 | None, distance: st_lpips.STLPIPS | None):
        self._lite0, self._distance = lite0, distance
        self.pooled: list[np.ndarray] = []
        self.logits: list[np.ndarray] = []
        self.distances: list[np.ndarray] = []

    def add(self, answer: Answer) -> None:
        """Judge a batch."""
        rgb = np.asarray(ops.convert_to_numpy(colored(answer)))
        if self._lite0 is not None:
            found = self._lite0(rgb)
            self.pooled.append(found["pooled"])
            self.logits.append(found["logits"])
        if self._distance is not None:
            truth = answer.images.astype("float32") / 255.0
            self.distances.append(self._distance(truth, rgb))
