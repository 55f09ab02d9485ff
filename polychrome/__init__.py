"""polychrome: colorization systems of five reports, on any Keras backend.

    polychrome.load(RUN).colorize("photograph.jpg").save("color.png")

Importing polychrome imports neither Keras nor TensorFlow; they load on first use.
"""

from polychrome.errors import InputError
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.loading import load
from polychrome.inference.types import Hint, Prediction, Question

__version__ = "0.1.0"
__all__ = ["Colorizer", "Hint", "InputError", "Prediction", "Question", "__version__", "load"]
