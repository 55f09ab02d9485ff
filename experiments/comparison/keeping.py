"""What is worth keeping of a bake-off: small enough to commit, and without places of a machine.

A kept folder is laid out as a bake-off's, so that its report can be written again, and a copy of it
gone on with. Left out are weights, logs, and pictures of the data, unless these may be shown.
Values of single images are in half precision, three digits: means over many images keep the digits
that are shown.
"""

import shutil
from pathlib import Path

import numpy as np

from experiments.comparison.figures.wall import FOLDER as WALL
from experiments.comparison.progress import GRADES, REPORT, RUNS
from experiments.comparison.report import PAGE, write_report
from experiments.comparison.settings import FILE, YARDSTICKS, Settings, read_settings
from experiments.comparison.tables.records import read_frontier, read_recipe
from experiments.comparison.tables.rows import read_rows
from experiments.process.places import without_places
from experiments.report.kept_runs import MACHINE
from experiments.stages.initial_weights import RECORD
from polychrome.errors import InputError
from polychrome.files import read_json, replacing_folder, write_json

# Of a run, for its training curves.
_HISTORIES = ("history.csv", "epoch_grades.csv")
_OF_RECIPE = (
    "name",
    "title",
    "source",
    "image_size",
    "batch_size",
    "networks",
    "superpixels",
    "notes",
)


def keep(settings: Settings, out: Path, folder: Path, pictures: bool = False) -> Path:
    """Write a bake-off's kept folder, in place of one from before.

    Args:
        settings, out: of the bake-off.
        folder: for what is kept.
        pictures: whether the data's pictures may be shown.

    Returns:
        The path of its page.

    Raises:
        InputError: nothing is graded yet, or a record is damaged; or `folder` can't be written, or
            holds something that no kept folder does, such as weights.
    """
    if folder.resolve() == out.resolve():
        raise InputError(f"{folder}: is the bake-off itself; keep it elsewhere")
    if (other := _something_else(folder)) is not None:
        raise InputError(
            f"{folder}: would be replaced, but holds {other}, which nothing kept does; "
            "name a new folder"
        )
    # What is wrong there is said of `out`.
    read_rows(settings, out)
    read_frontier(out)
    without = settings.without_places()
    with replacing_folder(folder) as new:
        without.write(new)
        for path in sorted((out / GRADES).rglob("*.json")):
            kept = new / path.relative_to(out)
            write_json(kept, read_json(path))
            if path.with_suffix(".npz").exists():
                _keep_arrays(path.with_suffix(".npz"), kept.with_suffix(".npz"), pictures)
        if (out / WALL).exists():  # of photographs that may be shown
            shutil.copytree(out / WALL, new / WALL)
        for entry in settings.entries:
            if entry != YARDSTICKS and (new / GRADES / entry.place.with_suffix(".json")).exists():
                _keep_run(out / RUNS / entry.place, new / RUNS / entry.place)
        write_report(without, new, pictures)
    return folder / REPORT / PAGE


def _something_else(folder: Path) -> Path | None:
    """What is in a folder, from there, that is not of a kept bake-off; None: nothing.

    A bake-off that trains has settings and grades too, but also weights, and a lock.
    """
    if not folder.exists():
        return None
    if not folder.is_dir():
        return Path(folder.name)
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder)
        known = within.parts[0] in (GRADES, REPORT, WALL) or within == Path(FILE)
        if within.parts[0] == RUNS:
            known = path.name in (*_HISTORIES, RECORD, MACHINE, "recipe.json")
        if not known and not path.is_dir():
            return within
    if any(folder.iterdir()):
        read_settings(folder)  # another program's file may have the same name
    return None


def _keep_arrays(source: Path, target: Path, pictures: bool) -> None:
    with np.load(source) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    if not pictures:
        kept = {name: kept[name] for name in kept if not name.startswith("pictures/")}
    for name, values in kept.items():
        if name.startswith("per_image/"):
            kept[name] = values.astype(np.float16)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **kept)


def _keep_run(source: Path, target: Path) -> None:
    """The records of a run that was trained here; those that were taken have none."""
    if not (source / "recipe.json").exists():
        return
    recipe = read_recipe(source / "recipe.json")
    for path in sorted(source.glob(f"networks/*/{RECORD}")):
        # Whether an encoder was pre-trained and has moved; not where its file was.
        record = read_json(path)
        for part in (record.get("encoder"), record.get("features")):
            (part or {}).pop("origin", None)
        write_json(target / path.relative_to(source), record)
    kept = {key: recipe[key] for key in _OF_RECIPE if key in recipe}
    write_json(target / "recipe.json", without_places(kept))
    for name in (MACHINE, *(f"networks/*/{history}" for history in _HISTORIES)):
        for path in sorted(source.glob(name)):
            kept = target / path.relative_to(source)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)
