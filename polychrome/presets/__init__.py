"""Presets: self-contained colorizers in folders.

A preset has `config.json`, `metadata.json`, and `model.weights.h5`, as in a `.keras` file;
`preset.json`, its card, with inputs and outputs, license, grades, origin, and the SHA-256 of the
other files; and `README.md`, the card for people. It needs no recipe, and nothing in it is
executed. Importing this package does not import Keras.
"""

from polychrome.presets.card import read_card, scaling_of, shipped
from polychrome.presets.installed import by_name, models_folder
from polychrome.presets.reading import Preset, read_preset
from polychrome.presets.writing import write_preset

__all__ = [
    "Preset",
    "by_name",
    "models_folder",
    "read_card",
    "read_preset",
    "scaling_of",
    "shipped",
    "write_preset",
]
