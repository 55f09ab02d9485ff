"""What a recipe is: values and functions that say how one row of a report's table comes about."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from experiments.objective import Objective, Supervised
from experiments.published import Published
from polychrome.color.scaling import Scaling
from polychrome.weights.published import Release
from tf_data.pipeline import Augment, Draw, Example
from tf_data.superpixels.segmentation import Superpixels

__all__ = ["Encoder", "Network", "Published", "Recipe", "Released", "Sampler", "any_size", "itself"]

# Lightness [1, H, W, 1], a number n and a seed to n different chromas, float32 [n, H, W, 2].
Sampler = Callable[[np.ndarray, int, int], np.ndarray]


def any_size(build: Callable[..., keras.Model], **settings) -> Callable[[int], keras.Model]:
    """The `Network.build` of a network that is the same for all image sizes."""
    return lambda image_size: build(**settings)


def itself(network: keras.Model) -> keras.Model:
    """The `to_chroma` of a network that is a colorizer already."""
    return network


@dataclasses.dataclass(frozen=True)
class Encoder:
    """The part of a network that ImageNet weights are for.

    With them it is used as the network's builder left it, frozen or not; without them it begins
    with random weights and is trained, whatever the builder froze.

    Attributes:
        load: gives a network the weights in a file, or those of a download where that is allowed.
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
        epochs: as the report trained it.
        objective: optimizer and loss.
        channels: which of the two chroma channels it predicts.
        example: what the network takes and should give; lightness and chroma if None.
        augment: random changes to the training images, one after the other.
        draw: a random step of the pipeline (`tf_data.pipeline`).
        to_chroma: the trained network as one from lightness to its channels of chroma, where it
            takes or gives something else.
        encoder: its part that ImageNet weights are for.
        start: gives the new network what networks trained before it in the recipe learned.
        log_steps: keep losses step by step too, as GANs need.
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
    """How weights that the authors published are read and decoded.

    Attributes:
        release: the file's description; its network decodes as the authors' does.
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
        assemble: the networks, each as `Network.to_chroma` gives it, in their order, to the
            colorizer: lightness to both channels.
        variants: heading to another way to make a colorizer of the same networks, as `assemble`,
            but from the networks as they were trained; graded and shown beside the first.
        heading: what sets the first apart from the variants, where that needs words.
        sampler: the trained networks to a `Sampler`, for systems with more than one answer.
        published: figures of the reports.
        batch_size: as the report trained.
        report_data: the flags that choose the report's own data.
        graded_split: where the report took its figures.
        resize: "crop" or "stretch": how an image becomes square.
        validation_share: of the images to train and validate on, where the report divides them.
        stored_size: side of the training images before a random crop; None: `image_size`.
        superpixels: image size to the superpixels that training images are painted with, and test
            images for a second grading.
        with_classes: number of the source's classes to the networks, where they predict classes.
        with_patch: side of the discriminator's patch in pixels to the networks.
        released: the authors' own weights, where they published them.
        sample_epochs: epochs a network on the embedded sample, which is meant to show the way in
            minutes, not to reproduce a figure.
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
    superpixels: Callable[..., Superpixels] | None = None
    with_classes: Callable[[int], tuple[Network, ...]] | None = None
    with_patch: Callable[[int], tuple[Network, ...]] | None = None
    released: Released | None = None
    sample_epochs: int = 12
