"""Train one network of a recipe on decoded images."""

from pathlib import Path

import keras
import numpy as np

from experiments import grade
from experiments.epoch_pictures import EpochPictures, draw_epochs
from experiments.options import Options
from experiments.recipe import Network, Recipe
from polychrome.callbacks import TrainingState
from polychrome.devices import replicas
from polychrome.errors import InputError
from polychrome.metrics import ChromaPSNR, ReportChromaPSNR
from polychrome.training import train
from tf_data.pipeline import evaluation_batches, training_batches
from tf_data.store import Store


def epochs_of(network: Network, recipe: Recipe, options: Options) -> int:
    """Epochs as asked for; else the report's, or fewer on the sample."""
    if options.epochs is not None:
        return options.epochs
    return min(network.epochs, recipe.sample_epochs) if options.data == "sample" else network.epochs


def train_network(
    network: Network,
    recipe: Recipe,
    options: Options,
    stores: dict[str, Store],
    folder: Path,
) -> tuple[keras.Model, TrainingState]:
    """Train in `folder`, going on where it stopped; leave curves' data and pictures there.

    Args:
        stores: "train" and "validation".

    Returns:
        The network with the weights of the epoch with the lowest validation loss, and its history.

    Raises:
        InputError: the batch is too small for the devices; see also `polychrome.training.train`.
    """
    scaling, channels = recipe.scaling, list(network.channels)
    epochs = epochs_of(network, recipe, options)
    batch_size = _batch_size(options.batch_size or recipe.batch_size, len(stores["train"]))

    def example(images):
        lightness, chroma = scaling.split(images)
        return lightness, chroma[..., channels[0] : channels[-1] + 1]

    def build() -> keras.Model:
        built = network.build()
        built.compile(
            optimizer=keras.optimizers.Adam(network.learning_rate),
            loss=network.loss if isinstance(network.loss, str) else network.loss(),
            metrics=[ChromaPSNR(), ReportChromaPSNR()],
        )
        return built

    def training_data(first_epoch: int):
        return training_batches(
            stores["train"],
            example,
            batch_size,
            seed=options.seed,
            epochs=epochs,
            first_epoch=first_epoch,
        )

    shown = stores["validation"].examples()

    def preview(trained: keras.Model) -> tuple[np.ndarray, ...]:
        def colorize(lightness):
            # A network of one channel is shown with the other at zero.
            chroma = np.zeros((*lightness.shape[:-1], 2), np.float32)
            chroma[..., channels] = trained.predict_on_batch(lightness)
            return chroma

        return tuple(grade.colorize_examples({"now": colorize}, shown, scaling).values())

    pictures = folder / "pictures"
    result = train(
        build,
        training_data,
        evaluation_batches(stores["validation"], example, batch_size, replicas=replicas()),
        folder,
        epochs=epochs,
        batch_size=batch_size,
        seed=options.seed,
        label=network.name,
        extra_callbacks=[EpochPictures(preview, pictures)],
    )
    draw_epochs(pictures, folder / "filmstrip.png", recipe.image_size)
    return result


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
