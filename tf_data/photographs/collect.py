"""Sets of photographs to one folder: filtered, without near-duplicates, and split.

OUT/train/SET/*.jpg    OUT/validation/SET/*.jpg    OUT/held_out/SET/*.jpg
OUT/photos.csv: every photograph with its origin
OUT/README.md: counts and licenses by set, and how many files were left out for which reason
"""

import csv
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate
from tqdm import tqdm

from polychrome.errors import InputError
from polychrome.files import read_json, replacing_folder, write_json, write_text
from tf_data.photographs.clone import Clone
from tf_data.photographs.near_duplicates import representatives
from tf_data.photographs.prepare import SMALLEST_SIDE, LeftOut, prepare
from tf_data.photographs.sets import PhotoSet
from tf_data.sources.collection import COLUMNS, PHOTOS
from tf_data.sources.split import position

VALIDATION_SHARE = 0.05
REASONS = ("missing", "broken", "small", "gray", "identical", "similar", "similar to held out")

_CHUNK = 64  # files in memory at a time


def collect(out: Path, clones: Path, sets: Sequence[PhotoSet], side: int) -> str:
    """Collect photographs; return a Markdown table with the counts of each set.

    Work goes on in a hidden folder next to `out`, which takes the name `out` at the end. After an
    interruption, sets that were finished there are not read again.

    Args:
        out: new folder.
        clones: folder with a clone of each repository, as OWNER/NAME.
        side: largest length of the shorter side in pixels, at least 128.

    Raises:
        InputError: `out` exists, a clone is missing or lacks the pinned commit, `side` is too
            small, or ImageHash is not installed.
    """
    if side < SMALLEST_SIDE:
        raise InputError(f"a shorter side of {side} pixels: should be at least {SMALLEST_SIDE}")
    if out.exists():
        raise InputError(f"{out}: exists already; name a new folder")
    work = out.with_name(f".{out.name}-collecting")
    sources = [Clone(clones / photo_set.repository, photo_set) for photo_set in sets]
    pictures = {source.photo_set.name: source.pictures() for source in sources}
    for source in sources:
        if not pictures[source.photo_set.name]:
            raise InputError(f"{source.photo_set.repository}: holds no pictures of this set")

    todo = [source for source in sources if not _is_finished(work, source.photo_set, side)]
    total = sum(len(pictures[source.photo_set.name]) for source in todo)
    with tqdm(total=total, unit="photo", smoothing=0.05) as progress:
        for source in todo:
            progress.set_description(source.photo_set.name)
            _read_set(work, source, pictures[source.photo_set.name], side, progress)
    records = {photo_set: read_json(_record(work, photo_set)) for photo_set in sets}
    rows, counts = _split(records)
    table = _table(sets, counts)
    with replacing_folder(out) as new:
        _place(work, new, rows)
        write_text(new / "README.md", _README + table + "\n")
    shutil.rmtree(work)
    return table


def _record(work: Path, photo_set: PhotoSet) -> Path:
    return work / f"{photo_set.name}.json"


def _is_finished(work: Path, photo_set: PhotoSet, side: int) -> bool:
    path = _record(work, photo_set)
    return path.exists() and read_json(path)["settings"] == [photo_set.commit, side]


def _read_set(
    work: Path, clone: Clone, pictures: list[tuple[str, str]], side: int, progress: tqdm
) -> None:
    """Write the usable photographs of a set to a folder, and then a record of them."""
    folder = work / clone.photo_set.name
    shutil.rmtree(folder, ignore_errors=True)  # of an interrupted run, or of another side
    folder.mkdir(parents=True)
    photos, left_out = [], Counter()

    def store(blob: str, path: str, data: bytes | None) -> dict | str:
        if data is None:
            return "missing"
        try:
            photograph = prepare(data, side)
        except LeftOut as reason:
            return str(reason)
        (folder / f"{blob}.jpg").write_bytes(photograph.jpeg)
        size = {"width": photograph.width, "height": photograph.height}
        return {"blob": blob, "path": path, **size, "hash": photograph.hash}

    first = {blob: path for blob, path in reversed(pictures)}
    left_out["identical"] = len(pictures) - len(first)
    progress.update(left_out["identical"])
    order = sorted(first.items(), key=lambda item: item[1])
    with clone.reading() as reader, ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            files = [(blob, path, reader.read(blob)) for blob, path in chunk]
            for result in pool.map(lambda file: store(*file), files):
                if isinstance(result, str):
                    left_out[result] += 1
                else:
                    photos.append(result)
                progress.update()
    settings = [clone.photo_set.commit, side]
    record = {"settings": settings, "photos": photos, "left_out": left_out}
    write_json(_record(work, clone.photo_set), record)


def _split(records: dict[PhotoSet, dict]) -> tuple[list[dict], dict[str, Counter]]:
    """Rows of `photos.csv`, and counts of each set by split and by reason to leave out."""
    counts = {photo_set.name: Counter(record["left_out"]) for photo_set, record in records.items()}
    # Held-out sets first, so that what resembles them is not trained on; then the larger ones.
    photos = sorted(
        ((photo_set, photo) for photo_set, record in records.items() for photo in record["photos"]),
        key=lambda item: (not item[0].held_out, -item[1]["width"] * item[1]["height"]),
    )
    hashes = np.array([int(photo["hash"], 16) for _, photo in photos], np.uint64)
    rows = []
    for index, kept in enumerate(representatives(hashes).tolist()):
        (photo_set, photo), (other_set, other) = photos[index], photos[kept]
        if kept == index:
            split = "train" if position(photo["blob"]) >= VALIDATION_SHARE else "validation"
            split = "held_out" if photo_set.held_out else split
            counts[photo_set.name][split] += 1
            names = ("repository", "commit", "license")
            origin = {name: getattr(photo_set, name) for name in names}
            file = f"{split}/{photo_set.name}/{photo['blob'][:16]}.jpg"
            place = {"set": photo_set.name, "split": split, "file": file}
            rows.append({**photo, **origin, **place})
        elif photo["blob"] == other["blob"]:
            counts[photo_set.name]["identical"] += 1
        elif other_set.held_out and not photo_set.held_out:
            counts[photo_set.name]["similar to held out"] += 1
        else:
            counts[photo_set.name]["similar"] += 1
    return sorted(rows, key=lambda row: row["file"]), counts


def _place(work: Path, new: Path, rows: list[dict]) -> None:
    """Link the photographs to their splits, and write `photos.csv`."""
    for row in rows:
        target = new / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        # A link, so that an interruption here leaves the finished sets whole.
        os.link(work / row["set"] / f"{row['blob']}.jpg", target)
    write_rows(new / PHOTOS, rows)


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a `photos.csv`, of each row the `COLUMNS`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


_README = "Photographs of public repositories. Most state no license: do not pass them on.\n\n"


def _table(sets: Sequence[PhotoSet], counts: dict[str, Counter]) -> str:
    columns = ("train", "validation", "held_out", *REASONS)
    return tabulate(
        [[s.name, s.license, *(counts[s.name][name] for name in columns)] for s in sets]
        + [["all", "", *(sum(counts[s.name][name] for s in sets) for name in columns)]],
        ["set", "license", *columns],
        "github",
        intfmt=",",
    )
