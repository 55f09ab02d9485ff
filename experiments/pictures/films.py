"""The pictures of docs/video.md: steady colors beside unsteady ones, and hints that travel.

    python -m experiments.pictures.films [photo] [--out docs/video]

Clips are made of photographs that come with scikit-image, under licenses that allow it, by a camera
that moves over them; no shipped colorizer was trained on these.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command_line.pictures import draw_pictures
from polychrome.files import replacing

if TYPE_CHECKING:
    import numpy as np

    import polychrome
    from experiments.studies.moving import Clip

# Pixels: of a frame, and between two.
SIDE, GAP = 180, 4
FRAMES, SHOWN = 33, 5
# Of the grain in the steady clip, in levels of 255, and how much changes of color are enlarged.
GRAIN, ENLARGED = 8.0, 8.0
# Columns and rows of the hints in the middle frame of the coffee.
HINTED = ((25, 115), (60, 97), (80, 65), (128, 140))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    return draw_pictures(
        "pictures.films", "Draw the pictures of films.", "docs/video", write, arguments
    )


def write(colorizer: "polychrome.Colorizer", folder: Path) -> list[Path]:
    """Write both pictures and return their paths."""
    from PIL import Image

    paths = [folder / "steady.jpg", folder / "hints.jpg"]
    for path, rows in zip(paths, (steadied(colorizer), hinted(colorizer)), strict=True):
        with replacing(path) as temporary:
            Image.fromarray(_in_rows(rows)).save(temporary, quality=90)
    return paths


def steadied(colorizer: "polychrome.Colorizer") -> "list[list[np.ndarray]]":
    """Four rows of frames one after the other: frame by frame and steady, each with its changes.

    A change is that of a* and b* to the next frame, which the true motion has moved back, enlarged
    and shown on middle gray.
    """
    import numpy as np

    from experiments.studies import flicker
    from polychrome.color.spaces import rgb_to_lab

    shot = _Shot(colorizer, "rocket", "turn", GRAIN)
    own = [np.asarray(each.ab[0]) for each in shot.predictions]
    places = range(FRAMES // 2, FRAMES // 2 + SHOWN)
    rows = []
    for chroma in (own, flicker.steadied(shot.lightness, own)):
        frames = shot.joined(chroma)
        ab = [rgb_to_lab(frame)[..., 1:] for frame in frames]
        rows.append([frames[index] for index in places])
        rows.append([_change(ab, shot.clip, index) for index in places])
    return rows


def hinted(colorizer: "polychrome.Colorizer") -> "list[list[np.ndarray]]":
    """Three rows of frames of a whole clip, hints on the middle one: without, with, and truth."""
    import numpy as np

    from experiments.studies.flicker import steadied
    from experiments.studies.hints import true_hint
    from experiments.studies.traveling import carried_hints

    shot = _Shot(colorizer, "coffee", "pan")
    middle = FRAMES // 2
    hints = [true_hint(shot.clip.frames[middle], x, y) for x, y in HINTED]
    kept = steadied(shot.lightness, [np.asarray(each.ab[0]) for each in shot.predictions])
    colors = carried_hints(shot.lightness, shot.predictions, middle, hints, (SIDE, SIDE))
    after = shot.joined([each.onto(ab) for each, ab in zip(colors, kept, strict=True)])
    after[middle] = _marked(after[middle], hints)
    places = np.linspace(0, FRAMES - 1, SHOWN).round().astype(int)
    rows = (shot.joined(kept), after, list(shot.clip.frames))
    return [[row[place] for place in places] for row in rows]


class _Shot:
    """A clip made of a photograph of scikit-image, in gray, and what the network says of it."""

    def __init__(
        self, colorizer: "polychrome.Colorizer", name: str, motion: str, grain: float = 0.0
    ):
        import cv2
        import numpy as np
        from skimage import data

        from experiments.studies.moving import clip_of
        from polychrome.inference.full_size import gray_of, seen_lightness

        photograph = getattr(data, name)()
        scale = SIDE * 4 / 3 / min(photograph.shape[:2])
        photograph = cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self.clip = clip_of(photograph, motion, SIDE, FRAMES, 2.0)
        gray = np.stack([gray_of(frame) for frame in self.clip.frames])
        gray = gray + np.random.default_rng(0).normal(0.0, grain, gray.shape)
        self._gray = np.clip(np.round(gray), 0, 255).astype(np.uint8)
        seen = colorizer.card["image_size"]
        self.lightness = [seen_lightness(frame, seen)[0, ..., 0] for frame in self._gray]
        self.predictions = [colorizer.predict(level[None, ..., None]) for level in self.lightness]

    def joined(self, chroma: "Sequence[np.ndarray]") -> "list[np.ndarray]":
        """The frames in color."""
        from polychrome.inference.full_size import join

        return [
            join(gray, ab, lightness=level)
            for gray, ab, level in zip(self._gray, chroma, self.lightness, strict=True)
        ]


def _change(ab: "Sequence[np.ndarray]", clip: "Clip", index: int) -> "np.ndarray":
    import numpy as np

    from experiments.studies.moving import moved_back
    from polychrome.color.spaces import lab_to_rgb, to_uint8

    change = np.nan_to_num(moved_back(ab[index + 1], clip, index) - ab[index])
    lab = np.concatenate([np.full_like(change[..., :1], 60.0), ENLARGED * change], axis=-1)
    return np.asarray(to_uint8(lab_to_rgb(lab.astype(np.float32))))


def _marked(frame: "np.ndarray", hints: "Sequence[polychrome.Hint]") -> "np.ndarray":
    """With a ring around the place of each hint."""
    import numpy as np
    from PIL import Image, ImageDraw

    picture = Image.fromarray(frame)
    draw = ImageDraw.Draw(picture)
    for x, y, rgb, *_ in hints:
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=rgb, outline=(255, 255, 255), width=2)
    return np.asarray(picture)


def _in_rows(rows: "Sequence[Sequence[np.ndarray]]") -> "np.ndarray":
    import numpy as np

    side = SIDE + GAP
    sheet = np.full((len(rows) * side - GAP, len(rows[0]) * side - GAP, 3), 255, np.uint8)
    for down, row in enumerate(rows):
        for right, frame in enumerate(row):
            sheet[down * side :][:SIDE, right * side :][:, :SIDE] = frame
    return sheet


if __name__ == "__main__":
    sys.exit(main())
