"""Questions lie where answers change most, and not where earlier answers reach."""

import json

import numpy as np
import pytest

from polychrome import Question
from polychrome.hints.asking import places
from polychrome.hints.reading import read_hints
from polychrome.hints.sheet import draw_questions, questions_json


def three_parts() -> np.ndarray:
    """L* of a wide, a narrow and a middling part, side by side."""
    lightness = np.full((32, 60), 20.0, np.float32)
    lightness[:, 32:40], lightness[:, 40:] = 55.0, 90.0
    return lightness


def test_each_part_is_asked_about_the_widest_first():
    found = places(three_parts(), np.full((32, 60), 10.0, np.float32), 3)
    parts = [0 if place.column < 32 else 1 if place.column < 40 else 2 for place in found]
    assert parts == [0, 2, 1]
    gains = [place.gain for place in found]
    assert gains == sorted(gains, reverse=True) and gains[-1] > 0
    # Most of the wide part takes over half of an answer, and nothing else does.
    assert found[0].region[:, :32].mean() > 0.3 and not found[0].region[:, 32:].any()


def test_a_large_spread_comes_first():
    spread = np.full((32, 60), 4.0, np.float32)
    spread[:, 32:40] = 40.0
    assert 32 <= places(three_parts(), spread, 1)[0].column < 40


def test_gains_are_decreases_of_the_variance():
    """Against two hints on a picture of two parts that have nothing in common."""
    lightness = np.full((12, 20), 20.0, np.float32)
    lightness[:, 12:] = 90.0
    spread = np.full((12, 20), 7.0, np.float32)
    first, second = places(lightness, spread, 2)
    assert first.column < 12 <= second.column
    # If an answer told all about its part, nothing would be left there of a variance of 49.
    assert 0.2 * 49 * 12 / 20 < first.gain < 49 * 12 / 20
    assert 0.2 * 49 * 8 / 20 < second.gain < 49 * 8 / 20
    doubled = places(lightness, 2 * spread, 1)[0]
    assert doubled.gain == pytest.approx(4 * first.gain)


def test_a_tiny_picture_has_few_places():
    assert len(places(np.full((3, 5), 50.0, np.float32), np.ones((3, 5), np.float32), 20)) == 15


QUESTIONS = [
    Question(np.ones((60, 90), bool), ((200, 30, 40), (30, 40, 200)), 2.0, x=20, y=30),
    Question(np.ones((60, 90), bool), ((120, 130, 90),), 1.0, x=70, y=10),
]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_sheet_shows_the_gray_picture_its_numbers_and_the_colors(dtype):
    white = 1.0 if dtype == "float32" else np.iinfo(dtype).max
    gray = np.full((60, 90), 0.5 * white).astype(dtype)
    sheet = np.asarray(draw_questions(gray, QUESTIONS))
    scale = 640 / 90
    assert sheet.shape[1] > 640 and (np.abs(sheet[2, 2].astype(int) - 128) <= 1).all()
    # White disks on the gray where the questions are.
    for question in QUESTIONS:
        x, y = (int((value + 0.5) * scale) for value in (question.x, question.y))
        around = sheet[y - 9 : y + 10, x - 9 : x + 10].reshape(-1, 3)
        assert (around == 255).all(axis=-1).mean() > 0.4
        for color in question.colors:
            assert (sheet[:, 640:] == color).all(axis=-1).sum() > 300


def test_the_json_comes_back_with_the_chosen_colors(tmp_path):
    made = questions_json(QUESTIONS, (60, 90), "a.png")
    made["hints"][0]["choice"] = 2
    path = tmp_path / "a.ask.json"
    path.write_text(json.dumps(made))
    (hint,) = read_hints(path, (60, 90))
    assert (hint.x, hint.y, hint.rgb, hint.radius) == (20, 30, (30, 40, 200), 3)
