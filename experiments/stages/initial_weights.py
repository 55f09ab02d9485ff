"""What a training begins with: weights of ImageNet, of another run or of an earlier stage."""

from collections.abc import Sequence
from pathlib import Path

import keras

from experiments.options import Options
from experiments.recipe import Network, Recipe
from polychrome.color.histogram import ChromaHistogram
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from polychrome.training.callbacks import TrainingState
from polychrome.weights.files import load_weights, unfreeze


class Beginning:
    """The compiled network with the weights that its training begins with.

    Where those of an encoder or of a loss are from is written to `beginning.json` in the folder of
    the network, once: a resumed run may not find the files again.

    Args:
        folder: of the network in the run.
        before: networks trained earlier in the run.
        histogram: of the training images, where a loss weighs by it.
        download: whether ImageNet weights may be fetched.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        options: Options,
        folder: Path,
        before: Sequence[keras.Model],
        histogram: ChromaHistogram | None,
        download: bool,
    ):
        self.network, self.recipe, self.options = network, recipe, options
        self.before, self.histogram, self.download = before, histogram, download
        self.record = folder / "beginning.json"
        # Its weights then come from the epoch, and a resumed run may not find the files again.
        self.begun = bool(TrainingState.load(folder).weights)

    def build(self) -> keras.Model:
        """The network, compiled; weights of an earlier epoch come after it."""
        network = self.network
        built = network.make(self.recipe.image_size)
        # Before weights are loaded: what is random in it must not depend on whether they are.
        loss = self._loss()
        if network.pretrained is not None:
            self._load_pretrained(built)
        if not self.begun:
            if network.start is not None:
                network.start(built, *self.before)
            if self.options.init_from is not None:
                load_weights(built, best_weights(Path(self.options.init_from), network.name))
        if network.compile is not None:
            network.compile(built)
            return built
        # Where the network gives bins, or is told more than chroma, a chroma PSNR has no meaning.
        plain = network.example is None and built.output_shape[-1] <= 2
        metrics = [ChromaPSNR(), ReportChromaPSNR()] if plain else []
        optimizer = network.optimizer(network.learning_rate)
        built.compile(optimizer=optimizer, loss=loss, metrics=metrics)
        return built

    def _loss(self) -> str | keras.losses.Loss:
        loss = self.network.loss
        if isinstance(loss, str):
            return loss
        if self.network.histogram:
            return loss(self.histogram)
        if not self.network.loss_weights:
            return loss()
        # A resumed run needs the weights again, if they were not random.
        download = self._known()["loss"] is not None if self.begun else self.download
        made, loaded = loss(_path(self.options.loss_weights), download)
        if not self.begun:
            self._write(loss=loaded.origin)
        return made

    def _load_pretrained(self, built: keras.Model) -> None:
        if not self.begun:
            file = _path(self.options.encoder_weights)
            self._write(encoder=self.network.pretrained(built, file, self.download).origin)
        if self._known()["encoder"] is None:
            # Frozen random features would teach nothing.
            unfreeze(built)

    def _known(self) -> dict[str, str | None]:
        return read_json(self.record) if self.record.exists() else {}

    def _write(self, **origins: str | None) -> None:
        write_json(self.record, self._known() | origins)

    def notes(self) -> tuple[str, ...]:
        """What of it a reader must know."""
        notes, known = [], self._known()
        if "encoder" in known:
            origin = known["encoder"] or "random weights; it was trained with the rest"
            notes.append(f"Encoder of {self.network.name}: {origin}")
        if "loss" in known:
            notes.append(f"Network that the loss compares by: {known['loss'] or 'random weights'}")
        if self.options.init_from is not None:
            notes.append(
                f"Network {self.network.name}: begun with the weights of {self.options.init_from}"
            )
        return tuple(notes)


def _path(file: str | None) -> Path | None:
    return None if file is None else Path(file)


def best_weights(run: Path, name: str) -> Path:
    """The file with the best weights of a network in a run's folder.

    Raises:
        InputError: there is none.
    """
    folder = run / "networks" / name
    state = TrainingState.load(folder)
    if state.best_weights is None:
        raise InputError(f"{folder}: no finished epoch of a network {name!r} to begin with")
    return folder / state.best_weights
