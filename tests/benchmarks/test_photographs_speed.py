"""The frame of the benchmark: commands, their memory, and its photographs."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import photographs_speed
from polychrome.files import read_json

ROOT = Path(__file__).parents[2]


def test_a_command_is_timed_with_its_own_peak_of_memory(tmp_path):
    cv2.imwrite(str(tmp_path / "one.png"), photographs_speed.photograph(40, 60))
    ours = np.ones(2**27)  # 1 GiB, which a started process must not be blamed for
    seconds, processor, peak = photographs_speed._command(tmp_path / "one.png")
    assert 0 < processor and 0 < seconds and ours.sum() == 2**27
    assert 50 < peak < 900
    colored = cv2.imread(str(tmp_path / "one.color.png"))
    assert colored.shape == (40, 60, 3) and np.ptp(colored.astype(int), axis=-1).max() > 3
    with pytest.raises(ChildProcessError, match=r"missing\.jpg"):
        photographs_speed._command(tmp_path / "missing.jpg")


def test_photographs_have_grain_at_every_size():
    picture = photographs_speed.photograph(300, 400)
    assert picture.shape == (300, 400) and picture.dtype == np.uint8
    assert 3 < np.diff(picture.astype(float), axis=1).std() < 30


def test_the_page_shows_the_figures_that_are_kept(tmp_path):
    page, kept = ROOT / "benchmarks" / "README.md", ROOT / "benchmarks" / "results"
    record = kept / "photographs_speed.json"
    copy = tmp_path / "README.md"
    copy.write_text(page.read_text())
    assert photographs_speed.main(["--json", str(record), "--page", str(copy)]) == 0
    assert copy.read_text() == page.read_text()
    folder = read_json(record)["folder"]
    assert f"{folder['pictures'] / folder['seconds']:.2f} pictures/s" in page.read_text()
