"""The gradient steps of `polychrome.training.adversarial.Adversarial` under TensorFlow."""

from typing import Any

import keras
import tensorflow as tf
from keras import tree

from polychrome.tensors import Tensor


class TensorFlowSteps(keras.Model):
    """`train_step` and `test_step` of `Adversarial`.

    Gradients are summed over devices, so losses, which are means over one device's share of the
    batch, are divided by the number of devices.
    """

    def train_step(self, data: Any) -> dict[str, Tensor]:
        lightness, chroma, real, labels = self._unpack(data)
        weights = self.generator.trainable_variables
        with tf.GradientTape() as generation:
            made = self.generator(lightness, training=True)
        picture = self._picture(made)
        loss, real_logits, fake_logits = self._train_discriminator(lightness, real, picture)

        # A separate tape: under a strategy, no optimizer may step while a tape is recording.
        made_parts = tree.flatten(made)
        with tf.GradientTape() as judgment:
            judgment.watch(made_parts)
            total, values = self._generator_losses(lightness, real, labels, made)
            scaled = self.optimizer.scale_loss(_shared(total))
        slopes = judgment.gradient(scaled, made_parts, unconnected_gradients="zero")
        gradients = generation.gradient(made_parts, weights, output_gradients=slopes)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))

        values["discriminator_loss"] = loss
        return self._log_step(values, real_logits, fake_logits, chroma, picture)

    def _train_discriminator(
        self, lightness: Tensor, real: Tensor, fake: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """A discriminator step; returns its loss and its logits of real images and of fakes."""
        weights, optimizer = self.discriminator.trainable_variables, self.discriminator_optimizer
        with tf.GradientTape() as tape:
            real_logits = self._judge(lightness, real)
            fake_logits = self._judge(lightness, fake)
            loss = self._discriminator_loss(real_logits, fake_logits)
            scaled = optimizer.scale_loss(_shared(loss))
        gradients = tape.gradient(scaled, weights)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return loss, real_logits, fake_logits

    def test_step(self, data: Any) -> dict[str, Tensor]:
        return self._validate(data)


def _shared(loss: Tensor) -> Tensor:
    return loss / tf.distribute.get_strategy().num_replicas_in_sync
