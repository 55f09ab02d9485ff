"""Recipes: the values and functions behind one row of a report's table."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from experiments.optimizer import Adam
from experiments.reported.published import Published
from polychrome.color.histogram import ChromaHistogram
from polychrome.color.scaling import Scaling
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from polychrome.weights.published import Release
from tf_data.pipeline import Augment, Draw, Example
from tf_data.superpixels.segmentation import Superpixels

__all__ = [
    "Adam",
    "AgainstDiscriminator",
    "Encoder",
    "Materials",
    "Network",
    "Objective",
    "Published",
    "Recipe",
    "Released",
    "Sampler",
    "Supervised",
    "any_size",
    "itself",
]

_NAMES = {"mse": "mean squared error", "mae": "mean absolute error"}


@dataclasses.dataclass(frozen=True)
class Materials:
    """Inputs of a loss other than the network.

    Attributes:
        histogram: colors of the training images, if the objective needs "histogram".
        features: VGG16 with the weights that were found, if the objective needs "features".
        steps: of the whole training run, for learning rates that fall at its end.
        warmup: of these, over which learning rates rise; None: `Adam.warmup_in`.
    """

    histogram: ChromaHistogram | None = None
    features: keras.Model | None = None
    steps: int = 1
    warmup: int | None = None


class Objective(Protocol):
    """Optimizer and loss of a network.

    Attributes:
        optimizer: of each network that it trains.
        needs: which of the `Materials` its loss needs.
    """

    optimizer: Adam
    needs: frozenset[str]

    def compile(self, network: keras.Model, materials: Materials, *, chroma: bool) -> None:
        """Compile `network`, with a chroma PSNR if its targets are chroma (`chroma`)."""

    def describe(self, network: keras.Model) -> dict[str, str]:
        """The effect on `network` as {"optimizer": ..., "loss": ...}, read from its state."""

    def optimizer_in_words(self, steps: int = 0, warmup: int | None = None) -> str:
        """The optimizer of a training run; takes the same as `Adam.describe`."""

    def at_rate(self, learning_rate: float) -> "Objective":
        """The same with another learning rate."""


@dataclasses.dataclass(frozen=True)
class Supervised:
    """One loss against the truth.

    Attributes:
        loss: as for `keras.Model.compile`, or a function that makes it from `Materials`.
        says: the loss in words; optional for Keras losses named by a string.
        optimizer: see `Adam`.
        needs: see `Objective`.
        loss_weights: of the outputs' losses, if there are several.
    """

    loss: str | Callable[[Materials], object] = "mse"
    says: str = ""
    optimizer: Adam = Adam()
    needs: frozenset[str] = frozenset()
    loss_weights: Mapping[str, float] | None = None

    def compile(self, network: keras.Model, materials: Materials, *, chroma: bool) -> None:
        """See `Objective`."""
        # If the network outputs bins, a chroma PSNR has no meaning.
        chroma = chroma and network.output_shape[-1] <= 2
        network.compile(
            optimizer=self.optimizer.make(materials.steps, materials.warmup),
            loss=self.loss if isinstance(self.loss, str) else self.loss(materials),
            loss_weights=None if self.loss_weights is None else dict(self.loss_weights),
            metrics=[ChromaPSNR(), ReportChromaPSNR()] if chroma else [],
        )

    def describe(self, network: keras.Model) -> dict[str, str]:
        """See `Objective`."""
        says = self.says or _NAMES[str(self.loss)]
        return {"optimizer": self.optimizer_in_words(), "loss": says}

    def optimizer_in_words(self, steps: int = 0, warmup: int | None = None) -> str:
        """See `Objective`."""
        return self.optimizer.describe(steps, warmup)

    def at_rate(self, learning_rate: float) -> "Supervised":
        """See `Objective`."""
        optimizer = dataclasses.replace(self.optimizer, learning_rate=learning_rate)
        return dataclasses.replace(self, optimizer=optimizer)


@dataclasses.dataclass(frozen=True)
class AgainstDiscriminator:
    """The game of a `polychrome.training.adversarial.Adversarial`, which has its own losses.

    Attributes:
        optimizer: for both networks, a separate one each.
    """

    optimizer: Adam
    needs: frozenset[str] = frozenset()

    def compile(self, network: keras.Model, materials: Materials, *, chroma: bool) -> None:
        """See `Objective`."""
        network.compile(
            self.optimizer.make(materials.steps, materials.warmup),
            self.optimizer.make(materials.steps, materials.warmup),
            metrics=[ChromaPSNR(), ReportChromaPSNR()],
        )

    def describe(self, network: keras.Model) -> dict[str, str]:
        """See `Objective`."""
        parts = []
        if network.adversarial_weight:
            parts.append(f"{network.adversarial_weight:g} x {network.game.says}")
        if network.reconstruction_weight:
            distance = {"l1": "mean absolute error", "l2": "mean squared error"}
            named = distance[network.reconstruction.__name__]
            parts.append(f"{network.reconstruction_weight:g} x {named}")
        if network.class_weight:
            parts.append(f"{network.class_weight:g} x cross-entropy of the class")
        if network.label_noise:
            parts.append(f"labels off by up to {network.label_noise:g}")
        return {"optimizer": self.optimizer_in_words(), "loss": ", ".join(parts)}

    def optimizer_in_words(self, steps: int = 0, warmup: int | None = None) -> str:
        """See `Objective`."""
        return f"{self.optimizer.describe(steps, warmup)}, for both networks"

    def at_rate(self, learning_rate: float) -> "AgainstDiscriminator":
        """See `Objective`."""
        optimizer = dataclasses.replace(self.optimizer, learning_rate=learning_rate)
        return dataclasses.replace(self, optimizer=optimizer)


# Lightness [1, H, W, 1], a number n and a seed to n different chromas, float32 [n, H, W, 2].
Sampler = Callable[[np.ndarray, int, int], np.ndarray]


def any_size(build: Callable[..., keras.Model], **settings) -> Callable[[int], keras.Model]:
    """`Network.build` for a network that does not depend on the image size."""
    return lambda image_size: build(**settings)


def itself(network: keras.Model) -> keras.Model:
    """`to_chroma` of a network that is already a colorizer."""
    return network


@dataclasses.dataclass(frozen=True)
class Encoder:
    """The part of a network that takes ImageNet weights.

    With them it stays as the builder left it, frozen or not. Without them it starts from random
    weights and is trained, even if the builder froze it.

    Attributes:
        load: loads weights into a network from a file or, if allowed, by download.
        layers: its layers in a network.
    """

    load: Callable[[keras.Model, Path | None, bool], object]
    layers: Callable[[keras.Model], list[keras.Layer]]


@dataclasses.dataclass(frozen=True)
class Network:
    """One network that is trained on its own.

    Attributes:
        name: its folder in a run, and its name in curves.
        build: image size in pixels to the network, not compiled.
        epochs: as in the report.
        objective: optimizer and loss.
        channels: which of the two chroma channels it predicts.
        example: the network's input and target; lightness and chroma if None.
        augment: random changes to the training images, one after the other.
        draw: a random step of the pipeline (`tf_data.pipeline`).
        to_chroma: converts the trained network to one from lightness to its channels of chroma, if
            it has other inputs or outputs.
        encoder: the part that takes ImageNet weights.
        start: initializes the new network from networks trained earlier in the recipe.
        log_steps: also log losses by step, as GANs need.
    """

    name: str
    build: Callable[[int], keras.Model]
    epochs: int
    objective: Objective = Supervised()
    channels: tuple[int, ...] = (0, 1)
    example: Example | None = None
    augment: tuple[Augment, ...] = ()
    draw: Draw | None = None
    to_chroma: Callable[[keras.Model], keras.Model] = itself
    encoder: Encoder | None = None
    start: Callable[..., None] | None = None
    log_steps: bool = False


@dataclasses.dataclass(frozen=True)
class Released:
    """How published weights are read and decoded.

    Attributes:
        release: the file's description; its network decodes like the authors'.
        to_chroma: as `Network.to_chroma`, of the network that the release builds.
        variants: as `Recipe.variants`.
    """

    release: Release
    to_chroma: Callable[[keras.Model], keras.Model]
    variants: Mapping[str, Callable[..., keras.Model]]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One system of a report, from data to table row.

    Attributes:
        name: on the command line.
        label: in tables.
        summary: one line for `--list`.
        networks: trained one after the other.
        scaling: of the networks' input and output.
        image_size: side of the square training images, pixels, on the report's data.
        assemble: the networks, in order and converted by `Network.to_chroma`, to the colorizer:
            lightness to both channels.
        variants: heading to another way to make a colorizer from the same networks, like `assemble`
            but without `to_chroma`; graded and shown next to the first.
        heading: distinguishes the first colorizer from the variants, if needed.
        sampler: the trained networks to a `Sampler`, for systems with more than one answer.
        published: figures from the reports.
        batch_size: as in the report.
        report_data: the options that choose the report's own data.
        graded_split: the split of the report's figures.
        resize: "crop" or "stretch": how an image becomes square.
        validation_share: of the training and validation images, if the report splits them.
        stored_size: side of the training images before a random crop; None: `image_size`.
        epoch_images: about so many images are an epoch, and each pass over the training images is
            divided into such epochs; None: a pass is an epoch. Runs stop and go on at epochs.
        validation_images: largest number of validation images; None: all.
        curve_images: validation images that are colorized and graded after each epoch, for curves
            that systems have in common.
        superpixels: image size to the superpixels for painting training images, and test images for
            a second grading.
        with_classes: the source's number of classes to the networks, if they predict classes.
        with_patch: side of the discriminator's patch in pixels to the networks.
        released: the authors' own weights, if published.
        about: sections of the card of the preset that is shipped, heading to text: license
            situation of the data, what it gets wrong, and so on.
        sample_epochs: epochs per network on the embedded sample, which is a demonstration of a few
            minutes and does not reproduce a figure.
        module: whose command runs it.
    """

    name: str
    label: str
    summary: str
    networks: tuple[Network, ...]
    scaling: Scaling
    image_size: int
    assemble: Callable[..., keras.Model] = lambda *networks: networks[-1]
    variants: Mapping[str, Callable[..., keras.Model]] = dataclasses.field(default_factory=dict)
    heading: str = ""
    sampler: Callable[..., Sampler] | None = None
    published: tuple[Published, ...] = ()
    batch_size: int = 64
    report_data: str = "--data tiny_imagenet --data-dir PATH"
    graded_split: str = "test"
    resize: str = "crop"
    validation_share: float | None = None
    stored_size: int | None = None
    epoch_images: int | None = None
    validation_images: int | None = None
    curve_images: int = 0
    superpixels: Callable[..., Superpixels] | None = None
    with_classes: Callable[[int], tuple[Network, ...]] | None = None
    with_patch: Callable[[int], tuple[Network, ...]] | None = None
    released: Released | None = None
    about: Mapping[str, str] = dataclasses.field(default_factory=dict)
    sample_epochs: int = 12
    module: str = "experiments.run"
