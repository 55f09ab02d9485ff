"""`preset.json`: the card of a colorizer, with the hashes of its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polychrome.errors import InputError
from polychrome.files import read_json, sha256_of

if TYPE_CHECKING:
    import keras

    from polychrome.color.scaling import Scaling

# Incremented when older readers would misread the file.
FORMAT = 1
CARD = "preset.json"
# The names in a `.keras` file.
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
KERAS_FILES = (CONFIG, METADATA, WEIGHTS)
# A part that a preset may have besides, for ONNX Runtime: `polychrome.export.onnx`.
ONNX_FILE = "model.onnx"
OUTPUTS = ("ab", "vivid_ab", "spread")


def read_card(folder: Path, files: Sequence[str] = KERAS_FILES) -> dict[str, Any]:
    """Check a preset's files against their hashes and return its card.

    `README.md` has no hash: people may edit it.

    Args:
        folder: of the preset.
        files: those that will be used; others may be missing.

    Raises:
        InputError: not a preset, a preset of another format, or a missing or changed file.
    """
    folder = Path(folder)
    if not (folder / CARD).is_file():
        raise InputError(f"{folder}: no preset here ({CARD} is missing)")
    card = read_description(folder / CARD)
    if card.get("format") != FORMAT:
        raise InputError(
            f"{folder / CARD}: format {card.get('format')}, but this version of polychrome reads "
            f"{FORMAT}; use the version that wrote it, or a newer one"
        )
    hashes = card.get("sha256")
    if not isinstance(hashes, dict):
        raise InputError(f"{folder / CARD}: sha256 is missing; get the preset again")
    for name in files:
        path = folder / name
        if not path.is_file():
            raise InputError(f"{path}: the file is missing; get the preset again")
        if sha256_of(path) != hashes.get(name):
            raise InputError(f"{path}: its SHA-256 is not the one in {CARD}; get the preset again")
    return card


def read_description(path: Path) -> dict[str, Any]:
    """The part of a card that SavedModels have too: name, image size, and outputs.

    Raises:
        InputError: the file is not a card; the message names what is missing.
    """
    card = read_json(path)
    if not isinstance(card, dict):
        raise InputError(f"{path}: not the card of a colorizer (an object is expected)")
    if not isinstance(card.get("name"), str):
        raise InputError(f"{path}: name is missing")
    size = card.get("image_size")
    if not isinstance(size, int) or size < 1:
        raise InputError(f"{path}: image_size is {size!r}, should be a whole number of pixels")
    outputs = card.get("outputs")
    if not isinstance(outputs, list) or "ab" not in outputs or not set(outputs) <= set(OUTPUTS):
        raise InputError(f"{path}: outputs are {outputs!r}, should be of {', '.join(OUTPUTS)}")
    return card


def scaling_of(card: Mapping[str, Any]) -> "Scaling":
    """The scaling of the network described by a card.

    Raises:
        InputError: the card describes no scaling.
    """
    from polychrome.color.scaling import Scaling

    try:
        return Scaling(**card["scaling"])
    except (KeyError, TypeError) as error:
        raise InputError(f"{CARD} of {card['name']}: scaling is missing or incomplete") from error


def outputs_of(network: "keras.Model") -> list[str]:
    """Which of `OUTPUTS` a network has; one that gives a tensor has "ab"."""
    given = network.output if isinstance(network.output, dict) else {"ab": network.output}
    return [key for key in OUTPUTS if key in given]


def shipped() -> dict[str, Path]:
    """The presets in this package: name to folder."""
    here = Path(__file__).parent
    return {path.parent.name: path.parent for path in sorted(here.glob(f"*/{CARD}"))}
