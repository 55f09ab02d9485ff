"""What a recipe is: values and functions that say how one row of a report's table comes about."""

import dataclasses
from collections.abc import Callable, Mapping

import keras

from polychrome.color import Scaling


@dataclasses.dataclass(frozen=True)
class Network:
    """One network that is trained on its own.

    Attributes:
        name: its folder in a run, and its name in curves.
        build: the network, not compiled.
        channels: which of the two chroma channels it predicts.
        epochs: as the report trained it.
        learning_rate: of Adam.
        loss: what `Model.compile` takes.
    """

    name: str
    build: Callable[[], keras.Model]
    epochs: int
    channels: tuple[int, ...] = (0, 1)
    learning_rate: float = 1e-3
    loss: str | Callable[[], keras.losses.Loss] = "mse"


@dataclasses.dataclass(frozen=True)
class Published:
    """Figures of a report, for the row beside ours.

    Attributes:
        values: metric key (`polychrome.metrics`) to figure; empty if the report has none.
        source: report and table.
        note: what a reader must know to compare.
        images: how many images they were measured on; graded on another number, ours are not
            compared with them.
    """

    values: Mapping[str, float]
    source: str
    note: str = ""
    images: int = 10_000


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One system of a report, from data to table row.

    Attributes:
        name: on the command line.
        label: in tables.
        summary: one line for `--list`.
        networks: trained one after the other.
        assemble: trained networks, in their order, to the colorizer: lightness to both channels.
        published: the report's own figures.
        scaling: of the networks' input and output.
        image_size: side of the square training images, pixels.
        batch_size: as the report trained.
        report_data: the flags that choose the report's own data.
        graded_split: where the report took its figures.
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
    assemble: Callable[..., keras.Model] = lambda network: network
    batch_size: int = 64
    report_data: str = "--data tiny_imagenet --data-dir PATH"
    graded_split: str = "test"
    sample_epochs: int = 12
