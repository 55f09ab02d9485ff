"""Train one network of a recipe on decoded images."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from experiments import protocol
from experiments.drawing_steps import draw_steps
from experiments.epoch_pictures import EpochPictures, draw_epochs
from experiments.options import Options
from experiments.recipe import Network, Recipe
from polychrome.callbacks import TrainingState
from polychrome.devices import replicas
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from polychrome.histogram import ChromaHistogram
from polychrome.metrics import ChromaPSNR, ReportChromaPSNR
from polychrome.step_log import LogSteps
from polychrome.training import load_weights, train
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
    beginning = _Beginning(network, recipe, options, folder, before, histogram, download)

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


class _Beginning:
    """The compiled network with the weights that its training begins with."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        options: Options,
        folder: Path,
        before: Sequence[Trained],
        histogram: ChromaHistogram | None,
        download: bool,
    ):
        self.network, self.recipe, self.options = network, recipe, options
        self.before, self.histogram, self.download = before, histogram, download
        # What was known at the beginning: a resumed run may not find the files again.
        self.record = folder / "beginning.json"

    def build(self) -> keras.Model:
        """The network, compiled; weights of an earlier epoch come after it."""
        network = self.network
        built = network.make(self.recipe.image_size)
        known = read_json(self.record) if self.record.exists() else None
        if network.pretrained is not None:
            self._load_pretrained(built, known)
        if known is None:
            if network.start is not None:
                network.start(built, *(trained.network for trained in self.before))
            if self.options.init_from is not None:
                load_weights(built, best_weights(Path(self.options.init_from), network.name))
        if network.compile is not None:
            network.compile(built)
            return built
        loss = network.loss
        if not isinstance(loss, str):
            loss = loss(self.histogram) if network.histogram else loss()
        # Where the network gives bins, a chroma PSNR would compare them with colors.
        metrics = [ChromaPSNR(), ReportChromaPSNR()] if built.output_shape[-1] <= 2 else []
        optimizer = network.optimizer(network.learning_rate)
        built.compile(optimizer=optimizer, loss=loss, metrics=metrics)
        return built

    def _load_pretrained(self, built: keras.Model, known: dict | None) -> None:
        if known is None:
            file = self.options.encoder_weights
            path = None if file is None else Path(file)
            known = {"encoder": self.network.pretrained(built, path, self.download)}
            write_json(self.record, known)
        if known["encoder"].startswith("random"):
            # Frozen random features would teach nothing.
            built.trainable = True

    def notes(self) -> tuple[str, ...]:
        """What of it a reader must know."""
        notes = []
        if self.record.exists():
            sentence = read_json(self.record)["encoder"]
            trained = "; it was trained with the rest" if sentence.startswith("random") else ""
            notes.append(f"Encoder of {self.network.name}: {sentence}{trained}")
        if self.options.init_from is not None:
            notes.append(
                f"Network {self.network.name}: begun with the weights of {self.options.init_from}"
            )
        return tuple(notes)


def best_weights(run: Path, name: str) -> Path:
    """The file with the best weights of a network in a run's folder.

    Raises:
        InputError: there is none.
    """
    folder = run / "networks" / name
    state = TrainingState.load(folder)
    if state.best_weights is None:
        raise InputError(f"{folder}: no finished epoch of a network {name!r} to begin with")
    return folder / state.best_weights


def _preview(network: Network, recipe: Recipe, shown: np.ndarray):
    """A function from the network in training to rows of pictures: gray, colorized, true."""
    made: dict[int, protocol.Colorizer] = {}

    def colorizer(trained: keras.Model) -> protocol.Colorizer:
        whole = network.to_chroma(trained)

        def colorize(lightness):
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
        return tuple(protocol.colorize_examples(systems, shown, recipe.scaling).values())

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
