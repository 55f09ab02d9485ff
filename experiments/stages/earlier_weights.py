"""Weights to go on from: those of a run, or of a preset."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import keras

from experiments.stages.budget import trainings_of
from experiments.training import Training
from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.presets import read_card, read_preset, shipped
from polychrome.presets.card import CARD
from polychrome.training.callbacks import TrainingState
from polychrome.weights.files import load_weights

# In a network's folder: how it began (`experiments.stages.initial_weights`).
RECORD = "initial_weights.json"
UNKNOWN_ENCODER = {"origin": None, "pretrained": False}


class EarlierWeights(Protocol):
    """Trained networks, found by their names in a recipe."""

    def check(self, names: Sequence[str]) -> None:
        """Fail now, not after the data is decoded, if what the folder holds is of no use."""

    def has(self, network: keras.Model, name: str) -> bool:
        """Whether there are weights of a network that may be left out."""

    def load(self, network: keras.Model, name: str) -> None:
        """Load weights into a network; `InputError` if they are not of such a network."""

    def trainings(self, name: str) -> list[Training]:
        """All training that the weights of a network had."""

    def encoder(self, name: str) -> dict[str, Any]:
        """Origin of the weights in a network's encoder, as `initial_weights.json` has it."""


class RunWeights:
    """The last weights of a run."""

    def __init__(self, run: Path):
        self.run = run

    def check(self, names: Sequence[str]) -> None:
        """See `EarlierWeights`."""
        for name in names:
            last_weights(self.run, name)

    def has(self, network: keras.Model, name: str) -> bool:
        """See `EarlierWeights`."""
        state = TrainingState.load(self.run / "networks" / name)
        return state.weights is not None

    def load(self, network: keras.Model, name: str) -> None:
        """See `EarlierWeights`."""
        load_weights(network, last_weights(self.run, name))

    def trainings(self, name: str) -> list[Training]:
        """See `EarlierWeights`."""
        return trainings_of(self.run, name, Path(RECORD))

    def encoder(self, name: str) -> dict[str, Any]:
        """See `EarlierWeights`."""
        path = self.run / "networks" / name / RECORD
        return (read_json(path) if path.exists() else {}).get("encoder", UNKNOWN_ENCODER)


class PresetWeights:
    """The weights of a preset, which holds the networks of a recipe in one.

    A recipe's network is found in it by the order, names, and shapes of its variables.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._networks: list[keras.Model] = []

    def check(self, names: Sequence[str]) -> None:
        """See `EarlierWeights`."""
        read_card(self.folder)

    def has(self, network: keras.Model, name: str) -> bool:
        """See `EarlierWeights`."""
        return bool(self._alike(network))

    def load(self, network: keras.Model, name: str) -> None:
        """See `EarlierWeights`."""
        found = self._alike(network)
        # Two networks of one kind differ in their names.
        found = [other for other in found if other.name == network.name] or found
        if not found:
            raise InputError(
                f"{self.folder}: no network of the preset has the layers of {name}", ["init_from"]
            )
        network.set_weights(found[0].get_weights())

    def trainings(self, name: str) -> list[Training]:
        """See `EarlierWeights`."""
        return [Training(**each) for each in self._described(name).get("trainings", [])]

    def encoder(self, name: str) -> dict[str, Any]:
        """See `EarlierWeights`."""
        return self._described(name).get("encoder", UNKNOWN_ENCODER)

    def _alike(self, network: keras.Model) -> list[keras.Model]:
        """Networks of the preset with the same variables."""
        if not self._networks:
            self._networks = list(_networks_in(read_preset(self.folder).network))
        wanted = _shapes(network)
        return [other for other in self._networks if _shapes(other) == wanted]

    def _described(self, name: str) -> dict[str, Any]:
        return read_card(self.folder)["source"].get("networks", {}).get(name, {})


def earlier_weights(source: str) -> EarlierWeights:
    """Weights by the folder of a run or of a preset, or by the name of a shipped preset.

    Raises:
        InputError: there is nothing of these.
    """
    folder = Path(source)
    if (folder / CARD).is_file():
        return PresetWeights(folder)
    if not folder.is_dir():
        presets = shipped()
        if source in presets:
            return PresetWeights(presets[source])
        raise InputError(
            f"{source}: no such folder, and no preset of that name (known: {', '.join(presets)})",
            ["init_from"],
        )
    return RunWeights(folder)


def last_weights(run: Path, name: str) -> Path:
    """The file with the last weights of a network in a run's folder.

    Raises:
        InputError: there is none.
    """
    folder = run / "networks" / name
    state = TrainingState.load(folder)
    # Kept runs of earlier versions hold the best epoch alone.
    for file in (state.weights, state.best_weights):
        if file is not None and (folder / file).exists():
            return folder / file
    if state.weights is not None:
        raise InputError(
            f"{folder / state.weights}: missing; train it, or copy it there", ["init_from"]
        )
    raise InputError(
        f"{folder}: no finished epoch of a network {name!r}; the run should be resumed first",
        ["init_from"],
    )


def network_origins(run: Path, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Training and encoder of a run's networks, for the card of its preset."""
    weights, found = RunWeights(run), {}
    for name in names:
        found[name] = {"trainings": list(map(dataclasses.asdict, weights.trainings(name)))}
        encoder = weights.encoder(name)
        if encoder != UNKNOWN_ENCODER:
            found[name]["encoder"] = encoder
    return found


def _networks_in(network: keras.Model) -> Iterator[keras.Model]:
    yield network
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _networks_in(layer)


def _shapes(network: keras.Model) -> list[tuple[str, tuple[int, ...]]]:
    return [(variable.name, tuple(variable.shape)) for variable in network.variables]
