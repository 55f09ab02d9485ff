"""What the benchmark of superpixels measures, on segmentations small enough to count by hand."""

import zipfile

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from benchmarks import superpixels
from benchmarks.measuring.segmentations import boundary_recall, read_bsds, undersegmentation_error
from polychrome.errors import InputError


def halves(edge: int) -> np.ndarray:
    """8 x 10 pixels, divided before column `edge`."""
    return np.repeat((np.arange(10) >= edge)[None], 8, axis=0).astype(int)


def test_boundaries_count_up_to_two_pixels_away():
    assert [boundary_recall(halves(edge), halves(5)) for edge in (5, 3, 7, 2, 8)] == [1, 1, 1, 0, 0]
    half = halves(5)
    half[4:] = 0  # also adds a boundary between rows 3 and 4, on the right
    assert boundary_recall(half, halves(5)) == pytest.approx(6 / 8)
    assert boundary_recall(halves(5), np.zeros((8, 10), int)) == 1


def test_the_smaller_part_of_a_superpixel_leaks():
    assert undersegmentation_error(halves(5), halves(5)) == 0
    assert undersegmentation_error(np.arange(80).reshape(8, 10), halves(5)) == 0
    # Column 5 lies in the left superpixel but the right segment: 8 pixels, in the pair with either.
    assert undersegmentation_error(halves(6), halves(5)) == pytest.approx(2 * 8 / 80)


def test_bsds_is_read(tmp_path, smooth, capsys):
    path = tmp_path / "bsds.zip"
    image = smooth(1, 40, 60)[0]
    people = np.empty((1, 2), object)
    for index, edge in enumerate((20, 30)):
        people[0, index] = {"Segmentation": np.repeat((np.arange(60) >= edge)[None] + 1, 40, 0)}
    savemat(tmp_path / "1.mat", {"groundTruth": people})
    with zipfile.ZipFile(path, "w") as archive:
        encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])[1]
        archive.writestr("BSDS500/images/val/1.jpg", encoded.tobytes())
        archive.write(tmp_path / "1.mat", "BSDS500/groundTruth/val/1.mat")
    ((read, segmentations),) = read_bsds(path)
    assert np.abs(read.astype(int) - image).mean() < 2
    for found, edge in zip(segmentations, (20, 30), strict=True):
        np.testing.assert_array_equal(found, np.repeat((np.arange(60) >= edge)[None] + 1, 40, 0))


def test_what_is_no_bsds_is_one_line(tmp_path, capsys):
    path = tmp_path / "other.zip"
    with pytest.raises(InputError, match="other.zip is no zip of BSDS500"):
        list(read_bsds(path))
    zipfile.ZipFile(path, "w").close()
    assert superpixels.main(["--bsds", str(path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {path} holds no .jpg: it should be a zip of BSDS500\n"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images/1.jpg", cv2.imencode(".jpg", np.zeros((9, 9, 3)))[1].tobytes())
    with pytest.raises(InputError, match="holds no groundTruth/1.mat"):
        list(read_bsds(path))
