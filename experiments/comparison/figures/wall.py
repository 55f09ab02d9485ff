"""The picture wall of a bake-off's page: the same images by each system.

It has images of the data or, where these may not be shown, photographs that may be: what
`experiments.comparison.photographs.write_wall` left in the bake-off's folder.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from experiments.comparison.figures.pictures import encode_jpeg
from experiments.comparison.tables.rows import Row
from polychrome.errors import InputError
from polychrome.files import read_json, replacing

FOLDER, RECORD, TRUTH = "wall", "photographs.json", "truth"
# Sharp enough to be encoded once more for the page.
_QUALITY = 95


class Wall(NamedTuple):
    """Pictures of a wall.

    Attributes:
        truth: uint8 `[n, S, S, 3]`.
        made: likewise, by name of the row.
        names: of the images.
        says: which images these are, a sentence.
        of_data: whether they are the data's.
    """

    truth: np.ndarray
    made: Mapping[str, np.ndarray]
    names: Sequence[str]
    says: str
    of_data: bool


def wall_of_data(rows: Sequence[Row]) -> Wall | None:
    """Images of the data; None if no row has pictures, as those kept without them."""
    pictured = [row for row in rows if row.first.pictures]
    if not pictured:
        return None
    return Wall(
        pictured[0].first.pictures["wall/truth"],
        {row.name: row.first.pictures["wall/made"] for row in pictured},
        [f"image {number}" for number in pictured[0].first.rows["wall"]],
        "Graded images, chosen by a fixed seed.",
        of_data=True,
    )


def read_wall(out: Path) -> Wall | None:
    """The photographs in a bake-off's folder; None if it has none.

    Raises:
        InputError: a file of them is missing or broken.
    """
    folder = out / FOLDER
    if not (folder / RECORD).exists():
        return None
    record = read_json(folder / RECORD)
    count = len(record["names"])
    made = {path.stem: read_strip(path, count) for path in sorted(folder.glob("*.jpg"))}
    if TRUTH not in made:
        raise InputError(f"{folder}: has no {TRUTH}.jpg; make it again with --wall")
    truth = made.pop(TRUTH)
    return Wall(truth, made, record["names"], record["says"], of_data=False)


def write_strip(path: Path, pictures: np.ndarray) -> None:
    """Write pictures, uint8 `[n, S, S, 3]`, side by side into one JPEG."""
    with replacing(path) as temporary:
        temporary.write_bytes(encode_jpeg(np.concatenate(list(pictures), axis=1), _QUALITY))


def read_strip(path: Path, count: int) -> np.ndarray:
    """What `write_strip` wrote.

    Raises:
        InputError: it is no picture, or not of `count` squares.
    """
    decoded = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if decoded is None or decoded.shape[1] != count * decoded.shape[0]:
        raise InputError(f"{path}: should be a JPEG of {count} squares side by side")
    return np.stack(np.split(decoded, count, axis=1))
