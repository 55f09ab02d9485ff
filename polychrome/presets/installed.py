"""Presets by name: those in this package, and those in the user's folder of models."""

import os
from pathlib import Path

from polychrome.presets.card import CARD, shipped

ENVIRONMENT = "POLYCHROME_MODELS"


def models_folder() -> Path:
    """Where fetched models are kept; it may not exist yet.

    `$POLYCHROME_MODELS`; else `polychrome/models` in `$XDG_DATA_HOME`, which is `~/.local/share` if
    it is not set, or not absolute.
    """
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(os.path.expanduser(chosen))  # Path's own raises without a home
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():
        data = Path(os.path.expanduser("~")) / ".local" / "share"
    return data / "polychrome" / "models"


def installed() -> dict[str, Path]:
    """The presets in the user's folder: name to folder. None if it cannot be read."""
    try:
        cards = sorted(models_folder().glob(f"[!.]*/{CARD}"))
    except OSError:
        return {}
    return {path.parent.name: path.parent for path in cards}


def by_name() -> dict[str, Path]:
    """All presets that have a name; the package's are not replaced by others of their names."""
    own = shipped()
    return own | {name: path for name, path in installed().items() if name not in own}
