"""The learning curve of a run on the log error: PSNR by images seen, and how many a target takes.

Losses are taken at the stable learning rate: after the warm-up and before the decay, whose gain is
assumed to be the same after more images. They are taken from the end of the first pass over the
training images on: before, the loss falls faster than later, and would decide the fit alone. The
unit is the dB of the run's grade on colored test images: 4.34 times a difference of losses.
"""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np

from experiments.recipes.tiny import LOG_ERROR
from experiments.studies.power_law import PowerLaw, fit, resampled
from experiments.training import images_of_epoch, inherited
from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.training.callbacks import TrainingState

DECIBEL = 10.0 / math.log(10.0)
RESAMPLINGS = 1000
LEAST_EPOCHS = 6
# As `experiments.optimizer.describe_optimizer` writes it.
_SCHEDULE = re.compile(
    r"warm-up of (?:at most )?([\d,]+) steps?, falling to 0 over the last (\d+)%"
)


@dataclasses.dataclass(frozen=True)
class LearningCurve:
    """Losses of a run and the power laws that fit them.

    Attributes:
        label: of the system.
        images: seen after each epoch, `[epochs]`.
        losses: on validation images, `[epochs]`.
        stable: which epochs are fitted, bool `[epochs]`.
        cpu_per_image: seconds of process CPU time.
        psnr: grade after the last epoch, dB, the mean over colored test images.
        law: of the losses at the stable rate.
        laws: of resampled losses.
    """

    label: str
    images: np.ndarray
    losses: np.ndarray
    stable: np.ndarray
    cpu_per_image: float
    psnr: float
    law: PowerLaw
    laws: list[PowerLaw]

    def psnr_at(self, law: PowerLaw, images: np.ndarray) -> np.ndarray:
        """The grade after so many images and a decay, by one of the laws."""
        return self.psnr + DECIBEL * (law(self.images[-1]) - law(images))

    def needed(self, law: PowerLaw, psnr: float) -> float:
        """Images until a grade, by one of the laws; infinite if it is never reached."""
        return law.reaches(float(law(self.images[-1])) - (psnr - self.psnr) / DECIBEL)

    def extrapolation(self, psnr: float) -> dict[str, float | None]:
        """Images until a grade: "best" fit, "low" and "high" of its 95 % interval.

        None stands for never. "never" is the share of resamplings in which it is not reached.
        """
        drawn = np.array([self.needed(law, psnr) for law in self.laws])
        low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
        found = {"best": self.needed(self.law, psnr), "low": float(low), "high": float(high)}
        return {key: value if math.isfinite(value) else None for key, value in found.items()} | {
            "never": float(np.mean(np.isinf(drawn)))
        }


def learning_curve(run: Path) -> LearningCurve:
    """The curve of the first network of a finished run.

    Raises:
        InputError: the run is not finished, was not trained on the log error, has too few epochs at
            a stable rate, or no falling power law fits.
    """
    record, metrics = (_read(run / file) for file in ("recipe.json", "metrics.json"))
    described = record["networks"][0]
    folder = run / "networks" / described["name"]
    if described["loss"] != LOG_ERROR.says:
        raise InputError(f"{run}: was trained on the {described['loss']}, which is not in dB")
    # From the record: the recipe may have changed since.
    schedule = _SCHEDULE.search(described["optimizer"])
    if schedule is None:
        raise InputError(f"{run}: was trained without a warm-up and a decay of the learning rate")
    warmup, decay = int(schedule[1].replace(",", "")), int(schedule[2]) / 100.0
    rows = TrainingState.load(folder).history
    epochs = np.arange(1, len(rows) + 1)
    count = metrics["images"]["train"]
    per_epoch = images_of_epoch(count, record["batch_size"], record["epoch_images"])
    before = _inherited_images(folder / "initial_weights.json", run)
    steps = per_epoch // record["batch_size"]
    warm = (epochs - 1) * steps >= warmup
    later = before + epochs * per_epoch > count - per_epoch
    stable = warm & later & (epochs <= (1.0 - decay) * described["epochs"])
    if stable.sum() < LEAST_EPOCHS:
        raise InputError(
            f"{run}: has {stable.sum()} epochs at a stable rate; a curve takes {LEAST_EPOCHS}"
        )
    images, losses = before + epochs * per_epoch, np.array([row["val_loss"] for row in rows])
    law = fit(images[stable], losses[stable])
    if law is None:
        raise InputError(f"{run}: its validation loss does not fall")
    row = next(row for row in metrics["rows"] if row["kind"] == "ours")
    return LearningCurve(
        label=row["label"],
        images=images,
        losses=losses,
        stable=stable,
        cpu_per_image=float(np.median([row["cpu_seconds"] for row in rows]) / per_epoch),
        psnr=row["values"]["psnr_colored"]["mean"],
        law=law,
        laws=resampled(images[stable], losses[stable], RESAMPLINGS),
    )


def _inherited_images(path: Path, run: Path) -> int:
    """Images that the network's initial weights have seen."""
    seen = [each.seen for each in inherited(path)]
    known = [images for images in seen if images is not None]
    if len(known) < len(seen):
        raise InputError(
            f"{run}: began with weights that had seen an unknown number of images; a curve takes a "
            "run that began anew, or with weights whose runs recorded theirs"
        )
    return sum(known)


def _read(path: Path) -> dict:
    if not path.exists():
        raise InputError(f"{path}: no such file; the run should be finished")
    return read_json(path)
