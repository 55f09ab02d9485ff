"""Learning rate schedules."""

from typing import Any

import keras
from keras import ops

from polychrome.tensors import Tensor


@keras.saving.register_keras_serializable("polychrome")
class WarmupStableDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rise linearly, stay, fall linearly to zero over the last part of a training run.

    A run can be made longer as long as its decay has not begun, unlike with a cosine, which is
    about as good (Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed
    training durations").

    Args:
        rate: the highest rate.
        warmup: steps of the rise.
        decay: share of `steps` over which the rate falls.
        steps: of the whole run.
    """

    def __init__(self, rate: float, warmup: int, decay: float, steps: int):
        self.rate, self.warmup, self.decay, self.steps = rate, warmup, decay, steps

    def __call__(self, step: Any) -> Tensor:
        step = ops.cast(step, "float32")
        rising = (step + 1.0) / max(1, self.warmup)
        falling = (self.steps - step) / max(1.0, self.decay * self.steps)
        return self.rate * ops.clip(ops.minimum(rising, falling), 0.0, 1.0)

    def peak(self) -> float:
        """The highest rate of all steps: less than `rate` if it falls before it has risen."""
        return float(ops.max(self(ops.arange(self.steps))))

    def get_config(self) -> dict[str, Any]:
        return {
            "rate": self.rate,
            "warmup": self.warmup,
            "decay": self.decay,
            "steps": self.steps,
        }
