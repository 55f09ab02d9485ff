"""Photographs as arrays of L and ab, the format of the UCI report's Kaggle data.

https://www.kaggle.com/shravankumar9892/image-colorization: 25,000 photographs of 224x224.
"""

import os
import re
from pathlib import Path

import cv2
import numpy as np

from polychrome.errors import InputError
from tf_data.sources.split import Source, Split, fingerprint

WHERE = "https://www.kaggle.com/shravankumar9892/image-colorization"

_LIGHTNESS = ("l.npy", "gray_scale.npy")
_CHROMA = re.compile(r"ab(\d*)\.npy")
# The ninth of every ten photographs is for validation, the tenth for test; the report has no split.
_TURN = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}


def open_npy(data_dir: Path | None = None, download: bool = False) -> Source:
    """The arrays below `data_dir`, memory-mapped, as encoded images.

    Looks for `l.npy` or `gray_scale.npy`, uint8 `[n, H, W]`, L* times 255 / 100, and for `ab.npy`
    or `ab1.npy`, `ab2.npy` and so on (joined in this order), uint8 `[m, H, W, 2]`, a* + 128 and
    b* + 128: OpenCV's 8-bit Lab. L without ab is left out, as in a copy without `ab2.npy`.

    The pipeline takes encoded images, so each one is converted to RGB and encoded as PNG. Rounding
    RGB to 8 bits moves a photograph's colors by 0.07 in L* and 0.15 in a* and b* on average (at
    most 0.5 and 1.4, on scikit-image's photographs), half as much as the rounding in the arrays
    (0.11 and 0.28).

    Args:
        data_dir: folder with the files, at any depth.
        download: not supported; see `Raises`.

    Raises:
        InputError: no `data_dir`, no such files or several of them, arrays of another kind, fewer
            than ten photographs, or `download` is set.
    """
    if download:
        raise InputError(f"npy can't be downloaded from here; get it at {WHERE}", ("download",))
    if data_dir is None:
        raise InputError(
            f"npy: where? Give a folder with l.npy and ab.npy ({WHERE})", ("data_dir",)
        )
    folder = Path(data_dir).expanduser()
    lightness_path, chroma_paths = _find(folder)
    lightness = _load(lightness_path, 3)
    chroma = [_load(path, 4) for path in chroma_paths]
    for path, array in zip(chroma_paths, chroma, strict=True):
        if array.shape[1:] != (*lightness.shape[1:], 2):
            raise InputError(
                f"{path}: shape {list(array.shape)} doesn't go with {list(lightness.shape)} of "
                f"{lightness_path.name}; it should be [n, {lightness.shape[1]}, "
                f"{lightness.shape[2]}, 2]"
            )
    ends = np.cumsum([len(array) for array in chroma])
    count = int(ends[-1])
    if count > len(lightness) or count < 10:
        raise InputError(
            f"{folder}: {count:,} photographs in {', '.join(p.name for p in chroma_paths)} and "
            f"{len(lightness):,} in {lightness_path.name}; there should be ten at least, and no "
            "more of the former"
        )

    def encoded(item: int) -> bytes:
        file = int(np.searchsorted(ends, item, side="right"))
        return _encode(lightness[item], chroma[file][item - ends[file]])

    stamps = [
        (path.name, os.stat(path).st_size, os.stat(path).st_mtime_ns)
        for path in (lightness_path, *chroma_paths)
    ]
    splits = {}
    for split, turns in _TURN.items():
        items = [item for item in range(count) if item % 10 in turns]
        splits[split] = Split(
            names=tuple(map(str, items)),
            read=lambda index, items=items: encoded(items[index]),
            fingerprint=fingerprint([(split, count), *stamps]),
        )
    notice = ""
    if count < len(lightness):
        notice = (
            f"{folder}: {count:,} of {len(lightness):,} photographs have colors "
            f"({', '.join(path.name for path in chroma_paths)}); the others are left out."
        )
    return Source(name="npy", splits=splits, notice=notice)


def _find(folder: Path) -> tuple[Path, list[Path]]:
    """The file of L, and the files of ab in numerical order."""
    files = [path for path in sorted(folder.rglob("*.npy")) if path.is_file()]
    lightness = [path for path in files if path.name in _LIGHTNESS]
    numbered = [(match[1], path) for path in files if (match := _CHROMA.fullmatch(path.name))]
    numbers = sorted(int(number or 0) for number, _ in numbered)
    if len(lightness) != 1 or not numbers or len(set(numbers)) < len(numbers):
        names = ", ".join(str(path.relative_to(folder)) for path in files) or "no .npy files"
        raise InputError(
            f"{folder}: {names}; there should be one l.npy or gray_scale.npy, and ab.npy or "
            f"ab1.npy, ab2.npy, ... ({WHERE})"
        )
    return lightness[0], [path for _, path in sorted(numbered, key=lambda n: int(n[0] or 0))]


def _load(path: Path, axes: int) -> np.ndarray:
    """A memory-mapped uint8 array with the given number of axes."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a whole .npy file ({error})") from error
    if array.dtype != np.uint8 or array.ndim != axes:
        raise InputError(
            f"{path}: {array.dtype} with {array.ndim} axes; it should be uint8 with {axes}, 8-bit "
            "Lab as OpenCV has it"
        )
    return array


def _encode(lightness: np.ndarray, ab: np.ndarray) -> bytes:
    """Encode uint8 `[H, W]` and `[H, W, 2]` as PNG; see `open_npy`."""
    lab = np.empty([*lightness.shape, 3], np.float32)
    lab[..., 0] = lightness * np.float32(100 / 255)
    lab[..., 1:] = ab
    lab[..., 1:] -= 128
    # Convert floats: OpenCV's 8-bit path is biased by 0.04 in a* and b*.
    bgr = np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2BGR), 0, 1)
    bgr = np.rint(bgr * 255).astype(np.uint8)
    # Fastest compression, because the file is not kept.
    return cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
