"""What a recipe's training run is made of, read from its state: what decides its determinism.

A step is deterministic if all operations in it are, and sums are taken in a fixed order. So if
recipes trained twice have learned the same weights, one made of the same parts does so too.
"""

import functools
from collections.abc import Iterator

import keras
import numpy as np

from experiments.plan import Plan
from experiments.recipe import AgainstDiscriminator, Materials, Network
from polychrome.color.histogram import ChromaHistogram
from polychrome.losses.perceptual import vgg16_features
from polychrome.training.adversarial import Adversarial

# Settings of layers that choose another kernel, or an operation more.
CHOOSE = (
    "strides",
    "dilation_rate",
    "padding",
    "interpolation",
    "activation",
    "pool_size",
    "center",
    "scale",
    "use_bias",
    "axis",
    "factor",
    "how",
)


def parts_of(plan: Plan) -> set[str]:
    """All parts of a plan's training run, in words."""
    return {part for network in plan.networks for part in _parts(plan, network)}


def _parts(plan: Plan, network: Network) -> Iterator[str]:
    built = network.build(plan.image_size)
    models = [built]
    if isinstance(built, Adversarial):
        models = [built.generator, built.discriminator]
        yield f"game {built.game.says}" if built.adversarial_weight else "no game"
        yield f"reconstruction {built.reconstruction.__name__}, {bool(built.reconstruction_weight)}"
        yield f"classes {bool(built.class_weight)}, noisy labels {bool(built.label_noise)}"
        yield f"of RGB {built.rgb_scaling is not None}, inputs {len(built.discriminator.inputs)}"
    for model in models:
        for layer in model._flatten_layers():
            yield _layer(layer)
        yield f"outputs {len(model.outputs)}"
    objective = network.objective
    yield f"{type(objective).__name__} with {sorted(objective.needs)}"
    if not isinstance(objective, AgainstDiscriminator):
        yield _loss(objective)
    optimizer = objective.optimizer.make(1000)
    config = optimizer.get_config()
    rate = config["learning_rate"]
    yield f"rate {rate['class_name'] if isinstance(rate, dict) else 'constant'}"
    used = [key for key in ("global_clipnorm", "weight_decay", "use_ema") if config[key]]
    yield f"{type(optimizer).__name__} with {used}"
    for step in plan.augmentation(network):
        yield f"augmentation {step.__qualname__}"
    for key in ("draw", "example", "start"):
        function = getattr(network, key)
        if function is not None:
            yield f"{key} {function.__module__}.{function.__qualname__}"
    yield f"encoder {network.encoder is not None}, steps logged {network.log_steps}"
    yield f"channels {len(network.channels)}"
    yield f"superpixels {plan.sees_superpixels and plan.superpixels.method}"
    yield f"resize {plan.resize}, parts {plan.recipe.epoch_images is not None}"


@functools.cache
def _histogram() -> ChromaHistogram:
    histogram = ChromaHistogram()
    histogram.update(np.random.default_rng(0).normal(0, 30, (1000, 2)).astype("float32"))
    return histogram


@functools.cache
def _features() -> keras.Model:
    return vgg16_features()


def _layer(layer: keras.Layer) -> str:
    config = layer.get_config() if not isinstance(layer, keras.Model) else {}
    chosen = {key: config[key] for key in CHOOSE if config.get(key) is not None}
    if "kernel_size" in config:
        chosen["1x1"] = set(config["kernel_size"]) == {1}
    for key in ("rate", "stddev"):
        if key in config:
            chosen[key] = bool(config[key])
    return f"layer {type(layer).__name__} {chosen}"


def _described(loss) -> str:
    """A loss by name, function, or object, or several by output."""
    if isinstance(loss, str):
        return loss
    if isinstance(loss, dict):
        return str({output: _described(each) for output, each in loss.items()})
    if not isinstance(loss, keras.losses.Loss):
        return loss.__qualname__
    settings = {}
    for key, value in vars(loss).items():
        if key in ("name", "_dtype"):
            continue
        if isinstance(value, (bool, str, type(None))):
            settings[key] = value
        elif callable(value):
            settings[key] = getattr(value, "__name__", type(value).__name__)
        elif isinstance(value, np.ndarray):
            settings[key] = "array"
    return f"{type(loss).__name__} {settings}"


def _loss(objective) -> str:
    loss = objective.loss
    if callable(loss):
        features = _features() if "features" in objective.needs else None
        loss = loss(Materials(_histogram(), features))
    return f"loss {_described(loss)}, weighted {objective.loss_weights is not None}"
