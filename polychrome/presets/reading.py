"""Reading a preset without running code from its files."""

import importlib
import pkgutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.presets.card import CONFIG, read_card

if TYPE_CHECKING:
    import keras

# Modules with our layers, which register themselves with Keras when imported.
_PACKAGES_OF_LAYERS = ("polychrome.layers", "polychrome.models")
_REGISTERED = "polychrome>"
# Modules that Keras's own configurations refer to: layers, their parts, and operations.
_KERAS_MODULES = (
    "builtins",
    "keras",
    "keras.activations",
    "keras.constraints",
    "keras.initializers",
    "keras.layers",
    "keras.models",
    "keras.regularizers",
)
_KERAS_PACKAGES = ("keras.src.models.", "keras.src.ops.")
# Keras layers that run code or read files given in a configuration.
_NOT_DATA = {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper"}
_VALUES = {
    "__bytes__",
    "__ellipsis__",
    "__keras_tensor__",
    "__numpy__",
    "__slice__",
    "__tensor__",
}


class Preset(NamedTuple):
    """A preset that was read.

    Attributes:
        card: the content of its `preset.json`.
        network: scaled lightness `[B, H, W, 1]` to scaled chroma (see `write_preset`); not
            compiled.
    """

    card: dict[str, Any]
    network: "keras.Model"


def read_preset(folder: Path) -> Preset:
    """Read a preset: check its hashes, build its network, load its weights.

    Raises:
        InputError: a file is missing, was changed, or names a class that is neither a polychrome
            layer nor a harmless Keras class; the message names the file.
    """
    folder = Path(folder)
    card = read_card(folder)
    check_config(read_json(folder / CONFIG), folder / CONFIG)
    register_layers()
    import keras

    try:
        with warnings.catch_warnings():
            # If weights are missing, Keras only warns and keeps the initial ones.
            warnings.filterwarnings("error", message="Skipping")
            network = keras.saving.load_model(folder, compile=False, safe_mode=True)
    except Exception as error:  # Keras can fail in many ways on a configuration that doesn't fit.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"{folder}: {CONFIG} and the weights give no network ({reason})"
        ) from error
    return Preset(card, network)


def check_config(config: Any, path: Path) -> None:
    """Reject classes and functions other than polychrome layers and harmless Keras classes.

    Keras's safe mode rejects pickled functions, but accepts any class registered in this process
    and layers that read files.

    Args:
        config: a Keras configuration, parsed from JSON.
        path: file named in the message.

    Raises:
        InputError: the first such class.
    """
    pending = [config]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            if "class_name" in value and not _is_data(value):
                raise InputError(
                    f"{path}: {value.get('module')}.{value['class_name']} is not loaded: only "
                    "layers of polychrome and of Keras are, and none that brings code"
                )
            pending += value.values()


def _is_data(config: dict[str, Any]) -> bool:
    name, module = config["class_name"], config.get("module")
    registered = config.get("registered_name")
    if name in _VALUES:
        return True
    if isinstance(registered, str) and registered.startswith(_REGISTERED):
        return True
    # Keras looks up names among everything registered in this process before its own.
    return (
        isinstance(module, str)
        and (module in _KERAS_MODULES or module.startswith(_KERAS_PACKAGES))
        and name not in _NOT_DATA
        and (registered in (None, name) or name == "function")
    )


def register_layers() -> None:
    """Import every module with our layers, so that Keras can find them by name."""
    for name in _PACKAGES_OF_LAYERS:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            importlib.import_module(module.name)
