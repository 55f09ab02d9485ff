"""From photographs to a study's folder: its pictures, its database, and the admin's token."""

import secrets
import sys
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from experiments.turing.database import telling_errors
from experiments.turing.pairs import check_photographs
from experiments.turing.pictures import encode_alike, enlargement, read_shown
from experiments.turing.study import Settings, Study, database_of, picture_file
from experiments.turing.systems import Photo, System, check_names, obviously_wrong
from polychrome.cli.inputs import find_inputs
from polychrome.errors import InputError
from polychrome.files import replacing_folder

TOKEN_FILE = "admin-token.txt"


def read_photographs(folder: Path, side: int, limit: int | None, seed: int) -> list[Photo]:
    """Read the colored photographs of a folder, those in gray left out.

    Args:
        folder: searched with its subfolders.
        side: longer side in pixels at which they are shown. Smaller ones keep their size, and the
            smallest are enlarged when they are written (`enlargement`).
        limit: how many to draw; None: all.
        seed: of the drawing.

    Raises:
        InputError: no such folder, an unreadable photograph, or two of one name.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder, should be one of photographs")
    paths = sorted(each.path for each in find_inputs([str(folder)]).inputs)
    drawn = [paths[place] for place in np.random.default_rng(seed).permutation(len(paths))]
    photos: dict[str, Photo] = {}
    for path in drawn:
        if limit is not None and len(photos) == limit:
            break
        pixels, colored = read_shown(path, side)
        if not colored:
            print(f"left out, since it is gray or of one hue, as toned: {path}", file=sys.stderr)
            continue
        if path.stem in photos:
            raise InputError(f"{path} and {photos[path.stem].path} have one name; rename one")
        photos[path.stem] = Photo(path, pixels, enlargement(*pixels.shape[:2], side))
    return sorted(photos.values(), key=lambda photo: photo.path)


def prepare(
    folder: Path,
    photos: Sequence[Photo],
    systems: Sequence[System],
    settings: Settings,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a study: pictures, database, and a token for the admin, all or nothing.

    Its folder opens to its owner alone.

    Raises:
        InputError: the folder exists, there are too few photographs, all attention checks may be
            missed, or a system fails.
    """
    if folder.exists():
        raise InputError(f"{folder} exists; choose another folder for a new study")
    if settings.misses and settings.misses >= settings.checks:
        raise InputError(
            f"--misses {settings.misses}: with as many all of the {settings.checks} attention "
            "checks may be missed, should be fewer than --checks"
        )
    check_names([system.name for system in systems])
    check_photographs(len(photos), len(systems), settings.pairs, settings.checks)
    with replacing_folder(folder) as new:
        # Other users of the machine could read which pictures are real, and who answered what.
        new.chmod(0o700)
        for number, photo in enumerate(photos):
            _write_pictures(new, number, photo, systems)
            tell(f"{number + 1} of {len(photos)} photographs")
        Study.create(
            new,
            settings,
            {system.name: system.source for system in systems},
            [photo.path.stem for photo in photos],
        ).close()
        token = new / TOKEN_FILE
        token.touch(0o600)
        token.write_text(secrets.token_urlsafe(24) + "\n", encoding="ascii")


def check_whole(study: Study) -> None:
    """Refuse a study whose files are damaged or gone, before anybody takes part.

    Raises:
        InputError: the database is damaged, or a picture is not there.
    """
    assert study.folder is not None
    study.check_database()
    with telling_errors(database_of(study.folder)):
        systems = [None, *(row["system"] for row in study.rows("SELECT system FROM systems"))]
        photographs = [row["photograph"] for row in study.rows("SELECT * FROM photographs")]
    pictures = [picture_file(study.folder, *each) for each in product(photographs, systems)]
    gone = [path for path in pictures if not path.is_file()]
    if gone:
        raise InputError(
            f"{gone[0]}: no such file ({len(gone)} of {len(pictures)} pictures are gone); put back "
            "the folder as `prepare` wrote it"
        )


def admin_token(folder: Path) -> str:
    """The token that opens the summary of a study.

    Raises:
        InputError: its file is missing or too short to be one.
    """
    path = folder / TOKEN_FILE
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if len(token) < 20:
        raise InputError(f"{path} should have 20 characters or more")
    return token


def _write_pictures(folder: Path, number: int, photo: Photo, systems: Sequence[System]) -> None:
    pictures = [photo.pixels, *(system.colorize(photo) for system in systems)]
    pictures.append(obviously_wrong(photo))
    for place, file in enumerate(encode_alike(pictures, photo.enlarged)):
        path = picture_file(folder, number, place - 1 if place else None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
