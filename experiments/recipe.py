"""What a recipe is: values and functions that say how one row of a report's table comes about."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from experiments.published import Published
from polychrome.color.scaling import Scaling
from tf_data.pipeline import Augment, Draw, Example
from tf_data.superpixels.segmentation import Superpixels

__all__ = ["Network", "Published", "Recipe", "Sampler"]

# Lightness [1, H, W, 1], a number n and a seed to n different chromas, float32 [n, H, W, 2].
Sampler = Callable[[np.ndarray, int, int], np.ndarray]


def _itself(network: keras.Model) -> keras.Model:
    return network


@dataclasses.dataclass(frozen=True)
class Network:
    """One network that is trained on its own.

    Attributes:
        name: its folder in a run, and its name in curves.
        build: the network, not compiled; called with `image_size` if `sized`.
        epochs: as the report trained it.
        channels: which of the two chroma channels it predicts.
        learning_rate, optimizer: of Adam, unless a recipe names another optimizer.
        loss: what `Model.compile` takes, or a function that makes it. If `histogram`, the function
            is given the `ChromaHistogram` of the training images. If `loss_weights`, it is given a
            file of ImageNet weights or None, and whether a download is allowed, and gives the loss
            and, as `pretrained`, what its `loss_weights` hold.
        compile: compiles the network where an optimizer and a loss are not enough; what is said
            of them then does not count.
        example: what the network takes and should give; lightness and chroma if None.
        augment, draw: random steps of the pipeline (`tf_data.pipeline`).
        to_chroma: the trained network as one from lightness to its channels of chroma, where it
            takes or gives something else.
        pretrained: gives the new network ImageNet weights from a file, or from a download where
            that is allowed, and says which: `polychrome.weights.imagenet.Loaded`.
        start: gives the new network what networks trained before it in the recipe learned.
        log_steps: keep losses step by step too, as adversarial trainings need.
        patience: stop when the validation loss has not fallen for so many epochs.
    """

    name: str
    build: Callable[..., keras.Model]
    epochs: int
    channels: tuple[int, ...] = (0, 1)
    learning_rate: float = 1e-3
    optimizer: Callable[[float], keras.optimizers.Optimizer] = keras.optimizers.Adam
    loss: str | Callable[..., keras.losses.Loss] = "mse"
    histogram: bool = False
    loss_weights: bool = False
    sized: bool = False
    compile: Callable[[keras.Model], None] | None = None
    example: Example | None = None
    augment: Augment | None = None
    draw: Draw | None = None
    to_chroma: Callable[[keras.Model], keras.Model] = _itself
    pretrained: Callable[[keras.Model, Path | None, bool], str] | None = None
    start: Callable[..., None] | None = None
    log_steps: bool = False
    patience: int | None = None

    def make(self, image_size: int) -> keras.Model:
        """The network for images of this size, not compiled."""
        return self.build(image_size=image_size) if self.sized else self.build()


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One system of a report, from data to table row.

    Attributes:
        name: on the command line.
        label: in tables.
        summary: one line for `--list`.
        networks: trained one after the other.
        assemble: the networks, each as `Network.to_chroma` gives it, in their order, to the
            colorizer: lightness to both channels.
        variants: heading to another way to make a colorizer of the same networks, as `assemble`,
            but from the networks as they were trained; graded and shown beside the first.
        heading: what sets the first apart from the variants, where that needs words.
        sampler: the trained networks to a `Sampler`, for systems with more than one answer.
        published: the report's own figures.
        more_published: other reports' figures of the same system.
        scaling: of the networks' input and output.
        image_size: side of the square training images, pixels, on the report's data.
        batch_size: as the report trained.
        report_data: the flags that choose the report's own data.
        graded_split: where the report took its figures.
        superpixels: image size to the superpixels that training images are painted with, and test
            images for a second grading.
        sample_epochs: epochs a network on the embedded sample, which is meant to show the way in
            minutes, not to reproduce a figure.
    """

    name: str
    label: str
    summary: str
    networks: tuple[Network, ...]
    published: Published
    scaling: Scaling
    image_size: int
    assemble: Callable[..., keras.Model] = lambda *networks: networks[-1]
    variants: Mapping[str, Callable[..., keras.Model]] = dataclasses.field(default_factory=dict)
    heading: str = ""
    sampler: Callable[..., Sampler] | None = None
    batch_size: int = 64
    report_data: str = "--data tiny_imagenet --data-dir PATH"
    more_published: tuple[Published, ...] = ()
    graded_split: str = "test"
    superpixels: Callable[[int], Superpixels] | None = None
    sample_epochs: int = 12
