"""`polychrome colorize` with hints, and with questions."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_runs import contents
from films import write_film
from PIL import Image

from polychrome.color.spaces import rgb_to_lab


def ab(path, x, y) -> np.ndarray:
    with Image.open(path) as image:
        return rgb_to_lab(np.asarray(image.convert("RGB")))[y, x, 1:]


def paint(name, size=(48, 40), place=(10, 20), color=(200, 30, 30)):
    """Strokes of 5 x 5 pixels."""
    levels = np.zeros((size[1], size[0], 4), np.uint8)
    levels[place[1] - 2 : place[1] + 3, place[0] - 2 : place[0] + 3] = [*color, 255]
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(name)


def test_hints_as_options(here, draw, run):
    draw("a.png")
    status, lines = run(*("colorize", "a.png", "--hint", "10,20,#c81e1e", "--hint=40,10,#1e1ec8"))
    assert (status, lines) == (0, ["colorized 1 picture: a.color.png"])
    assert ab("a.color.png", 10, 20)[0] > 35 and ab("a.color.png", 40, 10)[1] < -35


def test_strokes_and_json_give_what_options_give(here, draw, run):
    draw("a.png")
    Path("hints.json").write_text(json.dumps([{"x": 10, "y": 20, "rgb": "#c81e1e"}]))
    paint("strokes.png")
    for option in ("--hint=10,20,#c81e1e", "--hints=hints.json", "--hints=strokes.png"):
        assert run("colorize", "a.png", option, "-o", f"{option[-4:]}.png")[0] == 0
    assert Path("1e1e.png").read_bytes() == Path("json.png").read_bytes()
    np.testing.assert_allclose(ab(".png.png", 10, 20), ab("json.png", 10, 20), atol=5)


def test_a_folder_of_hints_for_a_folder_of_pictures(here, draw, run):
    for name in ("in/a.jpg", "in/deep/b.png", "in/c.png"):
        draw(name)
    paint("marks/a.png")
    Path("marks/deep").mkdir()
    hint = {"x": 10, "y": 20, "radius": 2, "rgb": [30, 30, 200]}
    Path("marks/deep/b.json").write_text(json.dumps([hint]))
    assert run("colorize", "in", "--hints", "marks", "-o", "out")[0] == 0
    assert ab("out/a.color.jpg", 10, 20)[0] > 35
    assert ab("out/deep/b.color.png", 10, 20)[1] < -35
    run("colorize", "in/c.png", "-o", "plain.png")
    assert Path("out/c.color.png").read_bytes() == Path("plain.png").read_bytes()


def test_in_a_folder_a_picture_whose_questions_nobody_answered_is_colored_as_usual(here, draw, run):
    for name in ("in/a.png", "in/b.png"):
        draw(name)
    said = "wrote questions about 2 pictures, each as .ask.png, and as .ask.json for the answers"
    assert run("colorize", "in", "--ask", "2", "-o", "asked") == (0, [said])
    answers = json.loads(Path("asked/a.ask.json").read_text())
    answers["hints"][1]["rgb"] = "#b01414"
    Path("asked/a.ask.json").write_text(json.dumps(answers))
    assert run("colorize", "in", "--hints", "asked", "-o", "out") == (0, ["colorized 2 pictures"])
    x, y = (answers["hints"][1][key] for key in "xy")
    assert ab("out/a.color.png", x, y)[0] > 30
    run("colorize", "in/b.png", "-o", "plain.png")
    assert Path("out/b.color.png").read_bytes() == Path("plain.png").read_bytes()
    status, lines = run("colorize", "in/b.png", "--hints", "asked/b.ask.json")
    assert status == 1 and "no question is answered" in lines[0]


def test_hints_are_on_the_upright_picture(here, draw, run):
    draw("a.jpg", size=(60, 40))
    with Image.open("a.jpg") as image:
        exif = image.getexif()
        exif[0x0112] = 6
        image.save("turned.jpg", exif=exif, quality=95)
    assert run("colorize", "turned.jpg", "--hint", "5,50,#c81e1e")[0] == 0
    assert ab("turned.color.jpg", 5, 50)[0] > 30


REFUSED = {
    "outside": (["--hint", "90,5,#ff0000"], 1, "the picture has 48 x 40 pixels, so x should be 0"),
    "a color": (["--hint", "9,5,red"], 2, "the color 'red' should be #rrggbb, as #b04030"),
    "beside it": (["--hint=48,5,#ff0000"], 1, "so x should be 0 to 47 and y 0 to 39"),
    "left of it": (["--hint=-1,5,#ff0000"], 1, "so x should be 0 to 47 and y 0 to 39"),
    "99 seconds": (["--hint-time", "1:99"], 2, "seconds and minutes behind a colon are below 60"),
    "a half minute": (["--hint-time", "0.5:10"], 2, "'0.5:10' should be a time: seconds, or 1:02:"),
    "a form": (["--hint", "9;5"], 2, "should be x,y,#rrggbb, as 120,80,#b04030"),
    "no file": (["--hints", "gone.png"], 1, "--hints gone.png: no such file or folder"),
    "a size": (["--hints", "small.png"], 1, "for a picture of 20 x 10 pixels, should be 48 x 40"),
    "JSON": (["--hints", "bad.json"], 1, "bad.json is not JSON"),
    "a folder": (["--hints", "empty"], 1, "has no hints for any of the pictures, such as a.png or"),
    "with --ask": (["--ask", "2", "--hint", "1,1,#fff"], 2, "leave out --hint"),
    "a number": (["--ask", "0"], 2, "'0' should be a whole number from 1 to 99"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_one_line_and_leaves_nothing(here, draw, run, name):
    draw("a.png")
    paint("small.png", size=(20, 10), place=(5, 5))
    Path("bad.json").write_text("{")
    Path("empty").mkdir()
    before = contents(here)
    options, expected, message = REFUSED[name]
    status, lines = run("colorize", "a.png", *options)
    assert status == expected and any(message in line for line in lines)
    # Reasons why a picture failed come before the count.
    assert len(lines) == (2 if lines[-1].endswith("; 1 failed") else 1)
    assert contents(here) == before


def test_hints_of_one_picture_are_not_for_several(here, draw, run):
    draw("a.png"), draw("b.png")
    status, lines = run("colorize", "a.png", "b.png", "--hint", "1,1,#ff0000")
    assert status == 2 and "--hint: is for one picture, not for 2" in lines[0]


@pytest.mark.parametrize("option", ["--hint=1,1,#ff0000", "--hints=hints.json"])
def test_hints_are_for_a_picture_or_a_film_not_for_both(here, draw, run, option):
    draw("a.png")
    write_film("film.mp4", np.full((2, 48, 64), 90, np.uint8))
    Path("hints.json").write_text('[{"x": 1, "y": 1, "rgb": "#ff0000", "time": 0}]')
    before = contents(here)
    status, lines = run("colorize", "a.png", "film.mp4", option)
    said = f"{option.partition('=')[0]}: is for a picture or a film, not for both"
    assert status == 2 and len(lines) == 1 and said in lines[0]
    assert contents(here) == before


def test_a_folder_of_hints_is_for_the_pictures_beside_a_film(here, draw, run):
    draw("a.png")
    write_film("film.mp4", np.full((2, 48, 64), 90, np.uint8))
    paint("marks/a.png")
    assert run("colorize", "a.png", "film.mp4", "--hints", "marks")[0] == 0
    assert ab("a.color.png", 10, 20)[0] > 35 and Path("film.color.mp4").is_file()


def test_questions_and_answers(here, draw, run):
    draw("in/a.png", size=(64, 48), seed=3)
    status, lines = run("colorize", "in", "--ask", "3")
    said = "wrote questions about 1 picture: in/a.ask.png, and in/a.ask.json for the answers"
    assert (status, lines) == (0, [said])
    assert set(contents("in")) == {"a.png", "a.ask.png", "a.ask.json"}
    asked = json.loads(Path("in/a.ask.json").read_text())
    assert (asked["picture"], asked["width"], asked["height"]) == ("a.png", 64, 48)
    assert [item["number"] for item in asked["hints"]] == [1, 2, 3]
    with Image.open("in/a.ask.png") as sheet:
        levels = np.asarray(sheet)
    for color in asked["hints"][0]["colors"]:
        rgb = bytes.fromhex(color[1:])
        assert (levels == list(rgb)).all(axis=-1).sum() > 300

    status, lines = run("colorize", "in/a.png", "--hints", "in/a.ask.json")
    assert status == 1 and "no question is answered" in lines[0]
    asked["hints"][0]["rgb"] = "#b01414"
    Path("in/a.ask.json").write_text(json.dumps(asked))
    # The sheet is no picture to colorize; the folder has the hints of its own pictures.
    assert run("colorize", "in", "--hints", "in")[0] == 0
    assert set(contents("in")) == {"a.png", "a.ask.png", "a.ask.json", "a.color.png"}
    assert ab("in/a.color.png", asked["hints"][0]["x"], asked["hints"][0]["y"])[0] > 30
