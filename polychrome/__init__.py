"""polychrome: colorization systems of five reports, on any Keras backend.

    polychrome.load(RUN).colorize("photograph.jpg").save("color.png")

Importing polychrome imports nothing else; NumPy, Keras and TensorFlow load on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polychrome.errors import InputError
    from polychrome.hints.types import Hint, Question, Strokes
    from polychrome.inference.colorizer import Colorizer
    from polychrome.inference.loading import load
    from polychrome.inference.types import Prediction

__version__ = "0.1.0"
__all__ = [
    "Colorizer",
    "Hint",
    "InputError",
    "Prediction",
    "Question",
    "Strokes",
    "__version__",
    "load",
]

_MODULES = {
    "Colorizer": "polychrome.inference.colorizer",
    "Hint": "polychrome.hints.types",
    "InputError": "polychrome.errors",
    "Prediction": "polychrome.inference.types",
    "Question": "polychrome.hints.types",
    "Strokes": "polychrome.hints.types",
    "load": "polychrome.inference.loading",
}


if not TYPE_CHECKING:  # A checker of types would take any name for known.

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
