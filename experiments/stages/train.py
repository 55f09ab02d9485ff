"""Train one network of a recipe on decoded images."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from experiments.grading import protocol
from experiments.options import Options
from experiments.recipe import Network, Recipe
from experiments.report.epoch_pictures import EpochPictures, draw_epochs
from experiments.report.step_curves import draw_steps
from experiments.stages.initial_weights import Beginning
from polychrome.color.histogram import ChromaHistogram
from polychrome.errors import InputError
from polychrome.training.callbacks import TrainingState
from polychrome.training.devices import replicas
from polychrome.training.step_log import LogSteps
from polychrome.training.train import train
from tf_data.pipeline import chroma_example, evaluation_batches, training_batches
from tf_data.store import Store


def epochs_of(network: Network, recipe: Recipe, options: Options) -> int:
    """Epochs as asked for; else the report's, or fewer on the sample."""
    if options.epochs is not None:
        return options.epochs
    return min(network.epochs, recipe.sample_epochs) if options.data == "sample" else network.epochs


@dataclasses.dataclass(frozen=True)
class Trained:
    """A trained network with the weights of its best epoch.

    Attributes:
        network: as it was trained.
        state: its history, and which epoch was the best.
        notes: sentences that a reader of its results must know.
    """

    network: keras.Model
    state: TrainingState
    notes: tuple[str, ...] = ()


def train_network(
    network: Network,
    recipe: Recipe,
    options: Options,
    stores: dict[str, Store],
    folder: Path,
    *,
    before: Sequence[Trained] = (),
    histogram: ChromaHistogram | None = None,
    download: bool = False,
) -> Trained:
    """Train in `folder`, going on where it stopped; leave curves' data and pictures there.

    Args:
        stores: "train" and "validation".
        before: the recipe's networks that are trained already.
        histogram: of the training images; needed if `network.histogram`.
        download: whether ImageNet weights may be fetched.

    Raises:
        InputError: the batch is too small for the devices, more epochs are done than asked for, or
            weights to start from do not fit; see also `polychrome.training.train`.
    """
    epochs = epochs_of(network, recipe, options)
    done = TrainingState.load(folder).epoch
    if done > epochs:
        raise InputError(
            f"--epochs {epochs}: {folder} has {done} already; ask for more, or leave it"
        )
    batch_size = _batch_size(options.batch_size or recipe.batch_size, len(stores["train"]))
    example = network.example or chroma_example(recipe.scaling, network.channels)
    earlier = [each.network for each in before]
    beginning = Beginning(network, recipe, options, folder, earlier, histogram, download)

    def training_data(first_epoch: int):
        return training_batches(
            stores["train"],
            example,
            batch_size,
            seed=options.seed,
            epochs=epochs,
            first_epoch=first_epoch,
            augment=network.augment,
            draw=network.draw,
        )

    pictures, steps = folder / "pictures", folder / "steps.csv"
    preview = _preview(network, recipe, stores["validation"].examples())
    trained, state = train(
        beginning.build,
        training_data,
        evaluation_batches(
            stores["validation"], example, batch_size, replicas=replicas(), draw=network.draw
        ),
        folder,
        epochs=epochs,
        batch_size=batch_size,
        seed=options.seed,
        label=network.name,
        patience=network.patience,
        extra_callbacks=[
            EpochPictures(preview, pictures),
            *([LogSteps(steps)] if network.log_steps else []),
        ],
    )
    draw_epochs(pictures, folder / "filmstrip.png", recipe.image_size)
    if network.log_steps:
        draw_steps(steps, folder / "steps.png")
    return Trained(trained, state, beginning.notes())


def _preview(network: Network, recipe: Recipe, shown: np.ndarray):
    """A function from the network in training to rows of pictures: gray, colorized, true."""
    made: dict[int, protocol.Colorizer] = {}

    def colorizer(trained: keras.Model) -> protocol.Colorizer:
        whole = network.to_chroma(trained)

        def colorize(lightness):
            lightness = np.asarray(recipe.scaling.lab_to_lightness(lightness))
            predicted = whole.predict_on_batch(lightness)
            # A network of one channel is shown with the other at zero.
            chroma = np.zeros((*lightness.shape[:-1], 2), np.float32)
            chroma[..., list(network.channels)] = predicted
            return recipe.scaling.to_ab(lightness, chroma)

        return colorize

    def preview(trained: keras.Model) -> tuple[np.ndarray, ...]:
        if id(trained) not in made:  # once: each wrapped network would be compiled anew
            made[id(trained)] = colorizer(trained)
        systems = {"now": made[id(trained)]}
        return tuple(protocol.colorize_examples(systems, shown).values())

    return preview


def _batch_size(wanted: int, images: int) -> int:
    """The batch size that the data and the devices allow: a multiple of the devices."""
    batch_size = min(wanted, images)
    batch_size -= batch_size % replicas()
    if batch_size == 0:
        raise InputError(
            f"--batch-size {wanted} with {images} training images: at least {replicas()} of both "
            "are needed, one a device"
        )
    return batch_size
