"""`Colorizer`: a network or its export, applied to photographs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from polychrome.errors import InputError
from polychrome.inference import pictures
from polychrome.inference.runtimes import Runtime
from polychrome.inference.types import UPSAMPLINGS, Hint, Prediction, Question, dialed
from polychrome.photographs.photograph import Photograph

if TYPE_CHECKING:
    import keras


class Colorizer:
    """Colorizes photographs of any size; returned by `polychrome.load`.

    Args:
        runtime: what runs the network, for example
            `polychrome.inference.runtimes.NetworkRuntime(network, scaling, image_size)`.
    """

    def __init__(self, runtime: Runtime):
        self._runtime = runtime

    @property
    def card(self) -> Mapping[str, Any]:
        """The content of the model's `preset.json`."""
        return self._runtime.card

    @property
    def network(self) -> "keras.Model":
        """The Keras model, built on first use.

        Raises:
            InputError: this is a SavedModel, which has no Keras model.
        """
        return self._runtime.network

    def predict(self, lightness: Any, hints: Sequence[Hint] = ()) -> Prediction:
        """Predict colors for true lightness, at the size given.

        Args:
            lightness: `[B, H, W, 1]`, L* 0...100.
            hints: colors given by the user, in pixels of `lightness`.

        Returns:
            Prediction: NumPy arrays.

        Raises:
            InputError: lightness of another shape, or any hints: no model takes hints yet.
        """
        lightness = np.asarray(lightness, np.float32)
        if lightness.ndim != 4 or lightness.shape[-1] != 1:
            raise InputError(
                f"lightness has the shape {lightness.shape}, should be [batch, height, width, 1]"
            )
        self._refuse_hints(hints)
        return self._runtime.predict(lightness)

    def colorize(
        self,
        image: Any,
        *,
        vivid: float = 0.0,
        saturation: float = 1.0,
        hints: Sequence[Hint] = (),
        upsampling: str = "guided",
    ) -> Any:
        """Colorize an image, or each of a list of images.

        Size, bit depth, and lightness are preserved: colors outside sRGB at the image's L* lose
        chroma, not lightness. Colors of the image are ignored.

        Args:
            image: a path (see `polychrome.photographs.opening`), a PIL image, or an array `[H, W]`
                or `[H, W, 3]` of uint8, uint16 or float in [0, 1]; or a list of these. Paths and
                PIL images are turned upright by their EXIF orientation, brought to sRGB by their
                ICC profile, and keep their alpha channel.
            vivid: 0...1, from the faithful to the vivid prediction, for models that have both.
            saturation: factor of the chroma, 0 or more.
            hints: colors given by the user, in pixels of the upright image.
            upsampling: of the colors to full size: "guided" by the edges of lightness, or
                "bilinear", as in exports.

        Returns:
            An RGB array `[H, W, 3]` of the same dtype for an array; a PIL image for a path or a PIL
            image, or, if it has more than 8 bits (Pillow has no such RGB mode), an array of its
            depth without alpha. A list for a list.

        Raises:
            InputError: an image that cannot be read or has another shape, type, or range; a setting
                that is out of range or not supported by the model.
        """
        self._check_settings(vivid, saturation, upsampling)
        self._refuse_hints(hints)
        if isinstance(image, (list, tuple)):
            return [
                self.colorize(each, vivid=vivid, saturation=saturation, upsampling=upsampling)
                for each in image
            ]
        picture = pictures.read(image)
        return picture.restored(self._colored(picture.pixels, vivid, saturation, upsampling))

    def colorize_photograph(
        self,
        photograph: Photograph,
        *,
        vivid: float = 0.0,
        saturation: float = 1.0,
        upsampling: str = "guided",
    ) -> np.ndarray:
        """Colorize the pixels of a photograph; its alpha and metadata are the caller's.

        Args:
            photograph: of any size and depth.
            vivid, saturation, upsampling: see `colorize`.

        Returns:
            RGB `[H, W, 3]` of the type of its pixels.

        Raises:
            InputError: a setting that is out of range or not supported by the model.
        """
        self._check_settings(vivid, saturation, upsampling)
        return self._colored(photograph.pixels, vivid, saturation, upsampling)

    def ask(self, image: Any, n: int) -> list[Question]:
        """The `n` regions of an image where knowing the color would help most.

        Raises:
            InputError: always so far: choosing regions takes a model that takes hints.
        """
        if "spread" not in self.card["outputs"]:
            raise InputError(f"{self.card['name']} has no spread output, so it cannot ask")
        raise InputError(f"{self.card['name']} takes no hints, so it cannot ask for any")

    def _colored(
        self, pixels: np.ndarray, vivid: float, saturation: float, upsampling: str
    ) -> np.ndarray:
        from polychrome.inference.full_size import join, seen_lightness

        lightness = seen_lightness(pixels, self.card["image_size"])
        ab = dialed(self.predict(lightness), vivid, saturation)[0]
        return join(pixels, ab, upsampling=upsampling, lightness=lightness[0, ..., 0])

    def _check_settings(self, vivid: float, saturation: float, upsampling: str) -> None:
        if upsampling not in UPSAMPLINGS:
            raise InputError(f"upsampling is {upsampling!r}, should be {' or '.join(UPSAMPLINGS)}")
        if not 0.0 <= vivid <= 1.0:
            raise InputError(f"vivid is {vivid:g}, should be 0 to 1")
        if not 0.0 <= saturation < float("inf"):
            raise InputError(f"saturation is {saturation:g}, should be 0 or more")
        if vivid and "vivid_ab" not in self.card["outputs"]:
            raise InputError(
                f"{self.card['name']} has no vivid output; leave vivid at 0, or set saturation"
            )

    def _refuse_hints(self, hints: Sequence[Hint]) -> None:
        if len(hints):
            raise InputError(f"{self.card['name']} takes no hints; leave them out")
