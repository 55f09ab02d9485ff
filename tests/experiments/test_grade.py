"""UCI's gradings of one pair of images: a plain loop is the authority."""

import json
import runpy
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from experiments.grade import main
from experiments.grading.pair import compare_pair, uci_metrics
from tf_data.superpixels.segmentation import Superpixels, painted

OPTIONS = Superpixels.uci(30, 44)


@pytest.fixture
def pair(smooth) -> tuple[np.ndarray, np.ndarray]:
    """A picture and a poor copy; levels and ties that meet every bound exactly are among them."""
    truth = smooth(1, 30, 44, seed=3)[0]
    random = np.random.default_rng(3)
    prediction = np.clip(truth + random.integers(-45, 46, truth.shape), 0, 255).astype(np.uint8)
    truth[:2, :, :], prediction[:2, :, :] = 100, 120
    prediction[1, :, 0] = 121
    return truth, prediction


def channel_of(pixel) -> int:
    red, green, blue = (int(value) for value in pixel)
    if red > green and red > blue:
        return 0
    if green > red and green > blue:
        return 1
    return 2


def by_a_loop(truth: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """All gradings as the report has them, in whole numbers: luma in hundredths of a level."""
    names = "red", "green", "blue"
    hits = dict.fromkeys((metric.key for metric in uci_metrics()), 0)
    totals = dict.fromkeys(names, 0)
    for row in range(truth.shape[0]):
        for column in range(truth.shape[1]):
            true, predicted = truth[row, column], prediction[row, column]
            channel = channel_of(true)
            totals[names[channel]] += 1
            if channel == channel_of(predicted):
                hits["max_channel"] += 1
                hits[f"max_channel_{names[channel]}"] += 1
            difference = [int(p) - int(t) for p, t in zip(predicted, true, strict=True)]
            mean = abs(sum(difference))  # thirds of a level
            luma = abs(30 * difference[0] + 59 * difference[1] + 11 * difference[2])
            hits["gray_mean"] += mean <= 60
            hits["gray_mean_exclusive"] += mean < 60
            hits["gray_luma"] += luma <= 2000
            hits["gray_luma_exclusive"] += luma < 2000
    pixels = truth.shape[0] * truth.shape[1]
    counts = {f"max_channel_{name}": total for name, total in totals.items()}
    return {key: value / counts.get(key, pixels) for key, value in hits.items()}


def test_grades_are_those_of_a_loop(pair):
    grades = compare_pair(*pair, OPTIONS)
    assert grades["plain"] == pytest.approx(by_a_loop(*pair), abs=1e-6)
    averaged = [painted(image[None], OPTIONS)[0] for image in pair]
    assert grades["superpixels"] == pytest.approx(by_a_loop(*averaged), abs=1e-6)
    # The bounds matter, and so do superpixels: neither test would notice it otherwise.
    plain = grades["plain"]
    assert plain["gray_mean"] > plain["gray_mean_exclusive"]
    assert plain["gray_luma"] > plain["gray_luma_exclusive"]
    assert grades["superpixels"]["max_channel"] != plain["max_channel"]


@pytest.fixture
def files(pair, tmp_path):
    paths = tmp_path / "truth.png", tmp_path / "predicted.png"
    for path, image in zip(paths, pair, strict=True):
        cv2.imwrite(str(path), image[..., ::-1])
    return paths


def test_the_command_prints_and_writes_the_grades(pair, files, tmp_path, capsys, monkeypatch):
    out = tmp_path / "grades.json"
    command = ["grade", *map(str, files), "--superpixels", "53", "--json", str(out)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("experiments.grade", run_name="__main__", alter_sys=True)
    assert stopped.value.code == 0
    written = json.loads(out.read_text())
    assert written["grades"] == compare_pair(*pair, OPTIONS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["53", "superpixels", "plain"]
    for line, metric in zip(lines[1:], uci_metrics(), strict=True):
        grades = [written["grades"][name][metric.key] for name in ("superpixels", "plain")]
        assert line.startswith(metric.label)
        shares = [f"{100 * share:.2f} %" for share in grades]
        assert line.removeprefix(metric.label).split() == " ".join(shares).split()
        ends = [line.index(shares[0]) + len(shares[0]), len(line)]
        assert ends == [lines[0].index("superpixels") + len("superpixels"), len(lines[0])]


def test_a_channel_that_the_truth_lacks_and_the_reports_number_of_superpixels(tmp_path, capsys):
    red = np.zeros((30, 44, 3), np.uint8)
    red[..., 2] = 200  # OpenCV's order
    cv2.imwrite(str(tmp_path / "red.png"), red)
    assert main([str(tmp_path / "red.png")] * 2) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "53 superpixels" in lines[0]
    assert lines[2].split()[-4:] == ["100.00", "%", "100.00", "%"]
    assert lines[3].split()[-2:] == ["-", "-"]


def test_a_photograph_on_its_side_is_turned_upright(pair, files, tmp_path, capsys):
    exif = Image.Exif()
    exif[0x0112] = 6  # the first row is at the right
    Image.fromarray(np.rot90(pair[0])).save(tmp_path / "lying.png", exif=exif)
    printed = []
    for truth in (files[0], tmp_path / "lying.png"):
        assert main([str(truth), str(files[1])]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_errors_are_one_line_that_names_the_file(files, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "small.png"), np.zeros((8, 9, 3), np.uint8))
    (tmp_path / "text.png").write_text("no picture")
    for arguments, message in (
        ([files[0], tmp_path / "small.png"], "44x30 pixels and the prediction 9x8"),
        ([files[0], tmp_path / "none.png"], "none.png: No such file"),
        ([tmp_path / "text.png", files[1]], "text.png is not a whole JPEG"),
    ):
        assert main([str(argument) for argument in arguments]) == 1
        printed = capsys.readouterr()
        assert message in printed.err and printed.err.count("\n") == 1
        assert not printed.out
