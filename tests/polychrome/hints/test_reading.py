"""Hints from text, JSON and painted pictures; what is wrong with others, in one line."""

import json

import numpy as np
import pytest
from PIL import Image

from polychrome import Hint, Strokes
from polychrome.errors import InputError
from polychrome.hints.reading import parse_hint, read_hints


def refusal(function, *arguments) -> str:
    with pytest.raises(InputError) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def written(tmp_path):
    """A function that writes JSON, or text as it is, and returns the path."""

    def write(content):
        path = tmp_path / "hints.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


@pytest.fixture
def painted(tmp_path):
    """A function that writes a transparent picture of 8 x 6 pixels with one red pixel."""

    def write(name="strokes.png", alpha=255, color=(255, 0, 0)):
        levels = np.zeros((6, 8, 4), np.uint8)
        levels[2, 3] = [*color, alpha]
        Image.fromarray(levels).save(tmp_path / name)
        return tmp_path / name

    return write


def test_a_hint_as_text():
    assert parse_hint("12,80,#b04030") == Hint(12, 80, (0xB0, 0x40, 0x30))
    assert parse_hint(" 0 , -3 , #fA0 ") == Hint(0, -3, (255, 170, 0))


@pytest.mark.parametrize("text", ["", "12,80", "1.5,2,#ff0000", "a,b,#ff0000", "1,2,3,#ff0000"])
def test_text_of_another_form_is_refused(text):
    assert "should be x,y,#rrggbb, as 120,80,#b04030" in refusal(parse_hint, text)


@pytest.mark.parametrize("color", ["red", "#ff00", "#gg0000", "#ff000000", "rgb(1,2,3)"])
def test_wrong_colors_are_refused(color):
    message = refusal(parse_hint, f"1,2,{color}")
    assert "should be #rrggbb" in message or "should be x,y,#rrggbb" in message


def test_json_as_a_list_and_with_the_size(written):
    items = [
        {"x": 1, "y": 2, "rgb": [9, 8, 7]},
        {"x": 3, "y": 4, "rgb": "#010203", "radius": 5, "frame": 6},
    ]
    expected = [Hint(1, 2, (9, 8, 7)), Hint(3, 4, (1, 2, 3), 5, 6)]
    assert read_hints(written(items), (10, 20)) == expected
    assert read_hints(written({"width": 20, "height": 10, "hints": items}), (10, 20)) == expected
    keys = [hint._asdict() for hint in expected]
    assert read_hints(written(keys)) == expected


def test_questions_count_once_they_are_answered(written):
    open_ = {"number": 1, "x": 1, "y": 2, "colors": ["#ff0000"], "choice": None, "rgb": None}
    chosen = open_ | {"colors": ["#ff0000", "#00ff00"], "choice": 2}
    own = open_ | {"choice": 1, "rgb": "#0000ff"}
    found = read_hints(written({"hints": [open_, chosen, own]}))
    assert [hint.rgb for hint in found] == [(0, 255, 0), (0, 0, 255)]
    assert "no question is answered" in refusal(read_hints, written([open_]))


def test_editors_may_leave_a_byte_order_mark(tmp_path):
    path = tmp_path / "marked.json"
    path.write_text('[{"x": 1, "y": 2, "rgb": "#010203"}]', encoding="utf-8-sig")
    assert read_hints(path) == [Hint(1, 2, (1, 2, 3))]


WRONG = {
    "not JSON": ("{", "is not JSON"),
    "deep": ("[" * 100_000, "nested too deeply|is not JSON"),
    "a number": (3, "should be a list of hints"),
    "no hints": ([], "has no hints"),
    "an item": ([3], "hint 1: should be an object with"),
    "no place": ([{"x": 1, "rgb": "#ff0000"}], "hint 1: should be an object with"),
    "a key": (
        [{"x": 1, "y": 2, "colour": "#ff0000"}],
        'hint 1: no key is called \'colour\'; there are "x", "y", "rgb", "radius", "frame", "time"',
    ),
    "no color": ([{"x": 1, "y": 2}], "hint 1: rgb is missing"),
    "a color": ([{"x": 1, "y": 2, "rgb": "red"}], "the color 'red' should be #rrggbb"),
    "levels": ([{"x": 1, "y": 2, "rgb": [0, 0, 256]}], "three numbers, 0 to 255"),
    "a fraction": ([{"x": 1.5, "y": 2, "rgb": "#ff0000"}], "x is 1.5, should be a whole number"),
    "true": ([{"x": True, "y": 2, "rgb": "#ff0000"}], "x is True"),
    "a radius": (
        [{"x": 1, "y": 2, "rgb": "#ff0000", "radius": -3}],
        "should be a whole number from 0 to",
    ),
    "a choice": ([{"x": 1, "y": 2, "colors": ["#ff0000"], "choice": 2}], "should be 1 to 1"),
    "a size": ({"width": 9, "height": 9, "hints": []}, "of 9 x 9 pixels, should be 20 x 10"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_json_is_refused_in_one_line_that_names_the_file(written, name):
    content, message = WRONG[name]
    said = refusal(read_hints, written(content), (10, 20))
    assert "hints.json" in said and any(part in said for part in message.split("|"))


def test_strokes(painted):
    (strokes,) = read_hints(painted(), (6, 8))
    assert isinstance(strokes, Strokes)
    np.testing.assert_array_equal(np.argwhere(strokes.alpha), [[2, 3]])
    np.testing.assert_array_equal(strokes.rgb[2, 3], [255, 0, 0])


def test_gray_strokes_of_16_bits(tmp_path):
    import cv2

    levels = np.zeros((6, 8, 4), np.uint16)
    levels[4, 5] = [0x8080, 0x8080, 0x8080, 0xFFFF]
    assert cv2.imwrite(str(tmp_path / "deep.png"), levels)
    (strokes,) = read_hints(tmp_path / "deep.png")
    assert strokes.rgb.dtype == np.uint8 and strokes.rgb[4, 5].tolist() == [128] * 3
    assert strokes.alpha[4, 5] == 255


def test_wrong_strokes_are_refused(painted, tmp_path):
    said = refusal(read_hints, painted(), (6, 9))
    assert "strokes.png: for a picture of 8 x 6 pixels, should be 9 x 6" in said
    assert "is transparent all over" in refusal(read_hints, painted(alpha=100))
    Image.new("RGB", (8, 6)).save(tmp_path / "opaque.png")
    assert "opaque.png: has no transparency" in refusal(read_hints, tmp_path / "opaque.png")
    (tmp_path / "text.png").write_text("text")
    assert "text.png: " in refusal(read_hints, tmp_path / "text.png")
    assert "gone.png: no such file" in refusal(read_hints, tmp_path / "gone.png")
