"""The gradient steps of `polychrome.training.adversarial.Adversarial` under JAX.

Keras passes all state to a step as values and expects the new values back. Each part of a step runs
in a scope where the variables have given values, and returns their new ones.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras

from polychrome.tensors import Tensor

# Values of variables, by their ids.
_Values = dict[int, Tensor]
_Variables = Sequence[keras.Variable]


class JaxSteps(keras.Model):
    """`train_step` and `test_step` of `Adversarial`."""

    @property
    def non_trainable_variables(self) -> list[keras.Variable]:
        # Keras's trainer tracks the state of one optimizer; the other's travels with these.
        optimizer = getattr(self, "discriminator_optimizer", None)
        return [*super().non_trainable_variables, *(optimizer.variables if optimizer else ())]

    def train_step(
        self, state: Sequence[Sequence[Tensor]], data: Any
    ) -> tuple[dict[str, Tensor], tuple[list[Tensor], ...]]:
        lightness, chroma, real, labels = self._unpack(data)
        weights = self.generator.trainable_variables
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        values = _values(groups, state)

        def generate(given: list[Tensor]) -> tuple[Any, _Values]:
            inside = values | _values([weights], [given])
            return self._run(groups, inside, lambda: self.generator(lightness, training=True))

        made, pull_back, values = jax.vjp(generate, _of(weights, values), has_aux=True)
        picture = self._picture(made)
        judged, values = self._train_discriminator(groups, values, lightness, real, picture)

        def judge(made: Any) -> tuple[Tensor, tuple[Any, _Values]]:
            def losses() -> tuple[Tensor, Any]:
                total, parts = self._generator_losses(lightness, real, labels, made)
                return self.optimizer.scale_loss(total), parts

            (total, parts), after = self._run(groups, values, losses)
            return total, (parts, after)

        slopes, (parts, values) = jax.grad(judge, has_aux=True)(made)
        values = _apply(self.optimizer, weights, pull_back(slopes)[0], values)

        loss, real_logits, fake_logits = judged
        parts["discriminator_loss"] = loss
        logs, values = self._run(
            groups,
            values,
            lambda: self._log_step(parts, real_logits, fake_logits, chroma, picture),
        )
        return logs, tuple(_of(group, values) for group in groups)

    def _train_discriminator(
        self,
        groups: Sequence[_Variables],
        values: _Values,
        lightness: Tensor,
        real: Tensor,
        fake: Tensor,
    ) -> tuple[tuple[Tensor, Tensor, Tensor], _Values]:
        weights, optimizer = self.discriminator.trainable_variables, self.discriminator_optimizer

        def judge(given: list[Tensor]) -> tuple[Tensor, tuple[Any, _Values]]:
            inside = values | _values([weights], [given])

            def losses() -> tuple[Tensor, Any]:
                real_logits = self._judge(lightness, real)
                fake_logits = self._judge(lightness, fake)
                loss = self._discriminator_loss(real_logits, fake_logits)
                return optimizer.scale_loss(loss), (loss, real_logits, fake_logits)

            (scaled, judged), after = self._run(groups, inside, losses)
            return scaled, (judged, after)

        gradients, (judged, values) = jax.grad(judge, has_aux=True)(_of(weights, values))
        return judged, _apply(optimizer, weights, gradients, values)

    def test_step(
        self, state: Sequence[Sequence[Tensor]], data: Any
    ) -> tuple[dict[str, Tensor], tuple[list[Tensor], ...]]:
        groups = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)
        logs, values = self._run(groups, _values(groups, state), lambda: self._validate(data))
        return logs, tuple(_of(group, values) for group in groups)

    def _run(
        self, groups: Sequence[_Variables], values: _Values, function: Callable[[], Any]
    ) -> tuple[Any, _Values]:
        """The result of `function` when variables have `values`, and their values afterward."""
        variables = [variable for group in groups for variable in group]
        mapping = [(variable, values[id(variable)]) for variable in variables]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            result = function()
        return result, {id(v): scope.get_current_value(v) for v in variables}


def _values(groups: Sequence[_Variables], state: Sequence[Sequence[Tensor]]) -> _Values:
    pairs = (pair for parts in zip(groups, state, strict=True) for pair in zip(*parts, strict=True))
    return {id(variable): value for variable, value in pairs}


def _of(variables: _Variables, values: _Values) -> list[Tensor]:
    return [values[id(variable)] for variable in variables]


def _apply(
    optimizer: keras.optimizers.Optimizer,
    weights: _Variables,
    gradients: Sequence[Tensor],
    values: _Values,
) -> _Values:
    """The values after a step of `optimizer`."""
    groups = (weights, optimizer.variables)
    stepped = optimizer.stateless_apply(
        _of(optimizer.variables, values), list(gradients), _of(weights, values)
    )
    return values | _values(groups, stepped)
