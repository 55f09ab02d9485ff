"""Whether color helps a classifier: EfficientNet-Lite0 on gray, colorized and true photographs.

Linköping's report asks it of colorizers (section 4.4.2). The classifier was trained in color, so
what it loses on gray photographs is also what the encoders of `tiny` and `photo` began with.
"""

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops
from tqdm import tqdm

from experiments.grading.bootstrap import interval, resamplings
from experiments.grading.lite0 import Lite0, imagenet_classes
from experiments.grading.protocol import Colorizer
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_float
from polychrome.compiling import compiled
from polychrome.errors import InputError
from tf_data.sources.collection import PHOTOS
from tf_data.sources.split import Split, fingerprint
from tf_data.store import Store

GRAY, COLORIZED, TRUE = "gray", "colorized", "true"
_BATCH = 25


def of_imagenet(split: Split, root: Path) -> Split:
    """The photographs of a collection whose first names say which of ImageNet's classes they show.

    Args:
        split: of the collection.
        root: its folder; `photos.csv` there has what files were called where they come from, such
            as `n01440764_10026_tench.jpg`.

    Returns:
        These photographs; their labels are the places of the classes among the 1,000.

    Raises:
        InputError: there is no such photograph.
    """
    place = {name: index for index, name in enumerate(imagenet_classes())}
    classes: dict[str, int] = {}
    try:
        with (root / PHOTOS).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found = re.match(r"n\d{8}(?!\d)", Path(row["path"]).name)
                if found and found[0] in place:
                    classes[row["file"]] = place[found[0]]
    except (OSError, KeyError) as error:
        raise InputError(
            f"{root / PHOTOS}: should be that of a collection of tf_data.photographs ({error})",
            ("data_dir",),
        ) from error
    rows = [row for row, name in enumerate(split.names) if name in classes]
    if not rows:
        raise InputError(
            f"{root / PHOTOS}: no test image was named after one of ImageNet's classes, such as "
            "n01440764_10026_tench.jpg",
            ("data_dir",),
        )
    return Split(
        tuple(split.names[row] for row in rows),
        lambda number: split.read(rows[number]),
        fingerprint([(split.fingerprint, "of ImageNet")]),
        tuple(classes[split.names[row]] for row in rows),
    )


def measure_top1(colorize: Colorizer, store: Store) -> dict[str, Any]:
    """How often Lite0 names the class of a photograph.

    Args:
        colorize: the system.
        store: photographs of 224x224 pixels with the labels of `of_imagenet`.

    Returns:
        "images"; "top1", the share by `GRAY` (L* alone), `COLORIZED` and `TRUE`; and "over_gray",
        the difference of the last two from the first on the same images. Shares and differences
        have "mean", "low" and "high", a 95 % bootstrap interval over images.

    Raises:
        InputError: the package with the classifier's weights is not installed.
    """
    judge, to_lab, to_rgb = Lite0(), compiled(rgb_to_lab), compiled(lab_to_rgb)
    assert store.labels is not None  # `of_imagenet` gives them
    hits: dict[str, list[np.ndarray]] = {GRAY: [], COLORIZED: [], TRUE: []}
    with tqdm(total=len(store), desc="top-1", unit="image", leave=False) as bar:
        for start in range(0, len(store), _BATCH):
            rgb = to_float(np.asarray(store.images[start : start + _BATCH]))
            lab = np.asarray(ops.convert_to_numpy(to_lab(rgb)))
            lightness = lab[..., :1]
            seen = {
                GRAY: np.zeros_like(lab[..., 1:]),
                COLORIZED: np.asarray(colorize(lightness)),
                TRUE: lab[..., 1:],
            }
            expected = store.labels[start : start + _BATCH]
            for name, ab in seen.items():
                colors = to_rgb(np.concatenate([lightness, ab], axis=-1))
                hits[name].append(judge(colors)["logits"].argmax(axis=1) == expected)
            bar.update(len(expected))
    by_name = {name: np.concatenate(each).astype("float32") for name, each in hits.items()}
    draws = resamplings(len(store), 0)
    return {
        "images": len(store),
        "top1": {name: interval(values, draws) for name, values in by_name.items()},
        "over_gray": {
            name: interval(by_name[name] - by_name[GRAY], draws) for name in (COLORIZED, TRUE)
        },
    }
