"""Train the networks of a plan, one after the other."""

import dataclasses
from pathlib import Path

import keras

from experiments.plan import Plan
from experiments.process.clock import Clock
from experiments.recipe import Network
from experiments.report.figures.epoch_pictures import EpochPictures, draw_epochs
from experiments.report.figures.step_curves import draw_steps
from experiments.stages.data import Data
from experiments.stages.epoch_grades import FILE, EpochGrades
from experiments.stages.initial_weights import InitialWeights
from experiments.stages.preview import Preview
from polychrome.training.callbacks import TrainingState
from polychrome.training.devices import replicas
from polychrome.training.step_log import LogSteps
from polychrome.training.train import train
from polychrome.weights.files import load_weights
from tf_data.augment import compose
from tf_data.pipeline import (
    chroma_example,
    evaluation_batches,
    resident_evaluation_images,
    resident_training_images,
    training_batches,
)


@dataclasses.dataclass(frozen=True)
class Trained:
    """A trained network with the weights of its last epoch.

    Attributes:
        described: its description in the recipe.
        network: as it was trained.
        state: its history and best epoch.
        folder: with its weights.
        notes: caveats for readers of its results, as sentences.
    """

    described: Network
    network: keras.Model
    state: TrainingState
    folder: Path
    notes: tuple[str, ...] = ()

    def rebuilt(self, image_size: int) -> "Trained":
        """The same weights in a network of the dtype policy that is set now."""
        network = self.described.build(image_size)
        network.set_weights(self.network.get_weights())
        return dataclasses.replace(self, network=network)

    def at_best(self, image_size: int) -> keras.Model:
        """A copy with the weights of the epoch with the lowest validation loss.

        One that was not trained in this run has no such epoch: its copy has the weights that it
        began with.
        """
        copy = self.described.build(image_size)
        load_weights(copy, self.folder / (self.state.best_weights or self.state.weights))
        return copy


def train_networks(
    plan: Plan, data: Data, folder: Path, download: bool, clock: Clock
) -> list[Trained]:
    """Train below `folder`, continuing where the last run stopped.

    Args:
        download: whether ImageNet weights may be downloaded.
        clock: for the time of each network.

    Raises:
        InputError: the initial weights do not fit; see also `polychrome.training.train`.
    """
    trained: list[Trained] = []
    for network in plan.networks:
        with clock.time(f"train {network.name}"):
            place = folder / "networks" / network.name
            trained.append(_train(plan, network, data, place, trained, download))
    return trained


def _train(
    plan: Plan, network: Network, data: Data, folder: Path, before: list[Trained], download: bool
) -> Trained:
    train_store, validation = data.stores["train"], data.stores["validation"]
    example = network.example or chroma_example(plan.recipe.scaling, network.channels)
    earlier = [each.network for each in before]
    parts = plan.parts(len(train_store))
    steps = plan.steps(network, len(train_store))
    initial = InitialWeights(plan, network, folder, earlier, data.histogram, download, steps)

    augmentation, resident = plan.augmentation(network), plan.options.resident

    def training_data(first_epoch: int):
        if resident:
            return resident_training_images(
                train_store, example, plan.batch_size, seed=plan.options.seed, parts=parts
            )
        return training_batches(
            train_store,
            example,
            plan.batch_size,
            seed=plan.options.seed,
            epochs=network.epochs,
            first_epoch=first_epoch,
            parts=parts,
            augment=compose(*augmentation) if augmentation else None,
            draw=network.draw,
        )

    pictures, steps = folder / "pictures", folder / "steps.csv"
    preview = Preview(network, plan.recipe.scaling, validation.examples())
    watching: list[keras.callbacks.Callback] = [EpochPictures(preview, pictures)]
    if plan.recipe.curve_images:
        shown = validation.examples(plan.recipe.curve_images)
        curve = Preview(network, plan.recipe.scaling, shown)
        watching.append(EpochGrades(curve, folder / FILE))
    if network.log_steps:
        watching.append(LogSteps(steps))
    if resident:
        validated: object = resident_evaluation_images(validation, example, plan.batch_size)
    else:
        validated = evaluation_batches(
            validation, example, plan.batch_size, replicas=replicas(), draw=network.draw
        )
    trained, state = train(
        initial.build,
        training_data,
        validated,
        folder,
        epochs=network.epochs,
        batch_size=plan.batch_size,
        seed=plan.options.seed,
        label=network.name,
        extra_callbacks=watching,
    )
    draw_epochs(pictures, folder / "filmstrip.png", plan.image_size)
    if network.log_steps and steps.exists():
        draw_steps(steps, folder / "steps.png")
    return Trained(network, trained, state, folder, initial.finish(trained))
