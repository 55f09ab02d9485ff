"""Runtimes of a colorizer: a Keras network in memory or from a preset, a SavedModel, or ONNX."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from polychrome.errors import InputError
from polychrome.hints.marks import Marks
from polychrome.inference.types import Prediction
from polychrome.presets import read_card, read_preset, scaling_of
from polychrome.presets.card import CARD, ONNX_FILE, outputs_of, read_description, shipped

if TYPE_CHECKING:
    import keras

    from polychrome.color.scaling import Scaling


class Runtime(Protocol):
    """The interface that a `Colorizer` needs."""

    @property
    def card(self) -> Mapping[str, Any]:
        """Facts about the model, as in `preset.json`: at least name, image size, and outputs."""

    @property
    def network(self) -> "keras.Model":
        """The network."""

    def predict(self, lightness: np.ndarray) -> Prediction:
        """L* 0...100, float32 `[B, H, W, 1]`, to NumPy arrays."""

    def painted(self, lightness: np.ndarray, marks: Sequence[Marks]) -> Prediction | None:
        """The same with hints, one set for each image; None: the network takes none."""


class NetworkRuntime:
    """A network in memory.

    Args:
        network, scaling: see `polychrome.inference.predict.predict`.
        image_size: shorter side, in pixels, to which images are scaled for the network.
        card: further facts about it.
    """

    def __init__(
        self,
        network: "keras.Model",
        scaling: "Scaling",
        image_size: int,
        card: Mapping[str, Any] | None = None,
    ):
        self.network = network
        described = {
            "name": network.name,
            "image_size": image_size,
            "outputs": outputs_of(network),
        }
        self.card: Mapping[str, Any] = {**described, **(card or {})}
        self._scaling = scaling
        self._predict: Callable[[np.ndarray], Prediction] | None = None

    def predict(self, lightness: np.ndarray) -> Prediction:
        """See `Runtime`."""
        if self._predict is None:
            from polychrome.inference.predict import compiled_predict

            self._predict = compiled_predict(self.network, self._scaling)
        return self._predict(lightness)

    def painted(self, lightness: np.ndarray, marks: Sequence[Marks]) -> Prediction | None:
        """See `Runtime`."""
        from polychrome.inference.predict import predict_painted
        from polychrome.models.siggraph17 import painter_of

        painter = painter_of(self.network)
        if painter is None:
            return None
        return predict_painted(painter, self._scaling, lightness, marks)


class PresetRuntime:
    """The network of a preset, built on first use.

    Args:
        folder: of the preset.
        weights: a `.weights.h5` file to use instead of its own weights.

    Raises:
        InputError: see `read_card`.
    """

    def __init__(self, folder: Path, weights: Path | None = None):
        self._folder, self._weights = folder, weights
        card = read_card(folder)
        if weights is not None:
            # What the card says of the preset's own weights is not true of others.
            card |= {"grades": {}, "source": {"weights": str(weights)}, "sha256": {}}
        self.card: Mapping[str, Any] = card
        self._built: NetworkRuntime | None = None

    @property
    def network(self) -> "keras.Model":
        """The network."""
        return self._runtime().network

    def predict(self, lightness: np.ndarray) -> Prediction:
        """See `Runtime`."""
        return self._runtime().predict(lightness)

    def painted(self, lightness: np.ndarray, marks: Sequence[Marks]) -> Prediction | None:
        """See `Runtime`."""
        return self._runtime().painted(lightness, marks)

    def _runtime(self) -> NetworkRuntime:
        if self._built is None:
            card, network = read_preset(self._folder)
            if self._weights is not None:
                from polychrome.weights.files import load_weights

                load_weights(network, self._weights)
            self._built = NetworkRuntime(network, scaling_of(card), card["image_size"], card)
        return self._built


# In the card of a SavedModel: what its network predicts, and it does not give.
_KEPT_BACK = "kept_back"


def kept_back(card: Mapping[str, Any], output: str) -> str | None:
    """What to load instead of a SavedModel whose network has an output that it does not give.

    Args:
        card: of a colorizer without the output.
        output: "vivid_ab" or "spread".

    Returns:
        A sentence without its period; None for other colorizers.
    """
    if output not in card.get(_KEPT_BACK, ()):
        return None
    other = f", or {card['name']}" if card["name"] in shipped() else ""
    lacks = {"vivid_ab": "has no dial", "spread": "predicts no spread"}[output]
    return f"a SavedModel that is loaded here {lacks}; load the preset of its run{other}"


class SavedModelRuntime:
    """A SavedModel written by `polychrome.export`, loaded on first use.

    Args:
        folder: of a version.

    Raises:
        InputError: it was written by an older version of polychrome and has no card.
    """

    def __init__(self, folder: Path):
        path = folder / "assets.extra" / "preset.json"
        if not path.is_file():
            raise InputError(
                f"{folder}: this SavedModel has no card ({path.relative_to(folder)}); export it "
                "with this version of polychrome"
            )
        card = read_description(path)
        # A SavedModel returns only a* and b* at the size of the lightness. The dial of its
        # signature `colorize` is for encoded files of 8 bits, with colors brought up bilinearly.
        if left := [output for output in card["outputs"] if output != "ab"]:
            card |= {"outputs": ["ab"], _KEPT_BACK: left}
        self.card: Mapping[str, Any] = card
        self._folder = folder
        self._loaded: Any = None

    @property
    def network(self) -> "keras.Model":
        """Raises `InputError`: a SavedModel has a graph but no Keras model."""
        raise InputError(f"{self._folder}: a SavedModel holds no Keras model; load a preset")

    def predict(self, lightness: np.ndarray) -> Prediction:
        """See `Runtime`."""
        import tensorflow as tf

        if self._loaded is None:
            self._loaded = tf.saved_model.load(str(self._folder))
        signature = self._loaded.signatures["lightness_to_ab"]
        return Prediction(signature(lightness=tf.constant(lightness))["ab"].numpy())

    def painted(self, lightness: np.ndarray, marks: Sequence[Marks]) -> Prediction | None:
        """Returns None: exports take lightness alone."""
        return None


class OnnxSession:
    """A network that `polychrome.export.onnx` wrote, in ONNX Runtime.

    Imports neither Keras nor TensorFlow.

    Args:
        path: of the file.

    Raises:
        InputError: ONNX Runtime cannot read it.
    """

    def __init__(self, path: Path):
        # Otherwise importing it writes an identifier to the user's cache, and it reports to
        # Microsoft. Who wants that sets the variable to 0.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Its threads wait for each other by spinning, which took 60 % more processor time at 256
        # pixels on two busy cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # Its classes of errors share no other base.
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise InputError(f"{path}: ONNX Runtime cannot read it ({reason})") from error
        self._outputs = [output.name for output in self._session.get_outputs()]

    def predict(self, lightness: np.ndarray) -> Prediction:
        """See `Runtime`."""
        made = self._session.run(self._outputs, {"lightness": lightness})
        return Prediction(**dict(zip(self._outputs, made, strict=True)))


def _how_to_get_it(folder: Path) -> str:
    """The command that writes the ONNX file of a preset."""
    export, name = "python -m polychrome.export.onnx", folder.name
    shipped_there = shipped().get(name)
    if shipped_there is None or shipped_there.resolve() != folder.resolve():
        return f"`{export} {folder}` adds one"
    # Not into the installed package, which the next version replaces.
    return f"`{export} {name} {name}_onnx` writes a copy that has one; load {name}_onnx"


class OnnxRuntime:
    """The ONNX file of a preset, loaded on first use.

    Args:
        folder: of the preset; only its card and `model.onnx` are read, until `network` is asked
            for.

    Raises:
        InputError: it has no ONNX file; see also `read_card`.
    """

    def __init__(self, folder: Path):
        if (folder / CARD).is_file() and not (folder / ONNX_FILE).is_file():
            raise InputError(f"{folder}: no {ONNX_FILE} here; {_how_to_get_it(folder)}")
        self.card: Mapping[str, Any] = read_card(folder, [ONNX_FILE])
        self._folder = folder
        self._session: OnnxSession | None = None
        self._preset: PresetRuntime | None = None

    @property
    def network(self) -> "keras.Model":
        """The network of the preset's Keras files, which `predict` does without.

        Raises:
            InputError: they are missing or were changed.
        """
        if self._preset is None:
            self._preset = PresetRuntime(self._folder)
        return self._preset.network

    def predict(self, lightness: np.ndarray) -> Prediction:
        """See `Runtime`."""
        if self._session is None:
            self._session = OnnxSession(self._folder / ONNX_FILE)
        return self._session.predict(lightness)

    def painted(self, lightness: np.ndarray, marks: Sequence[Marks]) -> Prediction | None:
        """Returns None: exports take lightness alone."""
        return None
