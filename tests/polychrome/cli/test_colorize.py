"""`polychrome colorize` in this process: what is written, and what is said."""

import os
import re
import resource
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from command_runs import contents
from PIL import Image

import polychrome
from polychrome.color.spaces import rgb_to_lab
from polychrome.presets import shipped


def levels(path):
    """The levels of a picture, read to the end."""
    with Image.open(path) as image:
        return np.asarray(image)


def form(path):
    """The format that a file's content has."""
    with Image.open(path) as image:
        return image.format


def test_a_file_is_colorized_beside_itself_and_kept(here, draw, run):
    before = draw("a.png").read_bytes()
    assert run("colorize", "a.png") == (0, ["colorized 1 picture: a.color.png"])
    rgb = levels("a.color.png")
    assert rgb.shape == (40, 48, 3) and np.ptp(rgb.astype(int), axis=-1).max() > 10
    assert form("a.color.png") == "PNG"
    assert Path("a.png").read_bytes() == before and len(list(here.iterdir())) == 2


def test_the_pixels_are_those_of_python(here, draw, run):
    from polychrome.photographs.opening import open_photograph

    draw("a.png", (61, 47))
    options = {"vivid": 0.7, "saturation": 0.5, "upsampling": "bilinear"}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    assert run("colorize", "a.png", *arguments)[0] == 0
    expected = polychrome.load().colorize_photograph(open_photograph("a.png"), **options)
    np.testing.assert_array_equal(levels("a.color.png"), expected)
    plain = polychrome.load().colorize_photograph(open_photograph("a.png"))
    assert (expected != plain).any()


def test_files_folders_and_patterns_go_into_a_folder_with_their_structure(here, draw, run):
    for seed, name in enumerate(["in/a.jpg", "in/deep/b.png", "c.tif", "more/x/d.webp"]):
        draw(name, seed=seed)
    status, lines = run("colorize", "in", "c.tif", "more/**/*.webp", "-o", "out")
    assert status == 0 and lines[-1] == "colorized 4 pictures"
    assert set(contents("out")) == {
        "a.color.jpg",
        "deep/b.color.png",
        "c.color.tif",
        "x/d.color.webp",
    }
    formats = [form(path) for path in sorted(Path("out").rglob("*.color.*"))]
    assert formats == ["JPEG", "TIFF", "PNG", "WEBP"]


def test_the_same_command_again_skips_and_overwrite_does_not(here, draw, run):
    draw("in/a.png"), draw("in/b.png", seed=1)
    run("colorize", "in")
    made = contents("in")
    Path("in/a.color.png").write_bytes(b"mine")
    Path("in/b.color.png").unlink()
    again = (
        "colorized 1 picture: in/b.color.png; skipped 1 finished before (--overwrite redoes them)"
    )
    assert run("colorize", "in") == (0, [f"{again}; left out 1 output of earlier runs"])
    assert contents("in") == made | {"a.color.png": b"mine"}
    assert run("colorize", "in", "--overwrite")[0] == 0
    assert contents("in") == made


def test_bad_files_cost_a_line_each_and_status_1(here, draw, run, damaged_files):
    draw("in/good.png")
    for name in ("empty.jpg", "text.jpg", "truncated.png"):
        shutil.copy(damaged_files / name, "in")
    os.mkfifo("in/pipe.jpg")
    status, lines = run("colorize", "in", "gone.jpg")
    assert status == 1 and lines[-1] == "colorized 1 picture: in/good.color.png; 5 failed"
    named = [line.partition(": ")[0] for line in lines[:-1]]
    assert named == ["gone.jpg"] + [
        f"in/{name}" for name in ("empty.jpg", "pipe.jpg", "text.jpg", "truncated.png")
    ]
    assert not any(line.count(".jpg:") > 1 for line in lines)
    assert [path.name for path in Path("in").glob("*.color.*")] == ["good.color.png"]


@pytest.mark.parametrize(
    "name", ["Ünïcode 日本.png", "two\nlines.png", "-o.png", os.fsdecode(b"byte\xff.png")]
)
def test_unusual_names(here, draw, run, name):
    draw("in/plain.png").rename(Path("in") / name)
    (Path("in") / f"bad {name}").write_text("text")
    status, lines = run("colorize", "in", "--overwrite")
    assert status == 1 and len(lines) == 2 and all(line.isprintable() for line in lines)
    reason = lines[0].partition(": ")[2]
    assert reason and "bad" not in reason
    os.chdir("in")
    output = Path(name).with_suffix(".color.png")
    output.unlink()
    assert run("colorize", "--", name)[0] == 0
    assert levels(output).shape == (40, 48, 3)


def test_options_may_stand_between_inputs(here, draw, run):
    draw("a.png"), draw("b.png"), draw("-c.png")
    assert run("colorize", "a.png", "-o", "out", "b.png", "--suffix=", "--", "-c.png")[0] == 0
    assert set(contents("out")) == {"a.png", "b.png", "-c.png"}


def test_colored_pictures_are_recolored_and_named(here, draw, run):
    draw("a.png"), draw("b.png", mode="RGB")
    status, lines = run("colorize", "a.png", "b.png")
    assert status == 0 and lines == [
        "recolored, had color already: b.png",
        "colorized 2 pictures; 1 of them had color already",
    ]


def test_damaged_jpeg_files_are_colorized_and_named(here, smooth, run):
    Image.fromarray(smooth(1, 200, 200)[0]).convert("L").save("a.jpg", quality=95)
    encoded = Path("a.jpg").read_bytes()
    middle = len(encoded) // 2
    Path("b.jpg").write_bytes(encoded[:middle] + bytes(100) + encoded[middle + 100 :])
    status, lines = run("colorize", "a.jpg", "b.jpg")
    assert status == 0 and re.fullmatch(r"may be damaged \(\w[\w ]+\): b\.jpg", lines[0])
    assert lines[1:] == ["colorized 2 pictures; 1 of them may be damaged"]
    assert Path("b.color.jpg").exists()


def test_toned_pictures_lose_their_tone_and_are_not_named(here, smooth, run):
    gray = smooth(1, 80, 96)[0].mean(axis=-1, keepdims=True) / 255
    sepia = np.uint8(255 * gray ** np.array([0.8, 1.0, 1.3]))
    Image.fromarray(sepia).save("a.png")
    gray_too = ["colorize", "a.png", "--saturation", "0", "-o", "gray.png"]
    assert run(*gray_too) == (0, ["colorized 1 picture: gray.png"])
    assert np.ptp(levels("gray.png").astype(int), axis=-1).max() <= 1
    assert np.ptp(sepia.astype(int), axis=-1).max() > 20


def test_what_a_format_cannot_keep_is_said(here, smooth, run):
    rgba = np.dstack([smooth(1, 40, 48)[0], np.full((40, 48), 99, np.uint8)])
    Image.fromarray(rgba).save("a.png")
    Image.fromarray(rgba[..., 0].astype(np.uint16) * 257).save("b.png")
    status, lines = run("colorize", "a.png", "b.png", "--format", "jpg")
    assert status == 0 and form("a.color.jpg") == "JPEG"
    assert "not kept: transparency: a.png" in lines
    assert "not kept: 16 bits to 8: b.png" in lines


def test_depth_and_transparency_are_kept_in_png(here, smooth, run):
    import cv2

    gray = smooth(1, 40, 48)[0, ..., 0]
    Image.fromarray(np.dstack([gray, gray // 2])).save("a.png")
    Image.fromarray(gray.astype(np.uint16) * 257).save("b.png")
    assert run("colorize", "a.png", "b.png")[0] == 0
    np.testing.assert_array_equal(levels("a.color.png")[..., 3], gray // 2)
    assert cv2.imread("b.color.png", cv2.IMREAD_UNCHANGED).dtype == np.uint16


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_comparison_is_gray_at_the_left_and_the_output_at_the_right(here, smooth, run, mode):
    image = Image.fromarray(smooth(1, 40, 48)[0]).convert(mode)
    if mode == "RGBA":
        image.putalpha(77)
    image.save("a.png")
    assert run("colorize", "a.png", "--compare", "-o", "out.png")[0] == 0
    left, right = np.split(levels("out.compare.png"), 2, axis=1)
    np.testing.assert_array_equal(right, levels("out.png"))
    assert (left[..., 0] == left[..., 1]).all() and (left[..., 0] == left[..., 2]).all()
    lightness = [rgb_to_lab(part[..., :3] / np.float32(255))[..., 0] for part in (left, right)]
    assert np.abs(lightness[0] - lightness[1]).max() < 1
    if mode == "L":
        np.testing.assert_array_equal(left[..., 0], np.asarray(image))
    elif mode == "RGBA":
        assert (left[..., 3] == 77).all()
    # It is made alone if it alone is missing.
    Path("out.compare.png").unlink()
    os.utime("out.png", (0, 0))
    assert run("colorize", "a.png", "--compare", "-o", "out.png")[0] == 0
    assert Path("out.compare.png").exists() and os.stat("out.png").st_mtime == 0


def test_pages_are_asked_for(here, smooth, run):
    pages = [Image.fromarray(page).convert("L") for page in smooth(3, 40, 48)]
    pages[0].save("a.tif", save_all=True, append_images=pages[1:])
    pages[0].save("b.png")
    status, lines = run("colorize", "a.tif", "b.png")
    assert status == 1 and lines[0].startswith("a.tif: ") and "--page" in lines[0]
    assert run("colorize", "a.tif", "--page", "2")[0] == 0
    assert run("colorize", "a.tif", "b.png", "--page", "all")[0] == 0
    assert {path.name for path in here.glob("a.*.tif")} == {
        f"a.page{number}.color.tif" for number in (1, 2, 3)
    }
    pages[1].save("second.tif")
    assert run("colorize", "second.tif")[0] == 0
    np.testing.assert_array_equal(levels("a.page2.color.tif"), levels("second.color.tif"))
    status, lines = run("colorize", "a.tif", "--page", "4")
    assert status == 1 and lines[0] == "a.tif: has 3 pages, no page 4"
    assert run("colorize", "second.tif", "--page", "4")[1][0].endswith("has 1 page, no page 4")


def test_quality_makes_smaller_files_of_lossy_formats_alone(here, draw, run):
    draw("a.jpg", (200, 160)), draw("b.png")
    assert run("colorize", "a.jpg", "b.png", "--quality", "20", "-o", "q20")[0] == 0
    assert run("colorize", "a.jpg", "-o", "usual")[0] == 0
    sizes = [os.path.getsize(f"{folder}/a.color.jpg") for folder in ("q20", "usual")]
    assert sizes[0] < sizes[1] / 2
    assert run("colorize", "b.png", "--quality", "20", "-o", "x") == (
        2,
        ["error: --quality: is for JPEG and WebP, and no output is one; leave it out"],
    )


def test_disclosure_can_be_left_out(here, draw, run):
    draw("a.png")
    run("colorize", "a.png"), run("colorize", "a.png", "--no-disclosure", "-o", "out")
    said = [b"photo" in Path(name).read_bytes() for name in ("a.color.png", "out/a.color.png")]
    assert said == [True, False]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("a.png --vivid 1.1", "--vivid: '1.1' should be a number from 0 to 1"),
        ("a.png --vivid nan", "--vivid: 'nan' should be"),
        ("a.png --saturation -1", "--saturation: '-1' should be a number, 0 or more"),
        ("a.png --saturation inf", "--saturation: 'inf' should be"),
        ("a.png --quality 0", "--quality: '0' should be a whole number from 1 to 100"),
        ("a.png --quality 101", "--quality: '101' should be"),
        ("a.png --page 0", "--page: '0' should be a page's number from 1 on, or all"),
        ("a.png --max-pixels many", "--max-pixels: 'many' should be a number of pixels"),
        ("a.png --suffix x/y", "--suffix: 'x/y' should be a part of a name"),
        ("a.png --format gif", "--format: invalid choice: 'gif'"),
        ("a.png --upsampling cubic", "--upsampling: invalid choice: 'cubic'"),
        ("a.png --format png --quality 9", "--quality: is for JPEG and WebP, not for --format png"),
        ("a.png --format png -o b.jpg", "-o b.jpg: its suffix is not of --format png"),
        ("a.png --page all -o b.png", "--page all: makes several pictures"),
        ("a.png a.png -o b.png", "-o b.png: names one picture"),
        ("", "the following arguments are required: INPUT (polychrome colorize --help"),
        ("a.png --compare --suffix .compare", "--suffix .compare: is the end of the names"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(here, draw, run, arguments, message):
    draw("a.png")
    status, lines = run("colorize", *arguments.split())
    assert status == 2 and len(lines) == 1 and message in lines[0]
    assert len(list(here.iterdir())) == 1


def test_a_file_whose_name_looks_like_an_option_gets_a_hint(here, draw, run):
    draw("-dash.png"), draw("a.png")
    hint = "(for the file -dash.png write ./-dash.png)"
    for arguments in (["-dash.png"], ["a.png", "-dash.png"]):
        status, lines = run("colorize", *arguments)
        assert status == 2 and len(lines) == 1 and lines[0].endswith(hint)
    assert run("colorize", "./-dash.png")[0] == 0


def test_a_skipped_output_that_may_show_another_picture_is_named(here, draw, run):
    draw("a.bmp"), draw("a.png", seed=1)
    assert run("colorize", "a.bmp")[0] == 0
    assert run("colorize", "a.png") == (
        0,
        [
            "skipped, but the output may be of another picture beside it: a.png",
            "colorized 0 pictures; skipped 1 finished before (--overwrite redoes them)",
        ],
    )


def test_a_name_too_long_for_its_output_fails_alone(here, draw, run):
    draw("in/ok.png"), draw("in/b.png").rename("in/" + 250 * "y" + ".png")
    status, lines = run("colorize", "in")
    assert status == 1 and len(lines) == 2 and "File name too long" in lines[0]
    assert lines[1] == "colorized 1 picture: in/ok.color.png; 1 failed"


def test_without_a_suffix_the_same_command_goes_on(here, draw, run):
    draw("in/a.jpg"), draw("in/b.jpg", seed=1)
    command = ["colorize", "in", "--suffix", "", "--format", "png"]
    assert run(*command) == (0, ["colorized 2 pictures"])
    made = contents("in")
    Path("in/b.png").unlink()
    expected = "colorized 1 picture: in/b.png; skipped 1 finished before (--overwrite redoes them)"
    assert run(*command) == (0, [f"{expected}; left out 1 output of earlier runs"])
    assert contents("in") == made


def test_a_dial_that_a_model_lacks_is_refused_with_those_that_have_one(here, draw, run):
    import json

    draw("a.png")
    shutil.copytree(Path(polychrome.__file__).parent / "presets" / "photo", "dull")
    card = json.loads(Path("dull/preset.json").read_text())
    card |= {"name": "dull", "outputs": ["ab"]}
    Path("dull/preset.json").write_text(json.dumps(card))
    status, lines = run("colorize", "a.png", "--model", "dull", "--vivid", "0.5")
    assert status == 2
    assert lines == ["error: --vivid: dull has no such dial; photo, tiny have one"]
    status, lines = run("colorize", "a.png", "--model", "no_such")
    assert status == 1 and len(lines) == 1 and "no_such" in lines[0]


def test_a_saved_model_of_a_network_with_a_dial_says_that_it_has_none_here(here, draw, run):
    draw("a.png")
    saved = Path("saved_models/photo/1")
    (saved / "assets.extra").mkdir(parents=True)
    (saved / "saved_model.pb").touch()  # read when it colorizes
    shutil.copy(shipped()["photo"] / "preset.json", saved / "assets.extra")
    for options, lacks in (
        (["--vivid", "0.5"], "--vivid: a SavedModel that is loaded here has no dial"),
        (["--ask", "3"], "--ask: a SavedModel that is loaded here predicts no spread"),
    ):
        status, lines = run("colorize", "a.png", "--model", saved, *options)
        assert status == 2
        assert lines == [f"error: {lacks}; load the preset of its run, or photo"]


def test_no_pictures_at_all_is_an_error(here, draw, run):
    Path("in").mkdir()
    assert run("colorize", "in") == (1, ["error: in: no pictures found"])
    draw("in/a.color.png")
    expected = "error: in: no pictures found (1 output of earlier runs left out)"
    assert run("colorize", "in") == (1, [expected])


def test_too_many_pixels_are_refused_by_the_header(here, draw, run):
    draw("a.png"), draw("b.png", (10, 10))
    status, lines = run("colorize", "a.png", "b.png", "--max-pixels", "1e3")
    assert status == 1 and lines[0].startswith("a.png: ")
    assert lines[1] == "colorized 1 picture: b.color.png; 1 failed"


def test_a_disk_that_is_full_costs_the_pictures_that_do_not_fit(here, draw, run):
    draw("large.png", (900, 700)), draw("small.png", (16, 16))
    limit, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.SIGXFSZ
    assert signal.getsignal(ignored) == signal.SIG_IGN  # Python gives an OSError instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limit[1]))
    try:
        status, lines = run("colorize", "large.png", "small.png", "-o", "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert status == 1 and lines[0].startswith("large.png: cannot write out/large.color.png: ")
    assert set(contents("out")) == {"small.color.png"}
    assert run("colorize", "large.png", "small.png", "-o", "out")[0] == 0


def test_a_place_that_cannot_be_a_folder_is_named(here, draw, run):
    draw("a.png"), Path("file").write_text("")
    status, lines = run("colorize", "a.png", "-o", "file/out")
    assert status == 1 and "cannot write file/out/a.color.png: " in lines[0]
    assert Path("file").is_file()
