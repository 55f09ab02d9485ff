"""What makes a study's colorized pictures: colorizers, folders of finished pictures, baselines."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from experiments.turing.pictures import read_finished
from experiments.turing.study import check_name
from polychrome.color.spaces import fit_gamut, lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.errors import InputError

BASELINES = ("gray", "mean", "other", "quarter")
STRIPE, LOUD = 12, 60.0  # of the obviously wrong picture: width in pixels, chroma


@dataclasses.dataclass(frozen=True)
class Photo:
    """A photograph at the size at which it is colorized.

    Attributes:
        path: of its file.
        pixels: uint8 `[H, W, 3]`, sRGB.
        enlarged: how often rows and columns are repeated where it is shown, in all its pictures.
    """

    path: Path
    pixels: np.ndarray
    enlarged: int = 1


@dataclasses.dataclass(frozen=True)
class System:
    """A source of colorized pictures.

    Attributes:
        name: as the summary shows it.
        source: what it is, kept with the study.
        colorize: a photograph to uint8 `[H, W, 3]` of the same size.
    """

    name: str
    source: str
    colorize: Callable[[Photo], np.ndarray]


def preset(text: str) -> System:
    """A colorizer as `polychrome.load` takes it, with its dial after an `@`: `photo@0.5`.

    A name and `=` may come before it: `mine=runs/one/preset@0.5`. Without one it has that of its
    file or folder, and the dial. What comes before a `=` is part of a path if it has a slash.

    Raises:
        InputError: it cannot be loaded, or has no dial, or not so far, or its name is empty or that
            of the attention checks.
    """
    import polychrome

    name, equals, given = text.partition("=")
    if not equals or "/" in name:
        name, given = "", text
    elif not name or not given:
        raise InputError(f"--preset {text}: should be SOURCE or NAME=SOURCE, such as one=photo")
    source, at, dial = given.rpartition("@")
    try:
        vivid = float(dial) if at else 0.0
    except ValueError:
        source, vivid = given, 0.0
    source = source if at and source else given
    if not 0 <= vivid <= 1:
        raise InputError(f"--preset {text}: the dial is {dial}, should be 0 to 1")
    name = name or Path(source).name + (f"@{vivid:g}" if vivid else "")
    check_name(name, f"--preset {text}")
    colorizer = polychrome.load(source)
    if vivid and "vivid_ab" not in colorizer.card["outputs"]:
        raise InputError(f"{text}: {colorizer.card['name']} has no dial; leave @{dial} out")
    # Of a picture in color it takes the lightness only.
    return System(
        name,
        f"polychrome.load: {given}",
        lambda photo: colorizer.colorize(photo.pixels, vivid=vivid),
    )


def folder(text: str) -> System:
    """Another program's results: `NAME=FOLDER`, files named as the photographs are, subfolders too.

    Their suffixes may differ, and `.color` may end their stems.

    Raises:
        InputError: no name, that of the attention checks, no such folder, or two files for one
            photograph.
    """
    name, equals, place = text.partition("=")
    if not name or not equals or not Path(place).is_dir():
        raise InputError(f"{text}: should be NAME=FOLDER with an existing folder")
    check_name(name, f"--folder {text}")
    files: dict[str, Path] = {}
    for path in sorted(Path(place).rglob("*")):
        stem = path.stem.removesuffix(".color")
        if path.is_file() and not path.name.startswith("."):
            if stem in files:
                raise InputError(f"{path} and {files[stem]} are for one photograph; keep one")
            files[stem] = path

    def colorize(photo: Photo) -> np.ndarray:
        if photo.path.stem not in files:
            raise InputError(f"{place} has no picture for {photo.path.name}")
        return read_finished(files[photo.path.stem], *photo.pixels.shape[:2])

    return System(name, f"folder {Path(place).name}", colorize)


def baseline(name: str, photos: list[Photo]) -> System:
    """A trivial baseline, or an oracle, of these photographs.

    Args:
        name: of `BASELINES`: "gray" (no color), "mean" (the photographs' mean chroma everywhere),
            "other" (the chroma of the photograph before, for the first one that of the last), or
            "quarter" (the true chroma at a quarter of the size).
        photos: all of the study.
    """
    if name == "gray":
        return System(name, "baseline: no color", lambda photo: _painted(photo, np.zeros(2)))
    if name == "mean":
        mean = np.mean([rgb_to_lab(each.pixels)[..., 1:].mean((0, 1)) for each in photos], axis=0)
        return System(name, "baseline: mean chroma", lambda photo: _painted(photo, mean))
    if name == "other":
        preceding = {photo.path: photos[place - 1] for place, photo in enumerate(photos)}
        return System(
            name,
            "baseline: chroma of another photograph",
            lambda photo: _painted(photo, _chroma(preceding[photo.path], photo.pixels.shape)),
        )
    return System(
        name,
        "oracle: true chroma at a quarter of the size",
        lambda photo: _painted(photo, _chroma(photo, photo.pixels.shape, 4)),
    )


def obviously_wrong(photo: Photo) -> np.ndarray:
    """A picture that nobody who looks takes for real: the photograph with loud stripes."""
    height, width = photo.pixels.shape[:2]
    diagonal = np.add.outer(np.arange(height), np.arange(width))
    green = (diagonal // STRIPE % 2)[..., None]
    lab = rgb_to_lab(photo.pixels)
    # Stripes have no color in black and white, so lightness stays between.
    lab[..., :1] = 35.0 + 0.4 * lab[..., :1]
    lab[..., 1:] = np.where(green, (-LOUD, LOUD), (LOUD, -LOUD))
    return _rgb(lab)


def check_names(names: Sequence[str]) -> None:
    """Refuse no systems, two of one name, and one with the name of the attention checks.

    Raises:
        InputError: that is the case.
    """
    if not names:
        raise InputError("no systems; give --preset, --folder or --baseline")
    for name in names:
        check_name(name, "systems")
        if names.count(name) > 1:
            raise InputError(
                f"two systems are named {name}; give each a name of its own, as by --preset "
                "NAME=SOURCE or --folder NAME=DIR, and each --baseline once"
            )


def _painted(photo: Photo, ab: np.ndarray) -> np.ndarray:
    """The photograph's lightness with other chroma, `[H, W, 2]` or `[2]`."""
    lab = rgb_to_lab(photo.pixels)
    lab[..., 1:] = ab
    return _rgb(lab)


def _rgb(lab: np.ndarray) -> np.ndarray:
    return np.asarray(to_uint8(lab_to_rgb(fit_gamut(lab))))


def _chroma(photo: Photo, shape: tuple[int, ...], divisor: int = 1) -> np.ndarray:
    """A photograph's chroma, reduced by `divisor`, at another size: float32 `[H, W, 2]`."""
    import cv2

    ab = rgb_to_lab(photo.pixels)[..., 1:]
    height, width = (max(1, length // divisor) for length in ab.shape[:2])
    reduced = cv2.resize(ab, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.resize(reduced, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
