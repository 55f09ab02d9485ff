"""What the two networks of a GAN minimize, on logits, and the measures beside it.

All of it is computed in float32 whatever the precision policy, and returned for one device: a
trainer on several divides by their number.
"""

import dataclasses
from collections.abc import Callable

from keras import ops


def cross_entropy(logits, label):
    """Binary cross-entropy of logits of any shape against a label in [0, 1]: a scalar, the mean."""
    logits = ops.cast(logits, "float32")
    return ops.mean(ops.softplus(logits) - label * logits)


def discriminator_cross_entropy(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    """`-log D(real) - log(1 - D(fake))`, each the mean over its logits (Goodfellow et al. 2014).

    Labels other than 1 and 0, scalars or of the logits' shape, soften what is asked for.
    """
    return cross_entropy(real_logits, real_label) + cross_entropy(fake_logits, fake_label)


def minimax_generator_loss(fake_logits):
    """`log(1 - D(fake))`, as the Linköping report's equation 4: flat where D is sure of itself."""
    return -cross_entropy(fake_logits, 0.0)


def non_saturating_generator_loss(fake_logits):
    """`-log D(fake)`: the same fixed point, and steep where D is sure (Goodfellow et al. 2014)."""
    return cross_entropy(fake_logits, 1.0)


def l1(truth, prediction):
    """Mean absolute error of each image: `[B, H, W, C]` twice to float32 `[B]`."""
    return ops.mean(ops.abs(_difference(truth, prediction)), axis=(1, 2, 3))


def l2(truth, prediction):
    """Mean squared error of each image: `[B, H, W, C]` twice to float32 `[B]`."""
    return ops.mean(ops.square(_difference(truth, prediction)), axis=(1, 2, 3))


def _difference(truth, prediction):
    return ops.cast(truth, "float32") - ops.cast(prediction, "float32")


@dataclasses.dataclass(frozen=True)
class Game:
    """What the two networks play.

    Attributes:
        discriminator: logits of real pictures and of fakes, of any shape, to its loss.
        generator: logits of fakes to the generator's loss.
        says: the generator's loss in words.
    """

    discriminator: Callable
    generator: Callable
    says: str


MINIMAX = Game(discriminator_cross_entropy, minimax_generator_loss, "minimax loss")
NON_SATURATING = Game(
    discriminator_cross_entropy, non_saturating_generator_loss, "non-saturating loss"
)
