"""GAN losses on logits, and reconstruction errors.

Everything is computed in float32 whatever the precision policy, and for one device: a trainer on
several devices divides by their number.
"""

import dataclasses
from collections.abc import Callable

from keras import ops

from polychrome.tensors import Tensor


def cross_entropy(logits: Tensor, label: float | Tensor) -> Tensor:
    """Binary cross-entropy of logits of any shape against a label in [0, 1]: a scalar, the mean."""
    logits = ops.cast(logits, "float32")
    return ops.mean(ops.softplus(logits) - label * logits)


def discriminator_cross_entropy(
    real_logits: Tensor,
    fake_logits: Tensor,
    real_label: float | Tensor = 1.0,
    fake_label: float | Tensor = 0.0,
) -> Tensor:
    """`-log D(real) - log(1 - D(fake))`, each the mean over its logits (Goodfellow et al. 2014).

    Labels other than 1 and 0 smooth the targets; they are scalars or have the shape of the logits.
    """
    return cross_entropy(real_logits, real_label) + cross_entropy(fake_logits, fake_label)


def minimax_generator_loss(fake_logits: Tensor) -> Tensor:
    """`log(1 - D(fake))`, equation 4 of the Linköping report: flat where D is confident."""
    return -cross_entropy(fake_logits, 0.0)


def non_saturating_generator_loss(fake_logits: Tensor) -> Tensor:
    """`-log D(fake)`: same fixed point, but steep where D is confident (Goodfellow et al. 2014)."""
    return cross_entropy(fake_logits, 1.0)


def l1(truth: Tensor, prediction: Tensor) -> Tensor:
    """Mean absolute error of each image: two `[B, H, W, C]` to float32 `[B]`."""
    return ops.mean(ops.abs(_difference(truth, prediction)), axis=(1, 2, 3))


def l2(truth: Tensor, prediction: Tensor) -> Tensor:
    """Mean squared error of each image: two `[B, H, W, C]` to float32 `[B]`."""
    return ops.mean(ops.square(_difference(truth, prediction)), axis=(1, 2, 3))


def _difference(truth: Tensor, prediction: Tensor) -> Tensor:
    return ops.cast(truth, "float32") - ops.cast(prediction, "float32")


@dataclasses.dataclass(frozen=True)
class Game:
    """The losses of both networks of a GAN.

    Attributes:
        discriminator: logits of real and fake images, of any shape, to the discriminator's loss.
        generator: logits of fakes to the generator's loss.
        says: the generator's loss in words.
    """

    discriminator: Callable[..., Tensor]
    generator: Callable[..., Tensor]
    says: str


MINIMAX = Game(discriminator_cross_entropy, minimax_generator_loss, "minimax loss")
NON_SATURATING = Game(
    discriminator_cross_entropy, non_saturating_generator_loss, "non-saturating loss"
)
