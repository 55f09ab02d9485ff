"""The examples of docs/guide.md run as they stand."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"
EXAMPLES = re.findall(r"^## (.+?)$.*?^```python\n(.*?)^```", GUIDE.read_text(), re.M | re.S)
GRAY = data.camera()[::2, ::2]  # [256, 256]


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """A folder with photograph.jpg, and scan.tif of 16 bits that names its photographer."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(GRAY).save("photograph.jpg", quality=95)
    scan = Image.fromarray(GRAY.astype(np.uint16) * 257)
    scan.save("scan.tif", tiffinfo={315: "Photographer"})
    return tmp_path


def run(title: str) -> dict:
    names: dict = {}
    exec(compile(dict(EXAMPLES)[title], f"{GUIDE.name}: {title}", "exec"), names)
    return names


def chroma(rgb: np.ndarray) -> float:
    return float(np.hypot(*np.moveaxis(rgb2lab(rgb)[..., 1:], -1, 0)).mean())


def test_there_are_five():
    assert len(EXAMPLES) == 5
    assert GUIDE.read_text().count("```python") == 5


def test_a_photograph(own_folder):
    run("A photograph")
    color = np.asarray(Image.open("color.png"))
    assert color.shape == (256, 256, 3) and chroma(color) > 3
    difference = (
        rgb2lab(color)[..., 0]
        - rgb2lab(np.asarray(Image.open("photograph.jpg").convert("RGB")))[..., 0]
    )
    assert np.abs(difference).max() < 0.5


def test_livelier_colors(own_folder):
    run("Livelier colors")
    found = {path.stem: chroma(np.asarray(Image.open(path))) for path in own_folder.glob("*.png")}
    assert found["vivid_0"] < found["vivid_0.5"] < found["vivid_1"]
    assert found["saturated"] > 1.3 * found["vivid_0"]


def test_arrays_of_16_bits(own_folder):
    names = run("Arrays, 16 bits")
    color = cv2.imread("color.tif", cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert color.dtype == np.uint16 and chroma(color) > 3
    np.testing.assert_array_equal(color, names["rgb"])
    np.testing.assert_array_equal(names["first"], color)
    assert names["second"].shape == (100, 80, 3)


def test_whole_files_with_their_metadata(own_folder):
    names = run("Whole files, with their metadata")
    assert names["lost"] == ()
    with Image.open("whole.tif") as written:
        assert written.tag_v2[315] == "Photographer"
        assert b"compositeWithTrainedAlgorithmicMedia" in written.tag_v2[700]
    color = cv2.imread("whole.tif", cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(color[..., ::-1], names["rgb"])


def test_numbers_instead_of_pictures(own_folder, capsys):
    run("Numbers instead of pictures")
    shape, spread = capsys.readouterr().out.splitlines()
    assert shape == "(1, 128, 192, 2)" and 1 < float(spread) < 50
