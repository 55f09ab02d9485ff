"""Questions on paper: the gray picture with numbers, and a row of colors for each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from polychrome.hints.types import Question

# Longer side of the picture on the sheet, in pixels; smaller ones are enlarged to half of it.
LARGEST = 1280
_PAPER, _INK = (255, 255, 255), (20, 20, 20)
# Of the picture's longer side, a swatch; where there are many questions it is smaller.
_SWATCH, _SMALL, _MANY = 1 / 11, 1 / 20, 12


def draw_questions(gray: np.ndarray, questions: Sequence[Question]) -> Image.Image:
    """A sheet with the picture at the left, marked with numbers, and their colors at the right.

    Args:
        gray: levels `[H, W]`, uint8, uint16, or float32 in [0, 1].
        questions: about the picture.
    """
    height, width = gray.shape
    white = 1.0 if gray.dtype == np.float32 else np.iinfo(gray.dtype).max
    picture = Image.fromarray(np.round(gray * (255.0 / white)).astype(np.uint8)).convert("RGB")
    scale = LARGEST / max(height, width)
    scale = min(scale, 1.0) if scale < 2.0 else scale / 2.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    side = max(30, round(max(size) * (_SWATCH if len(questions) <= _MANY else _SMALL)))
    columns = max((len(question.colors) for question in questions), default=0)
    # Below each other as far as there is room, then beside.
    rows = min(len(questions), max(8, size[1] // (side + side // 3)))
    blocks = -(-len(questions) // max(1, rows))
    step, block = side + side // 3, (columns + 1) * (side + side // 4) + side // 2
    sheet = Image.new(
        "RGB",
        (size[0] + side // 2 + blocks * block, max(size[1], rows * step + side // 3)),
        _PAPER,
    )
    sheet.paste(picture)
    draw = ImageDraw.Draw(sheet)
    for index, question in enumerate(questions):
        x = (question.x + 0.5) * size[0] / width
        y = (question.y + 0.5) * size[1] / height
        _number(draw, x, y, side * 0.42, index + 1)
        left = size[0] + side // 2 + index // rows * block
        top = side // 3 + index % rows * step
        _number(draw, left + side / 2, top + side / 2, side * 0.42, index + 1)
        for place, color in enumerate(question.colors, start=1):
            x0 = left + place * (side + side // 4)
            draw.rectangle((x0, top, x0 + side, top + side), fill=color, outline=_INK)
            ink = _PAPER if sum(color) < 380 else _INK
            middle = (x0 + side / 2, top + side / 2)
            draw.text(middle, str(place), fill=ink, font=_font(side * 0.6), anchor="mm")
    return sheet


def questions_json(
    questions: Sequence[Question], size: tuple[int, int], picture: str
) -> dict[str, Any]:
    """What `polychrome.hints.reading` takes back once "choice" or "rgb" is filled in.

    Args:
        questions: about the picture.
        size: its height and width.
        picture: its name, for people.
    """
    # As large on the network's copy as the usual hint is on a picture of 256 pixels.
    radius = max(3, round(min(size) / 85))
    return {
        "picture": picture,
        "width": size[1],
        "height": size[0],
        "hints": [
            {
                "number": number,
                "x": question.x,
                "y": question.y,
                "radius": radius,
                "colors": ["#{:02x}{:02x}{:02x}".format(*color) for color in question.colors],
                "choice": None,
                "rgb": None,
            }
            for number, question in enumerate(questions, start=1)
        ],
    }


def _number(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, number: int) -> None:
    box = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse(box, fill=_PAPER, outline=_INK, width=2)
    size = radius * (1.5 if number < 10 else 1.2)
    draw.text((x, y), str(number), fill=_INK, font=_font(size), anchor="mm")


def _font(size: float) -> Any:
    return ImageFont.load_default(size)
