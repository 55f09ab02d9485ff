"""What a network minimizes and how: values that compile a network and describe themselves."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

import keras

from polychrome.color.histogram import ChromaHistogram
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR

_NAMES = {"mse": "mean squared error", "mae": "mean absolute error"}
# What `describe` leaves out: bookkeeping of Keras, and what is off.
_SILENT = {"name", "learning_rate", "loss_scale_factor", "gradient_accumulation_steps"}


@dataclasses.dataclass(frozen=True)
class Materials:
    """What a loss may be made of besides the network.

    Attributes:
        histogram: colors of the training images; there if the objective needs "histogram".
        features: VGG16 with the weights that were found; there if it needs "features".
    """

    histogram: ChromaHistogram | None = None
    features: keras.Model | None = None


class Objective(Protocol):
    """Optimizer and loss of a network.

    Attributes:
        needs: which of the `Materials` its loss is made of.
    """

    needs: frozenset[str]

    def compile(self, network: keras.Model, materials: Materials, *, chroma: bool) -> None:
        """Compile `network`; with PSNR of chroma where its targets are chroma (`chroma`)."""

    def describe(self, network: keras.Model) -> dict[str, str]:
        """What it does to `network`, as {"optimizer": ..., "loss": ...}, from its state."""

    def at_rate(self, learning_rate: float) -> "Objective":
        """The same with another learning rate."""


@dataclasses.dataclass(frozen=True)
class Adam:
    """Adam, or AdamW where `weight_decay` is given.

    Attributes:
        learning_rate: of the first step.
        beta_1, beta_2: Keras's defaults.
        weight_decay: decoupled (AdamW); None leaves it out.
        drop_every: steps after which the rate is divided by `drop_by`, again and again.
    """

    learning_rate: float = 1e-3
    beta_1: float = 0.9
    beta_2: float = 0.999
    weight_decay: float | None = None
    drop_every: int | None = None
    drop_by: float = 10.0

    def make(self) -> keras.optimizers.Optimizer:
        """A new optimizer."""
        rate = self.learning_rate
        if self.drop_every:
            rate = keras.optimizers.schedules.ExponentialDecay(
                rate, self.drop_every, 1 / self.drop_by, staircase=True
            )
        betas = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        if self.weight_decay is None:
            return keras.optimizers.Adam(rate, **betas)
        return keras.optimizers.AdamW(rate, weight_decay=self.weight_decay, **betas)

    def describe(self) -> str:
        """In words, from the optimizer that `make` gives."""
        return describe_optimizer(self.make())


def describe_optimizer(optimizer: keras.optimizers.Optimizer) -> str:
    """Name, learning rate, and every setting that is not its class's default."""
    config = optimizer.get_config()
    rate = config["learning_rate"]
    if isinstance(rate, Mapping):  # a schedule
        settings = rate["config"]
        says = (
            f"learning rate {settings['initial_learning_rate']:g}, divided by "
            f"{1 / settings['decay_rate']:g} every {settings['decay_steps']:,} steps"
        )
    else:
        says = f"learning rate {rate:g}"
    usual = type(optimizer)().get_config()
    other = [
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in config.items()
        if name not in _SILENT and value != usual[name]
    ]
    return ", ".join([type(optimizer).__name__, says, *other])


@dataclasses.dataclass(frozen=True)
class Supervised:
    """One loss against the truth.

    Attributes:
        loss: what `keras.Model.compile` takes, or a function that makes it of `Materials`.
        says: the loss in words; may be left out for Keras's own, named by a string.
        optimizer: see `Adam`.
        needs: see `Objective`.
        loss_weights: of the outputs' losses, where there are several.
    """

    loss: str | Callable[[Materials], object] = "mse"
    says: str = ""
    optimizer: Adam = Adam()
    needs: frozenset[str] = frozenset()
    loss_weights: Mapping[str, float] | None = None

    def compile(self, network: keras.Model, materials: Materials, *, chroma: bool) -> None:
        """See `Objective`."""
        # Where the network gives bins, a chroma PSNR has no meaning.
        chroma = chroma and network.output_shape[-1] <= 2
        network.compile(
            optimizer=self.optimizer.make(),
            loss=self.loss if isinstance(self.loss, str) else self.loss(materials),
            loss_weights=None if self.loss_weights is None else dict(self.loss_weights),
            metrics=[ChromaPSNR(), ReportChromaPSNR()] if chroma else [],
        )

    def describe(self, network: keras.Model) -> dict[str, str]:
        """See `Objective`."""
        says = self.says or _NAMES[str(self.loss)]
        return {"optimizer": self.optimizer.describe(), "loss": says}

    def at_rate(self, learning_rate: float) -> "Supervised":
        """See `Objective`."""
        optimizer = dataclasses.replace(self.optimizer, learning_rate=learning_rate)
        return dataclasses.replace(self, optimizer=optimizer)


@dataclasses.dataclass(frozen=True)
class AgainstDiscriminator:
    """The game of a `polychrome.training.adversarial.Adversarial`, whose state has its losses.

    Attributes:
        optimizer: of both networks, one for each.
    """

    optimizer: Adam
    needs: frozenset[str] = frozenset()

    def compile(self, network: keras.Model, materials: Materials, *, chroma: bool) -> None:
        """See `Objective`."""
        network.compile(
            self.optimizer.make(),
            self.optimizer.make(),
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
        says = self.optimizer.describe()
        return {"optimizer": f"{says}, for both networks", "loss": ", ".join(parts)}

    def at_rate(self, learning_rate: float) -> "AgainstDiscriminator":
        """See `Objective`."""
        optimizer = dataclasses.replace(self.optimizer, learning_rate=learning_rate)
        return dataclasses.replace(self, optimizer=optimizer)
