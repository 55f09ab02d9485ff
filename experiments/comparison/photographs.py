"""The picture wall of a bake-off's page, of photographs that may be shown."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from experiments.comparison.colorizers import Contestant, contestant
from experiments.comparison.figures.wall import FOLDER, RECORD, TRUTH, write_strip
from experiments.comparison.images import load_training_images, open_common, wall_rows
from experiments.comparison.kinds import BASELINE_ROWS
from experiments.comparison.progress import is_done
from experiments.comparison.settings import YARDSTICKS, Entry, Settings
from experiments.comparison.yardsticks import yardsticks
from experiments.grading.baselines import measure_baselines
from experiments.grading.protocol import Colorizer, colorize_examples
from polychrome.command import say
from polychrome.errors import InputError
from polychrome.files import read_json, replacing_folder, write_json
from tf_data.sources.folder import open_folder
from tf_data.sources.split import joined
from tf_data.store import load_store

_SAYS = "{count} photographs that may be shown, which are not of the graded images. {credit}"


def write_wall(settings: Settings, out: Path, photographs: Path, credit: str | None = None) -> int:
    """Write `out/wall`: photographs as each graded system and baseline colorizes them.

    Of several seeds the first that is done and has weights. What is there of the same photographs
    stays, so a further system costs itself only. Of other photographs the wall is new: systems
    without weights, as in a kept bake-off, are named and left out. The earlier wall is there until
    the new one is complete.

    Args:
        settings, out: of the bake-off.
        photographs: a folder of three or more; a dozen is drawn from more by a fixed seed. Files
            that are no usable photographs are named and left out.
        credit: sentences that name who took them and their license; None: as before, if they are
            the same photographs.

    Returns:
        How many rows have pictures now.

    Raises:
        InputError: no usable photograph with color in the folder; or systems are done, and of none
            are there pictures or weights.
    """
    _, size = open_common(settings)
    names, truth = _load(photographs, size)
    folder = out / FOLDER
    before = read_json(folder / RECORD) if (folder / RECORD).exists() else {}
    pixels = hashlib.sha256(truth.tobytes()).hexdigest()
    credited, later_seeds = _SAYS.format(count=len(names), credit=credit or "").strip(), {}
    same = before.get("pixels") == pixels
    if same:
        later_seeds = before.get("later_seeds", {})
        credited = before.get("credited", before["says"]) if credit is None else credited
    with replacing_folder(folder) as new:
        if same:
            for path in folder.glob("*.jpg"):
                shutil.copy2(path, new / path.name)
        write_strip(new / f"{TRUTH}.jpg", truth)
        later_seeds |= _add_systems(settings, out, new, truth)
        if is_done(out, YARDSTICKS):
            _add_baselines(settings, new, truth)
        record = {
            "names": names,
            "says": " ".join([credited, *later_seeds.values()]),
            "pixels": pixels,
            "credited": credited,
            "later_seeds": later_seeds,
        }
        write_json(new / RECORD, record)
    return len(list(folder.glob("*.jpg"))) - 1


def _add_systems(settings: Settings, out: Path, wall: Path, truth: np.ndarray) -> dict[str, str]:
    """Add what is done and not there yet; return a sentence for each that shows a later seed."""
    done: dict[str, list[Entry]] = {}
    for entry in settings.entries:
        if entry != YARDSTICKS and is_done(out, entry):
            done.setdefault(entry.system, []).append(entry)
    left_out, later_seeds = {}, {}
    for name, entries in done.items():
        if (wall / f"{name}.jpg").exists():
            continue
        try:
            entry, found = _first_with_weights(settings, entries, out)
        except InputError as error:
            left_out[name] = str(error)
            continue
        _add(wall, name, found.colorize, truth)
        if entry != entries[0]:
            later_seeds[name] = f"{found.label}: seed {entry.seed}, the first with weights."
    if done and len(left_out) == len(done):
        raise InputError(f"--wall: no system has weights here ({next(iter(left_out.values()))})")
    for name, reason in left_out.items():
        say(f"left out of the wall: {name} ({reason})")
    return later_seeds


def _first_with_weights(
    settings: Settings, entries: Sequence[Entry], out: Path
) -> tuple[Entry, Contestant]:
    """The first seed of a system that can be loaded.

    Raises:
        InputError: none can; the reason is the first one's.
    """
    reasons = []
    for entry in entries:
        try:
            return entry, contestant(settings, entry, out)
        except InputError as error:
            reasons.append(error)
    raise reasons[0]


def _add_baselines(settings: Settings, wall: Path, truth: np.ndarray) -> None:
    """Add those that are not there yet; without any, the training images are not needed."""
    missing = [name for name in BASELINE_ROWS if not (wall / f"{name}.jpg").exists()]
    if missing:
        train = load_training_images(settings)
        rows = yardsticks(train, measure_baselines(train), truth.shape[1])
        for name in missing:
            _add(wall, name, rows[name].colorize, truth)


def _add(wall: Path, name: str, colorize: Colorizer, truth: np.ndarray) -> None:
    write_strip(wall / f"{name}.jpg", colorize_examples({name: colorize}, truth)[name])
    keras.backend.clear_session()  # one network's memory at a time


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
        say(f"skipped {name}: {reason}")
    names, images = [Path(name).stem for name in store.names], store.images
    has_color = np.ptp(images, axis=-1).any(axis=(1, 2))
    if not has_color.any():
        raise InputError(f"{photographs}: none of its {len(images)} photographs has color")
    order = sorted(range(len(names)), key=names.__getitem__)
    rows = np.asarray(order)[wall_rows(has_color[order])]
    return [names[row] for row in rows], images[rows]
