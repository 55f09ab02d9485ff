"""The picture wall of a bake-off's page, of photographs that may be shown."""

import functools
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from experiments.comparison.colorizers import contestant
from experiments.comparison.figures.wall import FOLDER, RECORD, TRUTH, write_strip
from experiments.comparison.images import load_training_images, open_common, wall_rows
from experiments.comparison.kinds import BASELINE_ROWS
from experiments.comparison.progress import is_done
from experiments.comparison.settings import YARDSTICKS, Entry, Settings
from experiments.comparison.yardsticks import Yardstick, yardsticks
from experiments.grading.baselines import measure_baselines
from experiments.grading.protocol import Colorizer, colorize_examples
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from tf_data.sources.folder import open_folder
from tf_data.sources.split import joined
from tf_data.store import load_store

_SAYS = "{count} photographs that may be shown, which are not of the graded images. {credit}"


def write_wall(settings: Settings, out: Path, photographs: Path, credit: str | None = None) -> int:
    """Write `out/wall`: photographs as each graded system and baseline colorizes them.

    Of several seeds the first that is done. What is there of the same photographs stays, so a
    further system costs itself only.

    Args:
        settings, out: of the bake-off.
        photographs: a folder of three or more; a dozen is drawn from more by a fixed seed. Files
            that are no usable photographs are named and left out.
        credit: sentences that name who took them and their license; None: as before, if they are
            the same photographs.

    Returns:
        How many rows have pictures now.

    Raises:
        InputError: no usable photograph with color in the folder; or the weights of a system are
            not there, as in a kept bake-off.
    """
    _, size = open_common(settings)
    names, truth = _load(photographs, size)
    folder = out / FOLDER
    record = {
        "names": names,
        "says": _SAYS.format(count=len(names), credit=credit or "").strip(),
        "pixels": hashlib.sha256(truth.tobytes()).hexdigest(),
    }
    before = read_json(folder / RECORD) if (folder / RECORD).exists() else {}
    if before.get("pixels") == record["pixels"]:
        record["says"] = before["says"] if credit is None else record["says"]
    else:
        for path in folder.glob("*.jpg"):
            path.unlink()
    write_strip(folder / f"{TRUTH}.jpg", truth)
    write_json(folder / RECORD, record)

    def show(name: str, of: Callable[[], Colorizer]) -> None:
        path = folder / f"{name}.jpg"
        if not path.exists():
            write_strip(path, colorize_examples({name: of()}, truth)[name])
            keras.backend.clear_session()  # one network's memory at a time

    for entry in settings.entries:
        if entry != YARDSTICKS and is_done(out, entry):
            show(entry.system, functools.partial(_colorizer, settings, entry, out))
    if is_done(out, YARDSTICKS):

        @functools.cache
        def baselines() -> dict[str, Yardstick]:
            train = load_training_images(settings)
            return yardsticks(train, measure_baselines(train), size)

        for name in BASELINE_ROWS:
            show(name, lambda name=name: baselines()[name].colorize)
    return len(list(folder.glob("*.jpg"))) - 1


def _colorizer(settings: Settings, entry: Entry, out: Path) -> Colorizer:
    return contestant(settings, entry, out).colorize


def _load(photographs: Path, size: int) -> tuple[list[str], np.ndarray]:
    """Names of those on the wall, and their pixels as graded images have them."""
    try:
        source = open_folder(photographs)
    except InputError as error:
        raise InputError(
            f"--wall {photographs}: should be a folder of three photographs or more ({error})"
        ) from error
    store = load_store(joined(source.splits.values()), size, label="photographs")
    for name, reason in store.skipped:
        print(f"skipped {name}: {reason}", file=sys.stderr)
    names, images = [Path(name).stem for name in store.names], store.images
    has_color = np.ptp(images, axis=-1).any(axis=(1, 2))
    if not has_color.any():
        raise InputError(f"{photographs}: none of its {len(images)} photographs has color")
    order = sorted(range(len(names)), key=names.__getitem__)
    rows = np.asarray(order)[wall_rows(has_color[order])]
    return [names[row] for row in rows], images[rows]
