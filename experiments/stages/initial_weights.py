"""Initial weights of a network: ImageNet's, another run's, published ones, or random."""

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from experiments.plan import Plan
from experiments.recipe import Materials, Network
from experiments.stages.earlier_weights import RECORD, earlier_weights
from experiments.stages.learning_rates import warmup_of
from polychrome.color.histogram import ChromaHistogram
from polychrome.files import read_json, write_json
from polychrome.losses.perceptual import shift_tolerant_features, vgg16_features
from polychrome.training.callbacks import TrainingState
from polychrome.weights.files import unfreeze
from polychrome.weights.imagenet import load_vgg16
from polychrome.weights.published import load_published
from polychrome.weights.shift_tolerant import load_shift_tolerant, weights_file


class InitialWeights:
    """Builds and compiles a network with the initial weights of its training run.

    The weights found are recorded once in `initial_weights.json` in the network's folder, because a
    resumed run may not find the files again. What is trained is decided, and recorded, from the
    network's state: an encoder stays frozen by its builder only if it has ImageNet weights.

    Args:
        folder: of the network in the run.
        before: networks trained earlier in the run.
        histogram: of the training images, where an objective needs it.
        download: whether ImageNet weights may be downloaded.
        steps: of the whole training run.
    """

    def __init__(
        self,
        plan: Plan,
        network: Network,
        folder: Path,
        before: Sequence[keras.Model] = (),
        histogram: ChromaHistogram | None = None,
        download: bool = False,
        steps: int = 1,
    ):
        self.plan, self.network, self.before = plan, network, before
        self.histogram, self.download, self.steps = histogram, download, steps
        self.path = folder / RECORD
        self.warmup = warmup_of(network, folder, steps)
        state = TrainingState.load(folder)
        # The weights then come from the last epoch.
        self.begun = bool(state.weights)
        self.trained = state.epoch > 0

    def build(self) -> keras.Model:
        """The compiled network; weights of an earlier epoch are loaded after it.

        Raises:
            InputError: missing files, or files that do not fit.
        """
        plan, network = self.plan, self.network
        built = network.build(plan.image_size)
        # Before loading weights, so that random parts don't depend on whether they are loaded.
        materials = self._materials()
        if not self.begun:
            self._load(built)
        if network.encoder is not None and not self.record()["encoder"]["pretrained"]:
            # Frozen random features would teach nothing.
            for layer in network.encoder.layers(built):
                unfreeze(layer)
        network.objective.compile(built, materials, chroma=network.example is None)
        if not self.begun:
            self._write(**_counts(built, network))
        if network.objective.optimizer.warmup and not self.trained:
            self._write(warmup_steps=self.warmup)
        return built

    def record(self) -> dict:
        """The record so far."""
        return read_json(self.path) if self.path.exists() else {}

    def finish(self, trained: keras.Model) -> tuple[str, ...]:
        """Record whether the encoder changed; return notes for the reader, as sentences."""
        record, name = self.record(), self.network.name
        notes = []
        if "encoder" in record:
            encoder = record["encoder"]
            moved = _digest(trained, self.network) != record["encoder_digest"]
            self._write(encoder_moved=moved)
            origin = encoder["origin"] or "random weights"
            notes.append(
                f"Encoder of {name}: {origin}; its weights "
                + ("changed in training" if moved else "did not change in training")
            )
        if "features" in record:
            origin = record["features"]["origin"] or "random weights"
            notes.append(f"Network that the loss compares by: {origin}")
        for key, says in (("init_from", "the weights of"), ("weights", "published weights,")):
            if record.get(key):
                notes.append(f"Network {name}: begun with {says} {record[key]}")
        return tuple(notes)

    def _materials(self) -> Materials:
        needs = self.network.objective.needs
        features = self._features() if "features" in needs else None
        histogram = self.histogram if "histogram" in needs else None
        return Materials(histogram, features, self.steps, self.warmup)

    def _features(self) -> keras.Model:
        """The network that a loss compares by; a resumed run needs the same weights again."""
        options, known = self.plan.options, self.record().get("features") if self.begun else None
        file = None if options.loss_weights is None else Path(options.loss_weights)
        download = self.download if known is None else known["pretrained"]
        if known is None:
            shift_tolerant = not (file or download) and weights_file("vgg") is not None
        else:
            shift_tolerant = known.get("shift_tolerant", False)
        if shift_tolerant:
            features = shift_tolerant_features()
            loaded = load_shift_tolerant(features)
        else:
            features = vgg16_features()
            loaded = load_vgg16(features, file, download)
        if not self.begun:
            self._write(features=_origin(loaded) | {"shift_tolerant": shift_tolerant})
        return features

    def _load(self, built: keras.Model) -> None:
        network, options = self.network, self.plan.options
        earlier = None
        if options.init_from is not None:
            earlier = earlier_weights(options.init_from)
            if network.start is not None and not earlier.has(built, network.name):
                earlier = None  # it begins with the networks before it
        if earlier is not None:
            earlier.load(built, network.name)
            spent = earlier.trainings(network.name)
            self._write(init_from=options.init_from, inherited=list(map(dataclasses.asdict, spent)))
            if network.encoder is not None:
                # Its encoder is included.
                self._write(encoder=earlier.encoder(network.name))
        elif network.encoder is not None:
            file = None if options.encoder_weights is None else Path(options.encoder_weights)
            self._write(encoder=_origin(network.encoder.load(built, file, self.download)))
        if network.start is not None:
            # Last: parts that were trained in this run replace those of an earlier one.
            network.start(built, *self.before)
            if network.encoder is not None:
                raise ValueError("an encoder's weights would be overwritten by an earlier network")
        if options.weights is not None:
            release = self.plan.recipe.released.release
            digest = load_published(built, Path(options.weights), release)
            self._write(weights=Path(options.weights).name, weights_sha256=digest)

    def _write(self, **found) -> None:
        write_json(self.path, self.record() | found)


def _origin(loaded) -> dict:
    return {
        "origin": loaded.origin,
        "sha256": loaded.sha256,
        "pretrained": not loaded.random,
    }


def _counts(built: keras.Model, network: Network) -> dict:
    counted = {"trainable_parameters": _size(built.trainable_variables)}
    if network.encoder is None:
        return counted
    layers = network.encoder.layers(built)
    trained = [variable for layer in layers for variable in layer.trainable_variables]
    return counted | {
        "encoder_trainable_parameters": _size(trained),
        "encoder_digest": _digest(built, network),
    }


def _size(variables: Sequence[keras.Variable]) -> int:
    return int(sum(np.prod(variable.shape) for variable in variables))


def _digest(built: keras.Model, network: Network) -> str:
    """SHA-256 of the encoder's kernels, which only training changes."""
    digest = hashlib.sha256()
    for layer in network.encoder.layers(built):
        for variable in layer.variables:
            if variable.path.rpartition("/")[2] == "kernel":
                digest.update(keras.ops.convert_to_numpy(variable).tobytes())
    return digest.hexdigest()
