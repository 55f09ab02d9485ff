"""Files of every kind to pixels, and pixels to the right size, against Pillow."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from polychrome.images import (
    cover_size,
    decode_rgb,
    encode_png,
    resize,
    resize_and_crop,
)


@pytest.fixture(scope="module")
def original(smooth):
    return smooth(1, 40, 56, seed=7)[0]


# file: largest and mean difference to the original in levels of 255.
COLORED = {
    "rgb.png": (0, 0),
    "rgb.bmp": (0, 0),
    "rgb.webp": (0, 0),
    "alpha.png": (0, 0),
    "alpha.webp": (0, 0),
    "animated.webp": (0, 0),
    "alpha_animated.webp": (0, 0),
    "rgb.jpg": (40, 4),
    "cmyk.jpg": (40, 4),
    "lossy.webp": (40, 4),
    "alpha_lossy.webp": (40, 4),
    "palette.png": (40, 6),
    "animated.gif": (40, 6),
}


@pytest.mark.parametrize("name", COLORED)
@pytest.mark.parametrize("mode", ["eager", "dataset"])
def test_decode_color(unusual_files, original, name, mode):
    encoded = (unusual_files / name).read_bytes()
    if mode == "eager":
        image = decode_rgb(tf.constant(encoded)).numpy()
    else:
        image = next(tf.data.Dataset.from_tensors(encoded).map(decode_rgb).as_numpy_iterator())
    assert image.shape == (40, 56, 3) and image.dtype == np.uint8
    difference = np.abs(image.astype(int) - original)
    largest, mean = COLORED[name]
    assert difference.max() <= largest and difference.mean() <= mean


@pytest.mark.parametrize("name", ["gray.jpg", "gray.png", "gray16.png"])
def test_decode_gray(unusual_files, original, name):
    image = decode_rgb((unusual_files / name).read_bytes()).numpy()
    assert image.shape == (40, 56, 3) and image.dtype == np.uint8
    assert np.all(image == image[..., :1])
    expected = np.asarray(Image.fromarray(original).convert("L")).astype(int)
    assert np.abs(image[..., 0] - expected).max() <= (8 if name == "gray.jpg" else 0)


@pytest.mark.parametrize(
    "name", ["empty.jpg", "text.jpg", "truncated.jpg", "truncated.png", "scan.tif"]
)
def test_what_is_no_image_says_so(damaged_files, name):
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        decode_rgb((damaged_files / name).read_bytes())
    assert (
        "image" in str(error.value).lower()
        or "jpeg" in str(error.value).lower()
        or ("png" in str(error.value).lower())
    )


def test_one_pixel_and_lossless_png(original):
    for image in (original, original[:1, :1], original[:1], original[:, :1]):
        np.testing.assert_array_equal(decode_rgb(encode_png(tf.constant(image))), image)


@pytest.mark.parametrize(
    "height, width, size, expected",
    [
        (64, 64, 64, (64, 64)),
        (100, 200, 50, (50, 100)),
        (200, 100, 50, (100, 50)),
        (1, 1, 64, (64, 64)),
        (500, 1, 8, (4000, 8)),
        (333, 500, 64, (64, 96)),
        (64, 63, 64, (65, 64)),
        (3000, 4001, 64, (64, 85)),
    ],
)
def test_cover_size(height, width, size, expected):
    sides = cover_size(tf.constant(height), tf.constant(width), size)
    assert tuple(int(side) for side in sides) == expected


def test_an_image_of_the_right_size_is_left_alone():
    noise = np.random.default_rng(0).integers(0, 256, (17, 17, 3), np.uint8)
    np.testing.assert_array_equal(resize_and_crop(tf.constant(noise), 17), noise)


@pytest.mark.parametrize("height, width", [(16, 16), (23, 31), (8, 50), (100, 90)])
def test_resize_is_antialiased_as_pillow_does(height, width):
    noise = np.random.default_rng(1).integers(0, 256, (61, 83, 3), np.uint8)
    resized = resize(tf.constant(noise), height, width).numpy()
    expected = Image.fromarray(noise).resize((width, height), Image.Resampling.BILINEAR)
    assert resized.dtype == np.uint8
    assert np.abs(resized.astype(int) - np.asarray(expected)).max() <= 2


@pytest.mark.parametrize("shape", [(30, 45), (45, 30), (12, 12), (31, 32)])
def test_crop_is_the_middle(smooth, shape):
    image = smooth(1, *shape)[0]
    cropped = resize_and_crop(tf.constant(image), 15).numpy()
    height, width = (int(side) for side in cover_size(*shape, 15))
    whole = resize(tf.constant(image), height, width).numpy()
    top, left = (height - 15) // 2, (width - 15) // 2
    np.testing.assert_array_equal(cropped, whole[top : top + 15, left : left + 15])


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 200)])
def test_thin_images(shape):
    image = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    square = resize_and_crop(tf.constant(image), 12).numpy()
    assert square.shape == (12, 12, 3) and square.dtype == np.uint8
    if shape == (1, 1):
        assert np.all(square == image)


def test_in_a_dataset_the_size_is_known_and_values_are_those_of_eager(smooth):
    images = [smooth(1, *shape)[0] for shape in ((20, 30), (12, 12))]
    signature = tf.TensorSpec([None, None, 3], tf.uint8)
    dataset = tf.data.Dataset.from_generator(lambda: images, output_signature=signature)
    dataset = dataset.map(lambda image: resize_and_crop(image, 12))
    assert dataset.element_spec.shape == (12, 12, 3)
    for image, expected in zip(dataset.as_numpy_iterator(), images, strict=True):
        np.testing.assert_array_equal(image, resize_and_crop(tf.constant(expected), 12))


def test_jpeg_colors_are_those_of_other_decoders(unusual_files):
    path = unusual_files / "rgb.jpg"
    theirs = np.asarray(Image.open(path).convert("RGB"), float)
    shift = (decode_rgb(path.read_bytes()).numpy() - theirs).mean(axis=(0, 1))
    # TensorFlow's default decoding is off by half a level on average, always in one direction.
    assert np.abs(shift).max() < 0.02
