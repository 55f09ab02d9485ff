"""The trainer of all GANs."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from polychrome.color.scaling import Scaling
from polychrome.losses.adversarial import NON_SATURATING, Game, l1
from polychrome.tensors import Tensor


class AdversarialBase(keras.Model):
    """The backend-independent part of a GAN trainer: losses, loss weights, and metrics.

    A step generates fakes once, trains the discriminator on them and on real images, and then
    trains the generator on the updated discriminator's verdict on the same fakes, as pix2pix does.
    New fakes for the generator, as in Algorithm 1 of the Linköping report, would run the generator
    twice.

    `fit` takes (lightness, chroma), or (lightness, (chroma, labels)) for a generator with a class
    head; labels are int32 `[B]`, -1 if unknown. Training logs `loss` and all of `parts`; validation
    logs `val_loss`. `loss` is the `reconstruction` error, which is comparable between both and
    selects the best epoch; the generator minimizes `generator_loss`.

    Args:
        generator: lightness `[B, H, W, 1]` to an image `[B, H, W, C]`, float32: scaled chroma, or
            RGB (see `rgb_scaling`). With a class head, to {"chroma": ..., "classes": logits}.
        discriminator: [lightness, image], or the image alone, to float32 logits of any shape.
        game: `polychrome.losses.adversarial.MINIMAX` or `NON_SATURATING`.
        adversarial_weight: weight of the game in the generator's loss; with 0 the discriminator has
            no influence.
        reconstruction: `l1` or `l2` from `polychrome.losses.adversarial`.
        reconstruction_weight: its weight in the generator's loss.
        label_noise: labels 1 are lowered, and labels 0 raised, by a number drawn from [0,
            label_noise] for each logit.
        class_weight: weight of the class head's cross-entropy in the generator's loss.
        rgb_scaling: if given, images are RGB in [0, 1], made from lightness and chroma of this
            scaling.
        colorizer: lightness to scaled chroma, sharing the generator's layers; by default the
            generator.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        game: Game = NON_SATURATING,
        *,
        adversarial_weight: float = 1.0,
        reconstruction: Callable[[Tensor, Tensor], Tensor] = l1,
        reconstruction_weight: float = 0.0,
        label_noise: float = 0.0,
        class_weight: float = 0.0,
        rgb_scaling: Scaling | None = None,
        colorizer: keras.Model | None = None,
        name: str = "adversarial",
    ):
        super().__init__(name=name)
        self.generator, self.discriminator, self.game = generator, discriminator, game
        self.colorizer = colorizer or generator
        self.adversarial_weight = adversarial_weight
        self.reconstruction, self.reconstruction_weight = reconstruction, reconstruction_weight
        self.label_noise = label_noise
        self.class_weight, self.rgb_scaling = class_weight, rgb_scaling
        self.seed_generator = keras.random.SeedGenerator(0)
        self.parts = {
            part: keras.metrics.Mean(part)
            for part in (
                "loss",
                "generator_loss",
                "adversarial_loss",
                *(["class_loss"] if class_weight else []),
                "discriminator_loss",
                "accuracy_real",
                "accuracy_fake",
            )
        }
        self.chroma_metrics: list[keras.metrics.Metric] = []
        self.built = True

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer,
        discriminator_optimizer: keras.optimizers.Optimizer,
        metrics: Sequence[keras.metrics.Metric] = (),
        **options: Any,
    ) -> None:
        """Set the optimizers of generator and discriminator, and metrics on scaled chroma.

        Args:
            options: `run_eagerly`, `jit_compile`, and so on, as in `keras.Model.compile`.
        """
        super().compile(optimizer=optimizer, **options)  # scales the loss under float16
        if self.dtype_policy.name == "mixed_float16":
            discriminator_optimizer = keras.optimizers.LossScaleOptimizer(discriminator_optimizer)
        self.discriminator_optimizer = discriminator_optimizer
        self.optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.chroma_metrics = list(metrics)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [*self.parts.values(), *self.chroma_metrics]

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Scaled lightness `[B, H, W, 1]` to scaled chroma `[B, H, W, 2]`."""
        chroma = self.colorizer(inputs, training=training)
        return chroma["chroma"] if isinstance(chroma, dict) else chroma

    def _unpack(self, data: Any) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """Unpack a batch into (lightness, chroma, real images, labels or None)."""
        lightness, chroma = data[:2]
        chroma, labels = chroma if isinstance(chroma, (tuple, list)) else (chroma, None)
        if self.rgb_scaling is None:
            return lightness, chroma, chroma, labels
        return lightness, chroma, self.rgb_scaling.join(lightness, chroma), labels

    def _picture(self, made: Any) -> Tensor:
        """The image in the generator's output."""
        return made["chroma"] if isinstance(made, dict) else made

    def _chroma(self, picture: Tensor) -> Tensor:
        if self.rgb_scaling is None:
            return picture
        # Clip as the colorizer does, since a generator may leave the RGB range.
        return self.rgb_scaling.split(ops.clip(picture, 0.0, 1.0))[1]

    def _judge(self, lightness: Tensor, picture: Tensor) -> Tensor:
        conditioned = len(self.discriminator.inputs) == 2
        return self.discriminator([lightness, picture] if conditioned else picture, training=True)

    def _discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """The discriminator's loss, a scalar."""
        labels = []
        if self.label_noise:
            for logits, label in ((real_logits, 1.0), (fake_logits, 0.0)):
                noise = self._uniform(ops.shape(logits), self.label_noise)
                labels.append(ops.abs(label - noise))
        return self.game.discriminator(real_logits, fake_logits, *labels)

    def _uniform(self, shape: Any, largest: float) -> Tensor:
        return keras.random.uniform(shape, 0.0, largest, seed=self.seed_generator)

    def _generator_losses(
        self, lightness: Tensor, real: Tensor, labels: Tensor, made: Any
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The generator's loss, and its unweighted parts by name."""
        picture = self._picture(made)
        values = {"loss": ops.mean(self.reconstruction(real, picture))}
        values["adversarial_loss"] = self.game.generator(self._judge(lightness, picture))
        total = self.reconstruction_weight * values["loss"]
        if self.adversarial_weight:
            total = total + self.adversarial_weight * values["adversarial_loss"]
        if self.class_weight:
            values["class_loss"] = _class_loss(labels, made["classes"])
            total = total + self.class_weight * values["class_loss"]
        values["generator_loss"] = total
        return total, values

    def _log_step(
        self,
        values: dict[str, Tensor],
        real_logits: Tensor,
        fake_logits: Tensor,
        chroma: Tensor,
        picture: Tensor,
    ) -> dict[str, Tensor]:
        """Update all metrics after a training step and return their values by name."""
        values["accuracy_real"] = ops.mean(ops.cast(real_logits > 0, "float32"))
        values["accuracy_fake"] = ops.mean(ops.cast(fake_logits < 0, "float32"))
        for name, tracker in self.parts.items():
            tracker.update_state(values[name])
        if self.chroma_metrics:
            answer = self._chroma(picture)
            for metric in self.chroma_metrics:
                metric.update_state(chroma, answer)
        return {metric.name: metric.result() for metric in self.metrics}

    def _validate(self, data: Any) -> dict[str, Tensor]:
        """Update the validation metrics; return `loss` and the chroma metrics by name."""
        lightness, chroma, real, _ = self._unpack(data)
        picture = self._picture(self.generator(lightness, training=False))
        self.parts["loss"].update_state(self.reconstruction(real, picture))
        for metric in self.chroma_metrics:
            metric.update_state(chroma, self._chroma(picture))
        return {m.name: m.result() for m in (self.parts["loss"], *self.chroma_metrics)}


def _class_loss(labels: Tensor, logits: Tensor) -> Tensor:
    """Mean cross-entropy over all images, counting 0 for those with label -1.

    The mean is over all images because a device does not know how many labels the others have.
    """
    known, logits = labels >= 0, ops.cast(logits, "float32")
    losses = keras.losses.sparse_categorical_crossentropy(
        ops.maximum(labels, 0), logits, from_logits=True
    )
    return ops.mean(ops.where(known, losses, 0.0))


if keras.backend.backend() == "jax":
    from polychrome.training.adversarial_jax import JaxSteps as _Steps
else:
    from polychrome.training.adversarial_tensorflow import TensorFlowSteps as _Steps


class Adversarial(_Steps, AdversarialBase):
    __doc__ = AdversarialBase.__doc__
