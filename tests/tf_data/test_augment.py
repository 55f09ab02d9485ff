"""Random changes are determined by their seed, and reach every image alike."""

import numpy as np
import pytest
import tensorflow as tf

from tf_data.augment import compose, flip_horizontally, flip_vertically, random_crop, zoom_in

IMAGES = np.random.default_rng(0).integers(0, 256, (400, 5, 7, 3), np.uint8)
MIRRORED = {flip_horizontally: IMAGES[:, :, ::-1], flip_vertically: IMAGES[:, ::-1]}
flips = pytest.mark.parametrize("flip", MIRRORED, ids=lambda flip: flip.__name__)
steps = pytest.mark.parametrize(
    "step", [*MIRRORED, random_crop(3), compose(random_crop(4), *MIRRORED), zoom_in]
)


def change(step, seed, images=IMAGES):
    return step(tf.constant(images), tf.constant(seed, tf.int32)).numpy()


def equal(images, others):
    """Which of the images are the same, bool [B]."""
    return np.all(images == others, axis=(1, 2, 3))


@flips
def test_each_image_is_left_alone_or_flipped_exactly(flip):
    changed = change(flip, [1, 2])
    same, flipped = equal(changed, IMAGES), equal(changed, MIRRORED[flip])
    assert changed.dtype == np.uint8
    assert np.all(same ^ flipped)
    # Within four standard deviations of a half.
    assert 160 <= flipped.sum() <= 240


@steps
def test_the_seed_alone_decides(step):
    np.testing.assert_array_equal(change(step, [1, 2]), change(step, [1, 2]))
    assert np.any(change(step, [1, 2]) != change(step, [1, 3]))
    assert np.any(change(step, [1, 2]) != change(step, [2, 2]))


@steps
def test_in_a_graph_as_eagerly(step):
    graph = tf.function(step)(tf.constant(IMAGES), tf.constant([1, 2]))
    np.testing.assert_array_equal(graph, change(step, [1, 2]))


def test_one_pixel_wide():
    images = IMAGES[:, :, :1]
    np.testing.assert_array_equal(change(flip_horizontally, [1, 2], images), images)


def test_flips_composed_are_independent():
    both = change(compose(flip_horizontally, flip_vertically), [1, 2])
    outcomes = [
        equal(both, IMAGES),
        equal(both, IMAGES[:, :, ::-1]),
        equal(both, IMAGES[:, ::-1]),
        equal(both, IMAGES[:, ::-1, ::-1]),
    ]
    # With one seed for both steps two of the four would never happen. Four standard deviations.
    assert [65 <= outcome.sum() <= 135 for outcome in outcomes] == [True] * 4
    assert np.sum(outcomes) == len(IMAGES)


def test_the_same_step_twice_draws_twice():
    twice = change(compose(flip_horizontally, flip_horizontally), [1, 2])
    assert 160 <= equal(twice, IMAGES).sum() <= 240


def test_one_step_composed_is_itself_and_none_changes_nothing():
    alone = change(flip_vertically, [1, 2])
    np.testing.assert_array_equal(change(compose(flip_vertically), [1, 2]), alone)
    np.testing.assert_array_equal(change(compose(), [1, 2]), IMAGES)


def test_crops_are_pieces_of_their_images_from_every_place():
    cropped = change(random_crop(3), [1, 2])
    assert cropped.shape == (400, 3, 3, 3) and cropped.dtype == np.uint8
    places = [(top, left) for top in range(3) for left in range(5)]
    counts = [
        equal(cropped, IMAGES[:, top : top + 3, left : left + 3]).sum() for top, left in places
    ]
    assert sum(counts) == 400  # random pixels: no piece turns up twice
    # 26.7 are expected of each of the fifteen, four standard deviations are 20.
    assert min(counts) >= 7 and max(counts) <= 46


def test_a_crop_of_the_whole_image_is_the_image():
    square = IMAGES[:, :, :5]
    np.testing.assert_array_equal(change(random_crop(5), [1, 2], square), square)


def test_an_image_too_small_to_crop_is_refused():
    with pytest.raises(ValueError, match="7x5.*6 pixels"):
        change(random_crop(6), [1, 2])


@pytest.mark.parametrize("count", [None, 8])
def test_the_size_of_crops_is_known_in_a_graph(count):
    shapes = []

    @tf.function(input_signature=[tf.TensorSpec([count, 9, 9, 3], tf.uint8)])
    def crop(images):
        cropped = random_crop(4)(images, tf.constant([1, 2]))
        shapes.append(cropped.shape.as_list())
        return cropped

    assert crop(np.zeros([8, 9, 9, 3], np.uint8)).shape == (8, 4, 4, 3)
    assert shapes == [[count, 4, 4, 3]]


def test_zooming_in_enlarges_parts_of_every_size_from_every_place():
    # Two ramps: a pixel's value says where it was.
    rows, columns = np.meshgrid(np.arange(64), np.arange(48), indexing="ij")
    image = np.stack([3 * rows, 5 * columns, 0 * rows], axis=-1).astype(np.uint8)
    zoomed = change(zoom_in, [1, 2], np.stack([image] * 400))
    assert zoomed.shape == (400, 64, 48, 3) and zoomed.dtype == np.uint8
    first, last = zoomed[:, 0, 0, :2], zoomed[:, -1, -1, :2]
    place, size = first / (189.0, 235.0), (last.astype(float) - first) / (189.0, 235.0)
    # Both sides alike, up to rounding; 70 to 100 %, evenly.
    np.testing.assert_allclose(size[:, 0], size[:, 1], atol=0.012)
    assert size.min() > 0.69 and size.max() <= 1.0
    counts, _ = np.histogram(size[:, 0], bins=3, range=(0.7, 1.0))
    assert counts.min() > 90
    # As far down and to the right as there is room, evenly, and independently.
    large = size[:, 0] < 0.9
    place = place[large] / (1.0 - size[large])
    assert np.all(np.abs(place.mean(axis=0) - 0.5) < 0.08)
    assert place.min() < 0.05 and place.max() > 0.95
    assert abs(np.corrcoef(place.T)[0, 1]) < 0.2
    # The steps between are even.
    np.testing.assert_allclose(
        zoomed[0, :, 0, 0], np.linspace(first[0, 0], last[0, 0], 64), atol=1.01
    )


def test_a_zoomed_image_of_one_color_keeps_it():
    images = np.full((8, 9, 9, 3), (10, 200, 77), np.uint8)
    np.testing.assert_array_equal(change(zoom_in, [1, 2], images), images)
