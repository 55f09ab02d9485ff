"""The embedded sample: photographs from scikit-image as 64x64 tiles, not a benchmark.

All eight are color photographs included in every release since 0.22, so neither a network
connection nor `pooch` is needed.
"""

import functools

import cv2
import numpy as np
import skimage
from skimage import data

from tf_data.sources.split import Source, Split, fingerprint

TILE = 64
SHORTER_SIDE = 512

# Split by photograph, because tiles of one photograph share colors and would leak between splits.
# The grids (rows, columns) are listed so that names can be made without decoding.
PHOTOGRAPHS: dict[str, dict[str, tuple[int, int]]] = {
    "train": {
        "astronaut": (8, 8),
        "rocket": (6, 10),
        "immunohistochemistry": (8, 8),
        "hubble_deep_field": (8, 9),
        "retina": (8, 8),
    },
    "validation": {"coffee": (6, 9)},
    "test": {"chelsea": (4, 7), "stereo_motorcycle": (7, 11)},
}


def open_embedded() -> Source:
    """324 training tiles (five photographs), 54 validation tiles (one), 105 test tiles (two)."""
    splits = {name: _split(grids) for name, grids in PHOTOGRAPHS.items()}
    train, validation, test = (len(splits[name]) for name in PHOTOGRAPHS)
    return Source(
        name="sample",
        splits=splits,
        notice=(
            f"The embedded sample: {train} + {validation} + {test} tiles of eight photographs. "
            "It shows that everything works; its figures can't be compared with any report's. "
            "The Padova report's data are the source tiny_imagenet."
        ),
        image_size=TILE,
    )


def _split(grids: dict[str, tuple[int, int]]) -> Split:
    places = [
        (photograph, row, column)
        for photograph, (rows, columns) in grids.items()
        for row in range(rows)
        for column in range(columns)
    ]

    def read(index: int) -> bytes:
        photograph, row, column = places[index]
        return _tiles(photograph)[row, column]

    # scikit-image verifies its files, so its version identifies them.
    versions = ("skimage", skimage.__version__, "cv2", cv2.__version__)
    return Split(
        names=tuple(f"{photograph}/r{row}c{column}" for photograph, row, column in places),
        read=read,
        fingerprint=fingerprint([versions, *places]),
    )


@functools.cache
def _tiles(photograph: str) -> dict[tuple[int, int], bytes]:
    """PNG bytes of each full tile of the centered grid, by (row, column)."""
    image = _shrink(_load(photograph))
    rows, columns = image.shape[0] // TILE, image.shape[1] // TILE
    top, left = (image.shape[0] - rows * TILE) // 2, (image.shape[1] - columns * TILE) // 2
    tiles = {}
    for row in range(rows):
        for column in range(columns):
            y, x = top + row * TILE, left + column * TILE
            tile = cv2.cvtColor(image[y : y + TILE, x : x + TILE], cv2.COLOR_RGB2BGR)
            tiles[row, column] = cv2.imencode(".png", tile)[1].tobytes()
    return tiles


def _load(photograph: str) -> np.ndarray:
    """uint8 RGB [H, W, 3]. Raises `OSError` if this scikit-image lacks the file."""
    try:
        image = getattr(data, photograph)()
    except ModuleNotFoundError as error:
        # If a distribution strips the files, scikit-image asks for `pooch` to fetch them.
        raise OSError(f"this scikit-image came without its photograph {photograph!r}") from error
    return image[0] if photograph == "stereo_motorcycle" else image  # left, right, disparity


def _shrink(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = SHORTER_SIDE / min(height, width)
    if scale >= 1:
        return image
    size = round(width * scale), round(height * scale)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
