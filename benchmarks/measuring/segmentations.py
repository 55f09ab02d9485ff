"""Quality of superpixels against human segmentations: boundary recall, undersegmentation error.

Several people segmented each image of the Berkeley Segmentation Data Set 500 (Arbeláez et al.,
2011); figures are means over people, then over images.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from scipy.io import loadmat
from scipy.ndimage import maximum_filter

from polychrome.errors import InputError

# Pixels by which a boundary may be missed, as in Achanta et al. 2012.
_TOLERANCE = 2


def read_bsds(path: Path, limit: int | None = None) -> Iterator[tuple[np.ndarray, list]]:
    """At most `limit` images of a zip of BSDS500, evenly spread, with their segmentations.

    Yields:
        uint8 RGB `[H, W, 3]`, and a list of int `[H, W]`, one for each person.

    Raises:
        InputError: the file is no zip that holds `images/...jpg` and `groundTruth/...mat`.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no zip of BSDS500: {error}") from error
    with archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        if not names:
            raise InputError(f"{path} holds no .jpg: it should be a zip of BSDS500")
        count = min(limit or len(names), len(names))
        for index in np.linspace(0, len(names) - 1, count).round().astype(int):
            name = names[index]
            encoded = np.frombuffer(archive.read(name), np.uint8)
            image = cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
            place = name.replace("images/", "groundTruth/").removesuffix(".jpg") + ".mat"
            try:
                people = loadmat(io.BytesIO(archive.read(place)))["groundTruth"][0]
            except KeyError as error:
                raise InputError(f"{path} holds no {place} with the segmentations") from error
            yield image, [person["Segmentation"][0, 0].astype(int) for person in people]


def boundaries(labels: np.ndarray) -> np.ndarray:
    """Which pixels of `[H, W]` differ from the one to the right or below: bool `[H, W]`."""
    edge = np.zeros(labels.shape, bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge


def boundary_recall(labels: np.ndarray, truth: np.ndarray) -> float:
    """Share of true boundary pixels with one of ours at most two rows and columns away."""
    true = boundaries(truth)
    near = maximum_filter(boundaries(labels), 2 * _TOLERANCE + 1)
    return float(near[true].mean()) if true.any() else 1.0


def undersegmentation_error(labels: np.ndarray, truth: np.ndarray) -> float:
    """Share of pixels that leak: in each pair of a superpixel and a true segment that overlap, the
    smaller part of the superpixel, inside or outside (Neubert and Protzel, 2012)."""
    segments = truth.max() + 1
    pairs = np.bincount((labels.astype(int) * segments + truth).ravel())
    pairs = np.pad(pairs, (0, -len(pairs) % segments)).reshape(-1, segments)
    outside = pairs.sum(axis=1, keepdims=True) - pairs
    return float(np.minimum(pairs, outside).sum() / labels.size)
