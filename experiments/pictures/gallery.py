"""The page of photographs before and after: docs/gallery.md and its pictures.

    python -m experiments.pictures.gallery [photo] [--out docs/gallery.md]

The photographs come with scikit-image, under licenses that allow it; no shipped colorizer was
trained on them. Some are made old by the degradations that `photo` was trained on.
"""

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.files import replacing, write_text

if TYPE_CHECKING:
    import numpy as np

    import polychrome

# Pixels: of a panel, about what a page of GitHub shows of four, and between two panels.
HEIGHT, GAP = 224, 6
VIVID = 0.5
# The shorter side from which the true colors of the last picture are brought up.
SMALL = 64


@dataclasses.dataclass(frozen=True)
class Shown:
    """A photograph on the page.

    Attributes:
        name: of scikit-image's function that gives it.
        says: what it shows, and who gave it under which license.
        aged: strengths of degradations, as in `tf_data.degradations.aging`; sepia follows them.
    """

    name: str
    says: str
    aged: Mapping[str, float] = dataclasses.field(default_factory=dict)


PHOTOGRAPHS = (
    Shown("astronaut", "Eileen Collins. NASA, public domain"),
    Shown(
        "astronaut",
        "The same, as an old print: sensitive to blue alone, faded, with grain and scratches",
        {"film": 1.0, "fade": 0.3, "grain": 0.03, "scratches": 4.0, "tone": 1.0},
    ),
    Shown("chelsea", "A cat. Stéfan van der Walt, CC0"),
    Shown(
        "chelsea",
        "The same, out of focus, with dust and blocks of JPEG",
        {"blur": 1.2, "dust": 25.0, "jpeg": 60.0, "tone": 0.6},
    ),
    Shown("coffee", "A cup of coffee. Rachel Michetti, CC0"),
    Shown("rocket", "A rocket. SpaceX, public domain"),
    Shown("camera", "A photographer, in gray from the start. Lav Varshney, CC0"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.pictures.gallery",
        description="Write a page of photographs before and after.",
    )
    add = parser.add_argument
    add("source", nargs="?", default="photo", metavar="PRESET", help="with a dial (photo)")
    add("--out", type=Path, default=Path("docs/gallery.md"), metavar="FILE.md", help="the page")
    parsed = parser.parse_args(arguments)

    def work() -> None:
        # Imported late: TensorFlow takes seconds, --help should not.
        import_tensorflow()
        import polychrome

        print(write(polychrome.load(parsed.source), parsed.out))

    return status_of(work)


def write(colorizer: "polychrome.Colorizer", page: Path) -> Path:
    """Write the page, and its pictures in a folder of its name beside it."""
    name, folder = colorizer.card["name"], page.with_suffix("")
    lines = [
        "# Before and after",
        "",
        f"Photographs as `{name}` colors them (`python -m experiments.pictures.gallery {name}`). "
        f"In each row: before; after; after with `vivid={VIVID:g}`; and, where there is one, "
        "the truth. All come with scikit-image, and none was trained on.",
    ]
    for number, shown in enumerate(PHOTOGRAPHS, start=1):
        file = folder / f"{number}-{shown.name}.jpg"
        _save(file, panels(colorizer, shown))
        lines += ["", f"{shown.says}.", "", f"![{shown.name}]({folder.name}/{file.name})"]
    file = folder / "upsampling.png"
    _save(file, upsampled())
    lines += [
        "",
        "## How colors come up to full size",
        "",
        f"The network sees {colorizer.card['image_size']} pixels of a photograph's shorter side; "
        "its colors are brought up to full size along edges of the photograph's lightness. To show "
        "that alone, these are not predictions: the true colors of the first photograph were "
        f"brought down to {SMALL} pixels and up again, bilinearly (`--upsampling bilinear`) and "
        "along edges (`guided`, the default); at the right the truth. Enlarged twice.",
        "",
        f"![bilinear, guided, and true colors]({folder.name}/{file.name})",
    ]
    write_text(page, "\n".join(lines) + "\n")
    return page


def panels(colorizer: "polychrome.Colorizer", shown: Shown) -> "list[np.ndarray]":
    """Pictures of a row, uint8 `[H, W, 3]`: before, after, vivid, and the truth if there is one."""
    import numpy as np
    from skimage import data

    from polychrome.inference.full_size import gray_of

    picture = getattr(data, shown.name)()
    gray = np.repeat(gray_of(picture)[..., None], 3, axis=-1)
    before = aged(picture, shown.aged) if shown.aged else gray
    after = [colorizer.colorize(before, vivid=vivid) for vivid in (0.0, VIVID)]
    return [before, *after, *([picture] if picture.ndim == 3 else [])]


def aged(picture: "np.ndarray", strengths: Mapping[str, float]) -> "np.ndarray":
    """A photograph degraded and toned in sepia: uint8 `[H, W, 3]`, always in the same way."""
    import numpy as np
    import tensorflow as tf

    from polychrome.color.spaces import lab_to_rgb, to_uint8
    from tf_data.degradations.aging import degrade

    given = {name: tf.constant([value]) for name, value in strengths.items()}
    level = np.asarray(degrade(tf.constant(picture[None]), given, tf.constant([0, 3])))[0]
    # Sepia: strongest in the middle tones.
    bell = 4.0 * (level / 100.0) * (1.0 - level / 100.0)
    lab = np.concatenate([level, 7.0 * bell, 22.0 * bell], axis=-1).astype(np.float32)
    return np.asarray(to_uint8(lab_to_rgb(lab)))


def upsampled() -> "list[np.ndarray]":
    """A detail in true colors that were brought down and up, bilinearly and along edges; truth."""
    import cv2
    import numpy as np
    from skimage import data

    from polychrome.color.spaces import rgb_to_lab
    from polychrome.inference.full_size import join

    picture = data.astronaut()
    ab = np.asarray(rgb_to_lab(picture))[..., 1:].astype(np.float32)
    small = cv2.resize(ab, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    ways = [join(picture, small, upsampling=way) for way in ("bilinear", "guided")]
    detail = slice(190, 390), slice(0, 200)
    return [each[detail].repeat(2, axis=0).repeat(2, axis=1) for each in (*ways, picture)]


def _save(path: Path, pictures: "Sequence[np.ndarray]") -> None:
    """Write pictures side by side, those of JPEG files at the height of a panel."""
    import numpy as np
    from PIL import Image

    shown = [Image.fromarray(picture) for picture in pictures]
    if path.suffix == ".jpg":
        width, height = shown[0].size
        size = round(width * HEIGHT / height), HEIGHT
        shown = [each.resize(size, Image.Resampling.LANCZOS) for each in shown]
    gap = np.full((shown[0].height, GAP, 3), 255, np.uint8)
    row = [part for each in shown for part in (gap, np.asarray(each))][1:]
    with replacing(path) as temporary:
        Image.fromarray(np.concatenate(row, axis=1)).save(temporary, quality=92, subsampling=0)


if __name__ == "__main__":
    sys.exit(main())
