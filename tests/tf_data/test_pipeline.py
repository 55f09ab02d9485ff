"""What batches hold, in which order, and what they are worth."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.color.scaling import PADOVA, ZHANG
from polychrome.errors import InputError
from tf_data.augment import flip_horizontally, random_crop
from tf_data.pipeline import (
    chroma_example,
    evaluation_batches,
    image_batches,
    resident_evaluation_images,
    resident_training_images,
    training_batches,
)
from tf_data.store import Store

COUNT, BATCH = 23, 5
STEPS = COUNT // BATCH


def make_store(images):
    return Store(images, tuple(f"{i}.png" for i in range(len(images))), gray=0, skipped=())


@pytest.fixture
def store(smooth):
    """Photographs whose first pixel, (number, 0, 0), says which one it is."""
    images = smooth(COUNT, 6, 9).copy()
    images[:, 0, 0] = 0
    images[:, 0, 0, 0] = range(COUNT)
    return make_store(images)


def raw(batch):
    """An example that keeps the pixels, so that a batch shows which images it holds."""
    pixels = keras.ops.cast(batch.rgb, "float32")
    return pixels, pixels[..., :1]


def epochs_of(store, epochs, example=raw, **options):
    """Batches by epoch: a list, an epoch, of (input, target) arrays."""
    dataset, steps = training_batches(store, example, BATCH, epochs=epochs, **options)
    batches = list(dataset.as_numpy_iterator())
    assert steps == STEPS
    return [batches[start : start + steps] for start in range(0, len(batches), steps)]


def numbers(epoch):
    return [int(image[0, 0, 0]) for inputs, _ in epoch for image in inputs]


def test_an_epoch_is_a_permutation_without_repeats_and_another_each_time(store):
    orders = [numbers(epoch) for epoch in epochs_of(store, 4, seed=1)]
    assert len(orders) == 4
    for order in orders:
        assert len(set(order)) == len(order) == STEPS * BATCH
        assert set(order) <= set(range(COUNT))
        assert order != sorted(order)
    assert len(set(map(tuple, orders))) == 4
    # Those left out for want of a whole batch are other ones each time.
    assert len({frozenset(range(COUNT)) - frozenset(order) for order in orders}) > 1


def test_the_seed_decides_the_order(store):
    first, again, other = (
        [numbers(epoch) for epoch in epochs_of(store, 2, seed=seed)] for seed in (1, 1, 2)
    )
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("first_epoch", [1, 2, 3])
def test_a_later_start_goes_on_exactly(store, first_epoch):
    options = {"seed": 3, "augment": flip_horizontally}
    whole = epochs_of(store, 4, **options)[first_epoch:]
    resumed = epochs_of(store, 4, first_epoch=first_epoch, **options)
    assert len(resumed) == len(whole) == 4 - first_epoch
    for a, b in zip(whole, resumed, strict=True):
        for pair in zip(a, b, strict=True):
            np.testing.assert_array_equal(pair[0][0], pair[1][0])


def test_a_pass_may_be_several_epochs(store):
    dataset, steps = training_batches(store, raw, 3, seed=1, epochs=6, parts=3)
    assert steps == COUNT // 3 // 3 == 2
    batches = [numbers([batch]) for batch in dataset.as_numpy_iterator()]
    assert len(batches) == 6 * steps
    passes = [sum(batches[start : start + 3 * steps], []) for start in (0, 3 * steps)]
    for seen in passes:
        assert len(set(seen)) == len(seen) == 3 * steps * 3
    assert passes[0] != passes[1]

    later, _ = training_batches(store, raw, 3, seed=1, epochs=6, first_epoch=4, parts=3)
    assert [numbers([batch]) for batch in later.as_numpy_iterator()] == batches[4 * steps :]


def test_augmentation_differs_between_epochs_and_images(store):
    mirrored = []
    for epoch in epochs_of(store, 3, seed=1, augment=flip_horizontally):
        images = np.concatenate([inputs for inputs, _ in epoch]).astype(np.uint8)
        # A mirrored image carries its number in the last column: find each one by its pixels.
        flips = {}
        for image in images:
            for number, original in enumerate(store.images):
                if np.array_equal(image, original):
                    flips[number] = False
                elif np.array_equal(image, original[:, ::-1]):
                    flips[number] = True
        assert len(flips) == STEPS * BATCH
        assert 0 < sum(flips.values()) < len(flips)
        mirrored.append(frozenset(number for number, flipped in flips.items() if flipped))
    assert len(set(mirrored)) == 3


@pytest.mark.parametrize("scaling", [PADOVA, ZHANG], ids=lambda scaling: scaling.name)
def test_examples_are_what_the_scaling_gives_eagerly(store, scaling):
    order = numbers(epochs_of(store, 1, seed=1)[0])
    batches = epochs_of(store, 1, chroma_example(scaling), seed=1)[0]
    lightness, chroma = scaling.split(store.images[order])
    inputs, targets = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert inputs.dtype == targets.dtype == np.float32
    np.testing.assert_allclose(inputs, lightness, rtol=0, atol=1e-4)
    np.testing.assert_allclose(targets, chroma, rtol=0, atol=1e-4)


def test_shapes_are_known_before_a_batch_is_made(store):
    dataset, _ = training_batches(store, chroma_example(PADOVA), BATCH, seed=1, epochs=1)
    assert [tuple(spec.shape) for spec in dataset.element_spec] == [(5, 6, 9, 1), (5, 6, 9, 2)]


def test_crops_have_a_known_size_and_lie_elsewhere_in_every_epoch(store):
    crop = random_crop(4)
    dataset, _ = training_batches(
        store, chroma_example(PADOVA), BATCH, seed=1, epochs=1, augment=crop
    )
    assert [tuple(spec.shape) for spec in dataset.element_spec] == [(5, 4, 4, 1), (5, 4, 4, 2)]
    epochs = [np.concatenate([x for x, _ in e]) for e in epochs_of(store, 2, seed=1, augment=crop)]
    pieces = {
        store.images[n, top : top + 4, left : left + 4].tobytes(): (n, top, left)
        for n in range(COUNT)
        for top in range(3)
        for left in range(6)
    }
    found = [[pieces[image.tobytes()] for image in epoch.astype(np.uint8)] for epoch in epochs]
    places = [{n: place for n, *place in epoch} for epoch in found]
    both = places[0].keys() & places[1].keys()
    assert len(both) > 10
    # Two crops of an image fall on the same place once in 18 times.
    assert sum(places[0][n] == places[1][n] for n in both) < 6


@pytest.mark.parametrize("batch_size", [1, 5, 22, 23, 100])
def test_evaluation_keeps_order_and_count(store, batch_size):
    batches = list(evaluation_batches(store, raw, batch_size).as_numpy_iterator())
    assert [n for inputs, _ in batches for n in inputs[:, 0, 0, 0]] == list(range(COUNT))
    images = np.concatenate(list(image_batches(store, batch_size).as_numpy_iterator()))
    np.testing.assert_array_equal(images, store.images)


@pytest.mark.parametrize("replicas", [1, 2, 3, 4, 8])
def test_no_evaluation_batch_is_smaller_than_the_number_of_devices(replicas):
    for count in {replicas, 7, 9, 13, 17, 25} - set(range(replicas)):
        store = make_store(np.zeros([count, 1, 1, 3], np.uint8))
        for batch_size in {replicas, 7, 8} - set(range(replicas)):
            dataset = evaluation_batches(store, raw, batch_size, replicas=replicas)
            sizes = [len(inputs) for inputs, _ in dataset.as_numpy_iterator()]
            assert sum(sizes) == count
            assert min(sizes) >= replicas, (count, batch_size, sizes)


def test_fewer_images_than_devices_are_refused():
    with pytest.raises(InputError, match="2 images"):
        evaluation_batches(make_store(np.zeros([2, 1, 1, 3], np.uint8)), raw, 8, replicas=3)


def test_batches_come_from_a_mapped_file_as_from_memory(store, tmp_path):
    np.save(tmp_path / "images.npy", store.images)
    mapped = make_store(np.load(tmp_path / "images.npy", mmap_mode="r"))
    for a, b in zip(epochs_of(store, 1, seed=1)[0], epochs_of(mapped, 1, seed=1)[0], strict=True):
        np.testing.assert_array_equal(a[0], b[0])


def test_the_global_random_state_is_neither_used_nor_disturbed(store):
    orders = []
    for seed in (1, 2):
        tf.random.set_seed(seed)
        np.random.seed(seed)
        state = np.random.get_state()[1].copy()
        orders.append(numbers(epochs_of(store, 1, seed=5)[0]))
        np.testing.assert_array_equal(np.random.get_state()[1], state)
    assert orders[0] == orders[1]


@pytest.mark.parametrize("parts", [1, 2])
def test_resident_images_make_the_same_batches(store, parts):
    resident, steps = resident_training_images(store, raw, BATCH, seed=3, parts=parts)
    dataset, expected = training_batches(store, raw, BATCH, seed=3, epochs=3, parts=parts)
    assert steps == expected
    batches = list(dataset.as_numpy_iterator())
    made = [
        resident.example(resident.images[rows], resident.labels[rows])
        for epoch in range(3)
        for rows in resident.rows(epoch)
    ]
    assert len(made) == len(batches) == 3 * steps
    for one, other in zip(made, batches, strict=True):
        for part, twin in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, twin)


def test_resident_images_are_validated_on_in_order_and_whole(store):
    resident = resident_evaluation_images(store, raw, BATCH)
    assert resident.rows(0).shape == (STEPS, BATCH)
    assert [*resident.rows(0).ravel(), *resident.rest] == list(range(COUNT))
