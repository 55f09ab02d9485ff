"""The optimizer of a recipe, and what records say of it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras

from polychrome.training.optimizers import PartlySlowAdamW
from polychrome.training.schedules import WarmupStableDecay

# Left out by `describe`: Keras bookkeeping, and settings that are off.
_SILENT = {"name", "learning_rate", "loss_scale_factor", "gradient_accumulation_steps"}


@dataclasses.dataclass(frozen=True)
class Adam:
    """Adam, or AdamW if `weight_decay` is given.

    Attributes:
        learning_rate: of the first step; the highest, if there is a warm-up.
        beta_1, beta_2: Keras's defaults.
        weight_decay: decoupled (AdamW); None disables it.
        global_clipnorm: largest norm of all gradients together; None disables it.
        drop_every: steps between divisions of the rate by ten.
        warmup: steps over which the rate rises.
        decay: share of the run, at its end, over which the rate falls to zero.
        average: momentum of a running average of the weights, which replaces them at the end of
            the run; None disables it.
        slow: how the names of layers begin that learn more slowly, and do not decay.
        slow_factor: of their learning rate.
    """

    learning_rate: float = 1e-3
    beta_1: float = 0.9
    beta_2: float = 0.999
    weight_decay: float | None = None
    global_clipnorm: float | None = None
    drop_every: int | None = None
    warmup: int = 0
    decay: float = 0.0
    average: float | None = None
    slow: str = ""
    slow_factor: float = 1.0

    def make(self, steps: int = 1) -> keras.optimizers.Optimizer:
        """A new optimizer for a training run of so many steps."""
        settings: dict[str, Any] = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "global_clipnorm": self.global_clipnorm,
        }
        if self.average is not None:
            settings |= {"use_ema": True, "ema_momentum": self.average}
        if self.weight_decay is None:
            return keras.optimizers.Adam(self._rate(steps), **settings)
        settings["weight_decay"] = self.weight_decay
        if self.slow:
            settings |= {"slow": self.slow, "factor": self.slow_factor}
            return PartlySlowAdamW(self._rate(steps), **settings)
        return keras.optimizers.AdamW(self._rate(steps), **settings)

    def describe(self) -> str:
        """In words, from the optimizer that `make` returns."""
        return describe_optimizer(self.make())

    def _rate(self, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
        if self.drop_every:
            return keras.optimizers.schedules.ExponentialDecay(
                self.learning_rate, self.drop_every, 0.1, staircase=True
            )
        if self.warmup or self.decay:
            return WarmupStableDecay(self.learning_rate, self.warmup, self.decay, steps)
        return self.learning_rate


def describe_optimizer(optimizer: keras.optimizers.Optimizer) -> str:
    """Name, learning rate, and every setting that differs from its default."""
    config = optimizer.get_config()
    usual = type(optimizer)().get_config()
    other = [
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in config.items()
        if name not in _SILENT and value != usual[name]
    ]
    return ", ".join([type(optimizer).__name__, _describe_rate(config["learning_rate"]), *other])


def _describe_rate(rate: float | Mapping) -> str:
    if not isinstance(rate, Mapping):
        return f"learning rate {rate:g}"
    settings = rate["config"]
    if rate["class_name"] == "ExponentialDecay":
        return (
            f"learning rate {settings['initial_learning_rate']:g}, divided by "
            f"{1 / settings['decay_rate']:g} every {settings['decay_steps']:,} steps"
        )
    return (
        f"learning rate {settings['rate']:g} after a warm-up of {settings['warmup']:,} steps, "
        f"falling to 0 over the last {settings['decay']:.0%} of the run"
    )
