"""Networks as `.keras` files without what `compile` was given."""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polychrome.presets.card import CONFIG

if TYPE_CHECKING:
    import keras


def save_uncompiled(network: "keras.Model", path: Path) -> None:
    """Write a network without optimizer, losses and metrics, also of networks within it.

    Those would have to be registered and found again: `load_model(compile=False)` spares only the
    outermost network. The network given stays compiled. The file still holds an optimizer's
    variables, which a network loaded from it has not.

    Args:
        network: compiled or not.
        path: of the `.keras` file.
    """
    with tempfile.TemporaryDirectory() as temporary:
        compiled = Path(temporary) / "compiled.keras"
        network.save(compiled)
        with zipfile.ZipFile(compiled) as source, zipfile.ZipFile(path, "w") as stripped:
            for member in source.namelist():
                content = source.read(member)
                if member == CONFIG:
                    content = json.dumps(_stripped(json.loads(content))).encode()
                stripped.writestr(member, content)


def config_of(path: Path) -> Any:
    """The configuration in a `.keras` file, parsed from JSON."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(CONFIG))


def _stripped(config: Any) -> Any:
    """A configuration without the arguments of `compile`."""
    if isinstance(config, dict):
        return {key: _stripped(value) for key, value in config.items() if key != "compile_config"}
    return [_stripped(value) for value in config] if isinstance(config, list) else config
