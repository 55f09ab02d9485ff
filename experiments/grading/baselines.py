"""Trivial baselines, which know no more of a picture than its training set's colors.

Do nothing leaves pictures gray. Mean color paints all of them in the mean a* and b* of the training
images. Best constant paints them in that color times one factor, the one of highest PSNR on the
training images: PSNR is a mean of logarithms, and a dull guess costs less where it is wrong. A
system is worth something if it beats the best of the three.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from keras import ops

from experiments.grading.baseline_names import (
    BASELINES,
    BEST_CONSTANT,
    COMPARED,
    IN_WORDS,
    MEAN_COLOR,
    NOTHING,
)
from experiments.grading.bootstrap import FEW
from experiments.grading.protocol import Colorizer, images_to_lab, mean_ab
from experiments.grading.scores import Scores
from polychrome.color.spaces import lab_to_rgb
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.metrics.pixel import ColoredPSNR
from tf_data.store import Store

# Pixels of training images that the factor is fitted to, for a search of seconds: 2,000 images of
# 64x64. Of larger images there are fewer, but not fewer than the second number.
_PIXELS, _LEAST_IMAGES = 2000 * 64 * 64, 100
_BATCH = 100
# In hundredths: half of one changes the PSNR of Tiny ImageNet by less than 0.0001 dB.
_COARSE, _FINE = np.arange(0, 201, 10), np.arange(-9, 10)

Table = Mapping[str, Mapping[str, Mapping[str, float | None]]]


@dataclasses.dataclass(frozen=True)
class Baselines:
    """The trivial baselines of a training set.

    Attributes:
        mean_ab: mean a* and b*, float32 `[2]`.
        images: number of training images of which it is the mean.
        factor: on `mean_ab`, of the best constant.
        factor_images: number of colored training images to which it was fitted.
    """

    mean_ab: np.ndarray
    images: int
    factor: float
    factor_images: int

    def colors(self) -> dict[str, np.ndarray]:
        """The a* and b*, float32 `[2]`, that each baseline paints everywhere."""
        return {
            NOTHING: np.zeros(2, np.float32),
            MEAN_COLOR: self.mean_ab,
            BEST_CONSTANT: self.mean_ab * np.float32(self.factor),
        }

    def systems(self) -> dict[str, Colorizer]:
        """The baselines as colorizers."""
        return {
            name: functools.partial(_painted, ab.reshape(1, 1, 1, 2))
            for name, ab in self.colors().items()
        }

    def rows(self, table: Table) -> list[dict]:
        """Rows of `metrics.json`, from the values of a grading by system and key."""
        said = {name: f"a = {a:.1f}, b = {b:.1f}" for name, (a, b) in self.colors().items()}
        labels = {
            NOTHING: "do nothing (ab = 0)",
            MEAN_COLOR: f"mean color ({said[MEAN_COLOR]})",
            BEST_CONSTANT: f"best constant ({said[BEST_CONSTANT]})",
        }
        budgets = {
            NOTHING: "",
            MEAN_COLOR: f"mean of {self.images:,} training images",
            BEST_CONSTANT: f"mean color times {self.factor:.2f}, best on {self.factor_images:,} "
            "training images",
        }
        return [
            {
                "system": name,
                "label": labels[name],
                "kind": name,
                "source": "",
                "budget": budgets[name],
                "values": table[name],
            }
            for name in BASELINES
        ]

    def record(self) -> dict:
        """The attributes as JSON values."""
        a, b = map(float, self.mean_ab)
        return dataclasses.asdict(self) | {"mean_ab": [a, b]}

    @classmethod
    def read(cls, path: Path) -> "Baselines":
        """Those that a JSON file has under "baselines", as `record` makes them.

        Raises:
            InputError: the file cannot be read, or has none.
        """
        found = read_json(path)
        found = found.get("baselines") if isinstance(found, dict) else None
        try:
            baselines = cls(**found | {"mean_ab": np.asarray(found["mean_ab"], np.float32)})
            if baselines.mean_ab.shape == (2,) and np.isfinite(baselines.factor):
                return baselines
        except (KeyError, TypeError, ValueError):
            pass  # said below, like another shape
        raise InputError(
            f"{path}: has no baselines; a metrics.json of a run, or a robustness.json of "
            "experiments.robustness, has some",
            ("baselines",),
        )


def measure_baselines(train: Store) -> Baselines:
    """The baselines of training images. They depend on nothing random."""
    mean = mean_ab(train)
    factor, used = best_factor(train, functools.partial(_painted, mean.reshape(1, 1, 1, 2)))
    return Baselines(mean, len(train), factor, used)


def best_factor(store: Store, colorize: Colorizer) -> tuple[float, int]:
    """The factor on the chroma of a colorizer that gives the highest mean PSNR.

    Searched in hundredths, 0...2.09, around the best tenth, on images spread evenly over the store
    (`_PIXELS`), without those that are gray already.

    Args:
        store: the images.
        colorize: the colorizer.

    Returns:
        The factor, and the number of images used. If all are gray, 1 and 0.
    """
    size = int(np.prod(store.images.shape[1:3]))
    images = store.examples(max(_PIXELS // size, _LEAST_IMAGES))
    to_lab = images_to_lab()
    answers = []
    for start in range(0, len(images), _BATCH):
        batch = images[start : start + _BATCH]
        lab = ops.convert_to_numpy(to_lab(batch))
        answers.append((batch, lab, np.asarray(colorize(lab[..., :1]), np.float32)))
    at_tenths = _mean_psnr(answers, _COARSE / 100)
    if at_tenths is None:
        return 1.0, 0
    tenth = _COARSE[int(np.argmax(at_tenths[0]))]
    hundredths = np.maximum(tenth + _FINE, 0)
    means, used = _mean_psnr(answers, hundredths / 100)
    return float(hundredths[int(np.argmax(means))] / 100), used


def _mean_psnr(
    answers: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], factors: np.ndarray
) -> tuple[np.ndarray, int] | None:
    """Mean PSNR by factor over colored images, and their number; None without any.

    Args:
        answers: batches of images, their Lab, and the a* and b* that are multiplied.
        factors: to try.
    """
    psnr = _compiled_psnr()
    columns = []
    for batch, lab, ab in answers:
        colors = (ab * np.float32(factor) for factor in factors)
        columns.append([ops.convert_to_numpy(psnr(batch, lab, color)) for color in colors])
    values = np.concatenate(columns, axis=1)
    counted = np.isfinite(values[0])
    if not counted.any():
        return None
    return values[:, counted].mean(axis=1, dtype=np.float64), int(counted.sum())


@functools.cache
def _compiled_psnr() -> Callable:
    """(images, Lab, a* and b*) to the PSNR of each; NaN for gray ones."""
    metric = ColoredPSNR()

    def psnr(images, lab, ab):
        painted = ops.broadcast_to(ab, (*lab.shape[:-1], 2))
        return metric.per_image(images, lab_to_rgb(ops.concatenate([lab[..., :1], painted], -1)))

    return compiled(psnr)


def compare_with_best(scores: Scores, system: str, seed: int) -> dict[str, dict]:
    """The system's PSNR against that of the best baseline, on the same images.

    Returns:
        By `COMPARED` key: "baseline" (the best by its mean), "images" (their number), and of the
        paired per-image difference "mean", "low", and "high", its 95 % interval, which is None of
        one image. No entry if no image counts.
    """
    compared = {}
    for key in COMPARED:
        means = {name: _mean(scores.per_image[name][key]) for name in BASELINES}
        best = max(BASELINES, key=means.__getitem__)
        pairs = scores.per_image[system][key] - scores.per_image[best][key]
        images = int(np.isfinite(pairs).sum())
        if images:
            found = {"baseline": best, "images": images}
            compared[key] = found | scores.difference(system, best, key, seed)
    return compared


def verdict(label: str, values: Mapping, compared: Mapping, table: Table) -> str:
    """Whether a system beats the best trivial baseline: on images with color, and on all.

    Of fewer than `FEW` images it says that they are too few to say.

    Args:
        label: of the system.
        values: its values by key, "mean" in each.
        compared: output of `compare_with_best`.
        table: values of the baselines by name and key.
    """
    sentences = []
    for key, where in (("psnr_colored", "colored images"), ("psnr", "all images")):
        if key not in compared:
            continue
        gain = compared[key]
        if gain["images"] < FEW:
            few = f"{gain['images']} image{'s are' if gain['images'] > 1 else ' is'} too few"
            judged = f"{few} to say whether {'it' if sentences else label} beats"
        elif gain["low"] > 0:
            judged = f"{'It' if sentences else label} beats"
        elif gain["high"] < 0:
            judged = f"{'It' if sentences else label} does not beat"
        else:
            judged = f"{'It' if sentences else label} can't be told from"
        ours, best = values[key]["mean"], table[gain["baseline"]][key]["mean"]
        sentences.append(
            f"{judged} the best trivial baseline on {where}: PSNR {ours:.2f} against {best:.2f} dB "
            f"of {IN_WORDS[gain['baseline']]}, a difference of {_signed(gain)} dB."
        )
    return " ".join(sentences)


def _painted(ab: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    return ab


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean(dtype=np.float64)) if len(finite) else -np.inf


def _signed(gain: Mapping[str, float | None]) -> str:
    interval = "" if gain["low"] is None else f" [{gain['low']:+.2f}, {gain['high']:+.2f}]"
    return f"{gain['mean']:+.2f}{interval}"
