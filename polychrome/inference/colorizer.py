"""`Colorizer`: a network or its export, applied to photographs."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from polychrome.errors import InputError
from polychrome.hints.marks import Marks, marks_of
from polychrome.hints.types import Hints, Question
from polychrome.inference import pictures
from polychrome.inference.runtimes import Runtime, kept_back
from polychrome.inference.types import UPSAMPLINGS, Prediction, dialed
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

    def predict(self, lightness: Any, hints: Hints = ()) -> Prediction:
        """Predict colors for true lightness, at the size given.

        Args:
            lightness: `[B, H, W, 1]`, L* 0...100.
            hints: colors given by the user, in pixels of `lightness`; their `frame` is the index in
                the batch. The spread is that without hints.

        Returns:
            Prediction: NumPy arrays.

        Raises:
            InputError: lightness of another shape, or a hint outside of it.
        """
        lightness = np.asarray(lightness, np.float32)
        if lightness.ndim != 4 or lightness.shape[-1] != 1:
            raise InputError(
                f"lightness has the shape {lightness.shape}, should be [batch, height, width, 1]"
            )
        if not len(hints):
            return self._runtime.predict(lightness)
        from polychrome.inference.hinted import hinted, of_frames

        size = lightness.shape[1:3]
        marks = [marks_of(own, size, size) for own in of_frames(hints, len(lightness))]
        painted = self.painted(lightness, marks)
        if painted is not None:
            return painted
        return hinted(self._runtime.predict(lightness), lightness, hints)

    def painted(self, lightness: np.ndarray, marks: Sequence[Marks]) -> Prediction | None:
        """Predict with hints on the pixels that the network sees, if it takes them.

        Args:
            lightness: float32 `[B, h, w, 1]`, L* 0...100.
            marks: of each image, `[h, w]`.

        Returns:
            None for networks that take none.
        """
        return self._runtime.painted(lightness, marks)

    def colorize(
        self,
        image: Any,
        *,
        vivid: float = 0.0,
        saturation: float = 1.0,
        hints: Hints = (),
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
            hints: colors given by the user, in pixels of the upright image: `polychrome.Hint` and
                `polychrome.Strokes`. In a list of images their `frame` is the index there. Networks
                that take hints get them; in other predictions the correction that they ask for
                spreads along lightness (`polychrome.hints`).
            upsampling: of the colors to full size: "guided" by the edges of lightness, or
                "bilinear", as in exports.

        Returns:
            An RGB array `[H, W, 3]` of the same dtype for an array; a PIL image for a path or a PIL
            image, or, if it has more than 8 bits (Pillow has no such RGB mode), an array of its
            depth without alpha. A list for a list.

        Raises:
            InputError: an image that cannot be read or has another shape, type, or range; a setting
                that is out of range or not supported by the model; a hint outside of the image.
        """
        self._check_settings(vivid, saturation, upsampling)
        if isinstance(image, (list, tuple)):
            own: Sequence[Hints] = [()] * len(image)
            if len(hints):
                from polychrome.inference.hinted import of_frames

                own = of_frames(hints, len(image))
            return [
                self._colorized(each, vivid, saturation, some, upsampling)
                for each, some in zip(image, own, strict=True)
            ]
        return self._colorized(image, vivid, saturation, hints, upsampling)

    def colorize_photograph(
        self,
        photograph: Photograph,
        *,
        vivid: float = 0.0,
        saturation: float = 1.0,
        hints: Hints = (),
        upsampling: str = "guided",
    ) -> np.ndarray:
        """Colorize the pixels of a photograph; its alpha and metadata are the caller's.

        Args:
            photograph: of any size and depth.
            vivid, saturation, hints, upsampling: see `colorize`.

        Returns:
            RGB `[H, W, 3]` of the type of its pixels.

        Raises:
            InputError: a setting that is out of range or not supported by the model, or a hint
                outside of the photograph.
        """
        self._check_settings(vivid, saturation, upsampling)
        return self._colored(photograph.pixels, vivid, saturation, hints, upsampling)

    def ask(self, image: Any, n: int) -> list[Question]:
        """The `n` places of an image where knowing the color would help most, the best first.

        See `polychrome.hints.asking`. An answer is a `polychrome.Hint` at the question's x and y.

        Args:
            image: one image, see `colorize`.
            n: 1 or more; tiny images have fewer places.

        Raises:
            InputError: the model predicts no spread, an image as for `colorize`, or n below 1.
        """
        self.check_asking()
        return self._asked(pictures.read(image).pixels, n)

    def ask_photograph(self, photograph: Photograph, n: int) -> list[Question]:
        """As `ask`, for a photograph in memory."""
        self.check_asking()
        return self._asked(photograph.pixels, n)

    def check_asking(self) -> None:
        """Raise an `InputError` if the model can't ask."""
        if "spread" not in self.card["outputs"]:
            lacks = f"{self.card['name']} has no spread output, so it cannot ask"
            raise InputError(kept_back(self.card, "spread") or lacks)

    def _asked(self, pixels: np.ndarray, n: int) -> list[Question]:
        from polychrome.inference.asked import questions
        from polychrome.inference.full_size import seen_lightness

        if not isinstance(n, Integral) or n < 1:
            raise InputError(f"n is {n!r}, should be a whole number of 1 or more")
        lightness = seen_lightness(pixels, self.card["image_size"])
        return questions(pixels, self._runtime.predict(lightness), n)

    def _colorized(
        self, image: Any, vivid: float, saturation: float, hints: Hints, upsampling: str
    ) -> Any:
        picture = pictures.read(image)
        return picture.restored(self._colored(picture.pixels, vivid, saturation, hints, upsampling))

    def _colored(
        self, pixels: np.ndarray, vivid: float, saturation: float, hints: Hints, upsampling: str
    ) -> np.ndarray:
        from polychrome.inference.full_size import Layer, join, seen_lightness
        from polychrome.inference.hinted import correction_layer, of_frames

        lightness = seen_lightness(pixels, self.card["image_size"])
        own, painted, correction = of_frames(hints, 1)[0], None, None
        if own:
            marks = marks_of(own, pixels.shape[:2], lightness.shape[1:3])
            painted = self.painted(lightness, [marks])
        prediction = self._runtime.predict(lightness) if painted is None else painted
        seen = Layer(dialed(prediction, vivid, saturation)[0], lightness[0, ..., 0])
        if own and painted is None:
            spread = None if prediction.spread is None else prediction.spread[0, ..., 0]
            correction = correction_layer(pixels, seen, spread, own)
        return join(
            pixels,
            seen.ab,
            upsampling=upsampling,
            lightness=seen.lightness,
            correction=correction,
        )

    def _check_settings(self, vivid: float, saturation: float, upsampling: str) -> None:
        if upsampling not in UPSAMPLINGS:
            raise InputError(f"upsampling is {upsampling!r}, should be {' or '.join(UPSAMPLINGS)}")
        if not 0.0 <= vivid <= 1.0:
            raise InputError(f"vivid is {vivid:g}, should be 0 to 1")
        if not 0.0 <= saturation < float("inf"):
            raise InputError(f"saturation is {saturation:g}, should be 0 or more")
        if vivid and "vivid_ab" not in self.card["outputs"]:
            lacks = f"{self.card['name']} has no vivid output; leave vivid at 0, or set saturation"
            raise InputError(kept_back(self.card, "vivid_ab") or lacks)
