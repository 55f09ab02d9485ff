"""The same held-out photographs after each epoch (as in Figure 4 of the DTU report)."""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np

from experiments.report.figures.drawing import draw_filmstrip
from polychrome.files import replacing


class EpochPictures(keras.callbacks.Callback):
    """Writes `epoch-NNN.png` after each epoch: three rows, gray, colorized and true.

    Args:
        colorize: network to the three rows, each uint8 `[n, height, width, 3]`.
        folder: for the pictures.
    """

    def __init__(
        self, colorize: Callable[[keras.Model], tuple[np.ndarray, ...]], folder: Path
    ) -> None:
        super().__init__()
        self.colorize, self.folder = colorize, folder

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        rows = [np.concatenate(list(images), axis=1) for images in self.colorize(self.model)]
        with replacing(self.folder / f"epoch-{epoch + 1:03d}.png") as temporary:
            cv2.imwrite(str(temporary), np.concatenate(rows)[..., ::-1])


def draw_epochs(folder: Path, path: Path, size: int) -> None:
    """Draw the middle rows of a folder's `epoch-*.png` side by side, `size` the tiles' side."""
    frames = []
    # By number: as text, epoch 1000 would come before epoch 101.
    numbered = {int(re.search(r"\d+", path.stem)[0]): path for path in folder.glob("epoch-*.png")}
    for number, picture in sorted(numbered.items()):
        middle = cv2.imread(str(picture))[size : 2 * size, :, ::-1]
        tiles = np.split(middle, middle.shape[1] // size, axis=1)
        frames.append((f"epoch {number}", np.stack(tiles)))
    if frames:
        truth = cv2.imread(str(picture))[2 * size :, :, ::-1]
        frames.append(("truth", np.stack(np.split(truth, truth.shape[1] // size, axis=1))))
        draw_filmstrip(frames, path)
