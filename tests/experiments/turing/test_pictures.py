"""Files of one photograph differ in pixels alone, and decoders read them."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from png_makeup import beside_pixels

from experiments.turing.pictures import encode_alike, enlargement, read_finished, read_shown
from polychrome.errors import InputError


def several(height: int, width: int) -> list[np.ndarray]:
    """Pictures whose files would differ much: noise, a plain one, a ramp."""
    rng = np.random.default_rng(height * width)
    noise = rng.integers(0, 256, (height, width, 3), np.uint8)
    ramp = np.broadcast_to(np.arange(width, dtype=np.uint8)[:, None], noise.shape)
    return [noise, np.full_like(noise, 7), np.ascontiguousarray(ramp)]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (31, 17), (150, 160)], ids=str)
def test_files_are_alike_but_for_their_pixels(size):
    """The largest needs two stored blocks: its rows have 72,150 bytes, a block at most 65,535."""
    pictures = several(*size)
    files = encode_alike(pictures)
    made = [beside_pixels(file) for file in files]
    assert made[0] == made[1] == made[2]
    kinds = ["signature", "IHDR", "IDAT", "IEND", "deflate", "filters"]
    assert [kind for kind, _ in made[0]] == kinds and set(made[0][-1][1]) == {0}
    for picture, file in zip(pictures, files, strict=True):
        with Image.open(io.BytesIO(file)) as image:
            assert image.mode == "RGB" and not image.info
            np.testing.assert_array_equal(np.asarray(image), picture)
        decoded = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
        np.testing.assert_array_equal(decoded[..., ::-1], picture)


@pytest.mark.parametrize(
    ("height", "width", "side", "times"),
    [
        (64, 64, 480, 4),
        (48, 64, 480, 4),
        (100, 40, 480, 2),
        (199, 150, 480, 2),
        (200, 1, 480, 1),
        (320, 480, 480, 1),
        (48, 64, 64, 1),  # --side is kept to
        (48, 64, 150, 2),
        (1, 1, 480, 200),
    ],
)
def test_small_photographs_are_enlarged_by_a_whole_factor(height, width, side, times):
    assert enlargement(height, width, side) == times


def test_all_pictures_of_a_photograph_are_enlarged_alike():
    pictures = several(5, 7)
    files = encode_alike(pictures, 3)
    made = [beside_pixels(file) for file in files]
    assert made[0] == made[1] == made[2]
    for picture, file in zip(pictures, files, strict=True):
        with Image.open(io.BytesIO(file)) as image:
            np.testing.assert_array_equal(np.asarray(image), np.kron(picture, np.ones((3, 3, 1))))


def test_pictures_of_other_sizes_are_not_alike():
    with pytest.raises(ValueError, match="differ in shape"):
        encode_alike([*several(2, 3), *several(3, 2)])


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
