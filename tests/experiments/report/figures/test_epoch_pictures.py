"""A network's pictures of its epochs, put side by side."""

import cv2
import numpy as np

from experiments.report.figures.drawing import draw_filmstrip
from experiments.report.figures.epoch_pictures import draw_epochs


def test_epochs_of_more_digits_come_after_those_of_fewer(tmp_path):
    """Each picture is two photographs of 4x4, gray above colorized above true."""

    def tiles(level):
        return np.full((2, 4, 4, 3), level, np.uint8)

    frames = [(f"epoch {epoch}", tiles(epoch % 256)) for epoch in (99, 101, 1000)]
    for name, colorized in frames:
        rows = [np.concatenate(list(each), axis=1) for each in (tiles(0), colorized, tiles(255))]
        path = tmp_path / f"epoch-{int(name.removeprefix('epoch ')):03d}.png"
        cv2.imwrite(str(path), np.concatenate(rows))
    draw_epochs(tmp_path, tmp_path / "strip.png", 4)
    draw_filmstrip([*frames, ("truth", tiles(255))], tmp_path / "expected.png")
    assert (tmp_path / "strip.png").read_bytes() == (tmp_path / "expected.png").read_bytes()
