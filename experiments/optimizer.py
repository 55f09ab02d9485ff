"""The optimizer of a recipe, and what records say of it."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import keras

from polychrome.training.optimizers import PartlySlowAdamW
from polychrome.training.schedules import WarmupStableDecay

# Left out by `describe`: Keras bookkeeping, and settings that are off.
_SILENT = {"name", "learning_rate", "loss_scale_factor", "gradient_accumulation_steps"}
# A warm-up takes at most a third of a run. A smaller share would change kept runs, whose commands
# should train as they did: of those with a warm-up of 200 the heads of `photo` had 600 steps, and
# those of `tiny` and the ablation 624.
_SHARE = 3


@dataclasses.dataclass(frozen=True)
class Adam:
    """Adam, or AdamW if `weight_decay` is given.

    Attributes:
        learning_rate: of the first step; the highest, if there is a warm-up.
        beta_1, beta_2: Keras's defaults.
        weight_decay: decoupled (AdamW); None disables it.
        global_clipnorm: largest norm of all gradients together; None disables it.
        drop_every: steps between divisions of the rate by ten.
        warmup: steps over which the rate rises, in runs that are long enough (`warmup_in`).
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

    def warmup_in(self, steps: int) -> int:
        """Steps of the warm-up of a run of so many.

        A short run has a shorter one, so that it reaches the highest rate before the decay begins,
        and not a fraction of it.
        """
        stable = steps - math.ceil(self.decay * steps)
        return min(self.warmup, steps // _SHARE, stable)

    def make(self, steps: int = 1, warmup: int | None = None) -> keras.optimizers.Optimizer:
        """A new optimizer.

        Args:
            steps: of the training run.
            warmup: steps of its warm-up; None: `warmup_in`.
        """
        rate = self._rate(steps, self.warmup_in(steps) if warmup is None else warmup)
        settings: dict[str, Any] = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "global_clipnorm": self.global_clipnorm,
        }
        if self.average is not None:
            settings |= {"use_ema": True, "ema_momentum": self.average}
        if self.weight_decay is None:
            return keras.optimizers.Adam(rate, **settings)
        settings["weight_decay"] = self.weight_decay
        if self.slow:
            settings |= {"slow": self.slow, "factor": self.slow_factor}
            return PartlySlowAdamW(rate, **settings)
        return keras.optimizers.AdamW(rate, **settings)

    def describe(self, steps: int = 0, warmup: int | None = None) -> str:
        """In words, from the optimizer that `make` returns.

        Args:
            steps: of the training run; 0: not known, or not trained.
            warmup: as for `make`.
        """
        return describe_optimizer(self.make(steps, warmup if steps else self.warmup))

    def _rate(
        self, steps: int, warmup: int
    ) -> float | keras.optimizers.schedules.LearningRateSchedule:
        if self.drop_every:
            return keras.optimizers.schedules.ExponentialDecay(
                self.learning_rate, self.drop_every, 0.1, staircase=True
            )
        if self.warmup or self.decay:
            return WarmupStableDecay(self.learning_rate, warmup, self.decay, steps)
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
    warmup, steps = settings["warmup"], settings["steps"]
    words = f"learning rate {settings['rate']:g} after a warm-up of "
    if not steps:
        words += "at most "
    else:
        peak = WarmupStableDecay(**settings).peak()
        # A run that was begun as a longer one, or by a version that did not shorten warm-ups.
        if not math.isclose(peak, settings["rate"], rel_tol=1e-6):
            words = f"learning rate up to {peak:.3g}, of {settings['rate']:g}, in a warm-up of "
    return (
        f"{words}{warmup:,} {'step' if warmup == 1 else 'steps'}, "
        f"falling to 0 over the last {settings['decay']:.0%} of the run"
    )
