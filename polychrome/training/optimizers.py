"""Optimizers that Keras does not have."""

from typing import Any

import keras
from keras import ops

from polychrome.tensors import Tensor


@keras.saving.register_keras_serializable("polychrome")
class PartlySlowAdamW(keras.optimizers.AdamW):
    """AdamW with a smaller learning rate for a part of the network, such as a trained encoder.

    Multiplying the part's gradients would not do: Adam divides by their size. The part is also
    excluded from weight decay, which would pull its trained weights to zero.

    Args:
        slow: how the paths of the part's variables begin; an empty string is no part.
        factor: of the part's learning rate.
        options: as for `keras.optimizers.AdamW`.
    """

    def __init__(
        self, learning_rate: Any = 1e-3, *, slow: str = "", factor: float = 1.0, **options: Any
    ):
        super().__init__(learning_rate, **options)
        self.slow, self.factor = slow, factor

    def build(self, variables: list[keras.Variable]) -> None:
        if not self.built:
            self.exclude_from_weight_decay(var_list=[v for v in variables if self._is_slow(v)])
        super().build(variables)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        # TensorFlow's own variables, which come here, have no path.
        if self._is_slow(self._trainable_variables[self._get_variable_index(variable)]):
            learning_rate = ops.multiply(learning_rate, self.factor)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"slow": self.slow, "factor": self.factor}

    def _is_slow(self, variable: keras.Variable) -> bool:
        return bool(self.slow) and variable.path.startswith(self.slow)
