"""The pictures of docs/hints.md: a photograph with and without hints, and questions with answers.

    python -m experiments.pictures.hints [photo] [--out docs/hints]

The photographs come with scikit-image, under licenses that allow it; no shipped colorizer was
trained on them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command_line.pictures import draw_pictures
from polychrome.files import replacing

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    import polychrome

# Pixels between two panels, and the height of one.
GAP, HEIGHT = 6, 240
# Of `skimage.data.coffee`: the saucer's red, the wood, and no color within the cup.
HINTS = ((130, 290, (147, 40, 20)), (520, 130, (150, 84, 44)), (215, 110, (128, 128, 128)))
QUESTIONS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    return draw_pictures(
        "pictures.hints", "Draw the pictures of hints.", "docs/hints", write, arguments
    )


def write(colorizer: "polychrome.Colorizer", folder: Path) -> list[Path]:
    """Write both pictures and return their paths."""
    paths = [folder / "three_hints.jpg", folder / "ask.jpg"]
    for path, panels in zip(paths, (hinted(colorizer), asked(colorizer)), strict=True):
        with replacing(path) as temporary:
            _beside(panels).save(temporary, quality=90)
    return paths


def hinted(colorizer: "polychrome.Colorizer") -> "list[np.ndarray]":
    """Four panels: gray with the hints' places, without hints, with hints, and the truth."""
    import numpy as np
    from PIL import Image, ImageDraw
    from skimage import data

    from polychrome import Hint
    from polychrome.inference.full_size import gray_of

    picture = data.coffee()
    gray = gray_of(picture)
    marked = Image.fromarray(gray).convert("RGB")
    draw = ImageDraw.Draw(marked)
    for x, y, rgb in HINTS:
        draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=rgb, outline=(255, 255, 255), width=4)
    after = colorizer.colorize(gray, hints=[Hint(x, y, rgb, 5) for x, y, rgb in HINTS])
    return [np.asarray(marked), colorizer.colorize(gray), after, picture]


def asked(colorizer: "polychrome.Colorizer") -> "list[np.ndarray]":
    """Three panels: the questions, the picture without answers, and with true ones."""
    import numpy as np
    from skimage import data

    from polychrome import Hint
    from polychrome.hints.sheet import draw_questions
    from polychrome.inference.full_size import gray_of

    picture = data.astronaut()
    gray = gray_of(picture)
    questions = colorizer.ask(gray, QUESTIONS)
    answers = []
    for question in questions:
        around = picture[question.y - 3 : question.y + 4, question.x - 3 : question.x + 4]
        red, green, blue = (int(level) for level in around.mean(axis=(0, 1)))
        answers.append(Hint(question.x, question.y, (red, green, blue), 6))
    sheet = np.asarray(draw_questions(gray, questions))
    return [sheet, colorizer.colorize(gray), colorizer.colorize(gray, hints=answers)]


def _beside(panels: "Sequence[np.ndarray]") -> "Image.Image":
    """Panels of one height in a row."""
    import numpy as np
    from PIL import Image

    row = []
    for panel in panels:
        size = round(panel.shape[1] * HEIGHT / panel.shape[0]), HEIGHT
        scaled = Image.fromarray(panel).resize(size, Image.Resampling.LANCZOS)
        row += [np.full((HEIGHT, GAP, 3), 255, np.uint8), np.asarray(scaled)]
    return Image.fromarray(np.concatenate(row[1:], axis=1))


if __name__ == "__main__":
    sys.exit(main())
