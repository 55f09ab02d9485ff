"""Files of one photograph differ in pixels alone, and decoders read them."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from experiments.turing.pictures import chunks, encode_alike, read_finished, read_shown
from polychrome.errors import InputError


def several(height: int, width: int) -> list[np.ndarray]:
    """Pictures whose files would differ much: noise, a plain one, a ramp."""
    rng = np.random.default_rng(height * width)
    noise = rng.integers(0, 256, (height, width, 3), np.uint8)
    ramp = np.broadcast_to(np.arange(width, dtype=np.uint8)[:, None], noise.shape)
    return [noise, np.full_like(noise, 7), np.ascontiguousarray(ramp)]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (31, 17), (60, 90)], ids=str)
def test_files_have_equal_chunks_and_each_its_pixels(size):
    pictures = several(*size)
    files = encode_alike(pictures)
    makeup = [[(kind, len(data)) for kind, data in chunks(file)] for file in files]
    assert makeup[0] == makeup[1] == makeup[2]
    assert [kind for kind, _ in makeup[0]] == ["IHDR", "IDAT", "IEND"]
    assert len({chunks(file)[0] for file in files}) == 1  # the same header
    for picture, file in zip(pictures, files, strict=True):
        with Image.open(io.BytesIO(file)) as image:
            assert image.mode == "RGB" and not image.info
            np.testing.assert_array_equal(np.asarray(image), picture)
        decoded = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
        np.testing.assert_array_equal(decoded[..., ::-1], picture)


def test_every_difference_of_lengths_is_made_up_for():
    """Runs of noise of 0 to 40 pixels in a black row: lengths differ by every small number."""
    rng = np.random.default_rng(0)
    pictures = []
    for noisy in range(41):
        row = np.zeros((1, 64, 3), np.uint8)
        row[:, :noisy] = rng.integers(0, 256, (1, noisy, 3))
        pictures.append(row)
    files = encode_alike(pictures)
    assert len({len(file) for file in files}) == 1
    for picture, file in zip(pictures, files, strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file))), picture)


def test_a_photograph_is_reduced_to_its_longer_side_but_never_enlarged(tmp_path):
    path = tmp_path / "wide.png"
    halves = np.full((100, 200, 3), (200, 40, 40), np.uint8)
    halves[:, 100:] = (40, 40, 200)
    Image.fromarray(halves).save(path)
    pixels, is_colored = read_shown(path, 80)
    assert pixels.shape == (40, 80, 3) and pixels.dtype == np.uint8 and is_colored
    np.testing.assert_array_equal(pixels, halves[:40, 60:140])
    assert read_shown(path, 480)[0].shape == (100, 200, 3)


def test_a_gray_photograph_of_16_bits_is_read_and_told(tmp_path):
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), np.full((20, 30), 128 * 257, np.uint16))
    pixels, is_colored = read_shown(path, 480)
    assert (pixels == 128).all() and pixels.shape == (20, 30, 3) and not is_colored


@pytest.mark.parametrize(("size", "words"), [((40, 50), "or more"), ((80, 80), "the shape")])
def test_finished_pictures_of_other_size_or_shape_are_refused(tmp_path, size, words):
    path = tmp_path / "done.png"
    Image.fromarray(np.zeros((*size, 3), np.uint8)).save(path)
    with pytest.raises(InputError, match=f"done.png.*{words}"):
        read_finished(path, 48, 64)
