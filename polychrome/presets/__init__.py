"""Self-contained colorizers in folders: how they are written and read, and those that are shipped.

A preset is `config.json`, `metadata.json` and `model.weights.h5`, which are what Keras puts into a
`.keras` file; `preset.json`, its card: what goes in and comes out, license, grades, origin, and the
SHA-256 of the others; `README.md`, the card for people. It needs no recipe, and nothing in it is
executed. Importing this package imports no Keras.
"""

from polychrome.presets.card import read_card, scaling_of, shipped
from polychrome.presets.reading import Preset, read_preset
from polychrome.presets.writing import write_preset

__all__ = ["Preset", "read_card", "read_preset", "scaling_of", "shipped", "write_preset"]
