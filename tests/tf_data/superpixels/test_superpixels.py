"""Superpixels on pictures whose patches are known, against scikit-image, and their cache."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from skimage import graph
from skimage.color import rgb2gray
from skimage.measure import label as components
from skimage.segmentation import slic

from polychrome.color.spaces import rgb_to_lab
from polychrome.compiling import compiled
from polychrome.errors import InputError
from tf_data.store import Store
from tf_data.superpixels import painted as painting
from tf_data.superpixels.connected import connected_pieces, join_small_pieces
from tf_data.superpixels.merged import merged_superpixels
from tf_data.superpixels.painted import paint_store
from tf_data.superpixels.segmentation import Superpixels, paint, painted, superpixels

COUNT = 24
OPTIONS = Superpixels(COUNT)
divide = compiled(lambda images: superpixels(images, COUNT))


def in_pairs(function, images: np.ndarray) -> np.ndarray:
    """Of an even number of images, always two: XLA takes seconds for each shape."""
    pairs = zip(images[::2], images[1::2], strict=True)
    return np.concatenate([np.asarray(function(np.stack(pair))) for pair in pairs])


@pytest.fixture(scope="module")
def pictures(smooth) -> np.ndarray:
    """Photograph-like images with grain, of sides that no grid divides."""
    images = smooth(4, 37, 50).astype(int)
    grain = np.random.default_rng(0).normal(0, 8, images.shape)
    return np.clip(images + grain, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def labels(pictures) -> np.ndarray:
    return in_pairs(divide, pictures)


def test_labels_are_connected_and_numbered_without_gaps(labels):
    for image in labels:
        count = image.max() + 1
        np.testing.assert_array_equal(np.unique(image), np.arange(count))
        assert components(image, connectivity=1, background=-1).max() == count
        assert COUNT / 2 <= count <= 1.5 * COUNT
        assert np.bincount(image.ravel())[1:].min() >= image.size // (2 * COUNT) - 1


def test_an_image_does_not_depend_on_its_batch(pictures, labels):
    np.testing.assert_array_equal(in_pairs(divide, pictures[[3, 1]]), labels[[3, 1]])
    np.testing.assert_array_equal(in_pairs(divide, pictures), labels)


def test_patches_keep_to_the_edges_of_a_picture():
    # Five colored areas, none of which begins where a cell of the grid does.
    truth = np.zeros((60, 60), int)
    truth[:23, :31], truth[23:, :17], truth[41:, 17:], truth[:23, 31:] = 1, 2, 3, 4
    palette = np.array([[200, 30, 40], [30, 160, 60], [40, 60, 200], [220, 200, 60], [90, 90, 90]])
    noise = np.random.default_rng(1).normal(0, 4, (60, 60, 3))
    image = np.clip(palette[truth] + noise, 0, 255).astype(np.uint8)
    (found,) = np.asarray(superpixels(image[None], 36))
    for patch in range(found.max() + 1):
        within = np.bincount(truth[found == patch])
        assert within.max() >= 0.95 * within.sum()


def test_it_divides_like_scikit_image(pictures):
    # The spread of colors within patches, which SLIC makes small, from the same grid of 7 x 10.
    for image in pictures[:2, :35]:
        (ours,) = np.asarray(superpixels(image[None], 70))
        theirs = slic(image, 70, start_label=0)
        assert abs(ours.max() - theirs.max()) <= 5
        lab = np.asarray(rgb_to_lab(image))

        def spread(found, lab=lab):
            patches = [lab[found == patch] for patch in range(found.max() + 1)]
            return sum(((patch - patch.mean(axis=0)) ** 2).sum() for patch in patches)

        assert spread(ours) <= 1.05 * spread(theirs)


def test_extremes(pictures):
    assert not np.asarray(superpixels(pictures, 1)).any()
    (flat,) = np.asarray(superpixels(np.full((1, 12, 12, 3), 7, np.uint8), 9))
    expected = np.arange(12) // 4
    np.testing.assert_array_equal(flat, expected[:, None] * 3 + expected)
    (each,) = np.asarray(superpixels(pictures[:1, :5, :7], 1000))
    assert each.max() < 35


def test_in_a_graph_of_tf_data(pictures, labels):
    batches = tf.data.Dataset.from_tensor_slices(pictures).batch(2)

    @tf.function(jit_compile=True)
    def step(images):
        found = superpixels(images, COUNT)
        return found, paint(images, found)

    found, colors = (np.concatenate(part) for part in zip(*batches.map(step), strict=True))
    np.testing.assert_array_equal(found, labels)
    np.testing.assert_array_equal(colors, in_pairs(lambda p: painted(p, OPTIONS), pictures))


def test_paint_is_the_mean_of_each_patch(pictures, labels):
    colors = np.asarray(paint(pictures, labels))
    assert colors.dtype == np.uint8
    for image, patches, result in zip(pictures, labels, colors, strict=True):
        flat, sizes = patches.ravel(), np.bincount(patches.ravel())
        for channel in range(3):
            mean = np.bincount(flat, image[..., channel].ravel()) / sizes
            expected = np.floor(mean + 0.5)[patches]
            np.testing.assert_array_equal(result[..., channel], expected)


def test_pieces_are_those_of_scikit_image():
    images = np.random.default_rng(2).integers(0, 3, (2, 20, 23)).astype("int32")
    for found, image in zip(np.asarray(connected_pieces(images)), images, strict=True):
        expected = components(image, connectivity=1, background=-1)
        pairs = np.unique(np.stack([found.ravel(), expected.ravel()]), axis=1)
        assert pairs.shape[1] == expected.max() == len(np.unique(found))
        np.testing.assert_array_equal(found.ravel()[np.unique(found)], np.unique(found))


def test_small_pieces_join_the_neighbor_of_closest_color():
    clusters = np.array([[[0, 0, 0, 1, 1], [0, 0, 2, 1, 1], [0, 0, 3, 1, 1]]], "int32")
    image = (clusters[..., None] == [[1]]).astype("float32") + 0.9 * (clusters == 2)[..., None]
    image += 0.2 * (clusters == 3)[..., None]
    # 2 lies to the right of 0, whose color is 0, and below 0; 3 is below 2 and to the right of 0.
    found = np.asarray(join_small_pieces(connected_pieces(clusters), image, 2))
    expected = [[[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1]]]
    np.testing.assert_array_equal(found, expected)
    # Where the first pixel's neighbor above is closer, that one.
    clusters = np.array([[[0, 0, 1, 1], [0, 0, 2, 1], [0, 0, 1, 1]]], "int32")
    image = (clusters > 0).astype("float32")[..., None]
    found = np.asarray(join_small_pieces(connected_pieces(clusters), image, 2))
    np.testing.assert_array_equal(found, [[[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]])


def test_merging_is_scikit_images(pictures):
    def weight(rag, source, target, other):
        away = rag.nodes[target]["mean color"] - rag.nodes[other]["mean color"]
        return {"weight": np.linalg.norm(away)}

    def merge(rag, source, target):
        one, other = rag.nodes[target], rag.nodes[source]
        one["total color"] += other["total color"]
        one["pixel count"] += other["pixel count"]
        one["mean color"] = one["total color"] / one["pixel count"]

    found = merged_superpixels(pictures[:2], 120, sigma=1, threshold=60)
    for image, ours in zip(pictures, found, strict=False):
        patches = slic(np.dstack([rgb2gray(image)] * 3), 120, sigma=1)
        rag = graph.rag_mean_color(image, patches)
        theirs = graph.merge_hierarchical(
            patches, rag, 60, False, in_place_merge=True, merge_func=merge, weight_func=weight
        )
        assert 1 < theirs.max() + 1 < patches.max()
        pairs = np.unique(np.stack([ours.ravel(), theirs.ravel()]), axis=1)
        assert pairs.shape[1] == theirs.max() + 1 == ours.max() + 1


def store_of(images: np.ndarray) -> Store:
    return Store(images, tuple(f"{i}.png" for i in range(len(images))), 0, (("bad", "empty"),))


def test_a_store_is_painted(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(painting, "_CHUNK", 2)
    images = pictures[[0, 1, 2, 3, 0]]  # the last chunk is not full
    found = paint_store(store_of(images), OPTIONS, cache_dir=tmp_path)
    expected = in_pairs(lambda pair: painted(pair, OPTIONS), pictures)
    np.testing.assert_array_equal(found.images, expected[[0, 1, 2, 3, 0]])
    assert dataclasses.replace(found, images=images) == dataclasses.replace(
        store_of(images), images=images
    )


@pytest.mark.parametrize("limit", [0, 10**9])
def test_a_store_is_painted_once(pictures, tmp_path, limit):
    images = pictures[:3].copy()
    images[1] = images[1].mean(-1, keepdims=True)
    options = Superpixels(COUNT, "gray_merged", sigma=1)

    def paint_again(images, options=options):
        return paint_store(store_of(images), options, memory_limit=limit, cache_dir=tmp_path)

    found = paint_again(images)
    np.testing.assert_array_equal(found.images, painted(images, options))
    assert isinstance(found.images, np.memmap) == (limit == 0)
    assert found.gray == 1

    # What lies on disk is what a second run gets: mark it to see that.
    (path,) = tmp_path.rglob("*.npy")
    del found
    marked = np.load(path)
    marked[:] = 42
    np.save(path, marked)
    again = paint_again(images.copy())
    assert (again.images == 42).all() and again.gray == 1
    # Other pixels or other options are painted anew.
    images[2, 0, 0, 0] ^= 1
    np.testing.assert_array_equal(paint_again(images).images, painted(images, options))
    other = dataclasses.replace(options, threshold=80)
    np.testing.assert_array_equal(paint_again(images, other).images, painted(images, other))
    assert len(list(tmp_path.rglob("*.npy"))) == 3


@pytest.mark.parametrize("method", ["slic", "gray_merged"])
def test_an_interrupted_painting_goes_on(pictures, tmp_path, monkeypatch, method):
    monkeypatch.setattr(painting, "_CHUNK", 2)
    monkeypatch.setattr(painting, "_STEPS_A_PART", 2)
    options = dataclasses.replace(OPTIONS, method=method, sigma=1)
    images = np.concatenate([pictures, pictures[:, ::-1], pictures[:1]])
    images[1] = images[1].mean(-1, keepdims=True)
    begun = []

    def broken(chunk, options):
        if np.array_equal(chunk[-1], images[7]):  # the last step of the second part
            raise KeyboardInterrupt
        return painted(chunk, options)

    def counting(chunk, options):
        begun.append(len(chunk))
        return painted(chunk, options)

    monkeypatch.setattr(painting, "painted", broken)
    with pytest.raises(KeyboardInterrupt):
        paint_store(store_of(images), options, cache_dir=tmp_path)
    assert [path.name for path in tmp_path.rglob("*.npy")] == ["0-4.npy"]
    monkeypatch.setattr(painting, "painted", counting)
    found = paint_store(store_of(images), options, cache_dir=tmp_path)
    assert begun == [2, 2, 2]  # images 4 to 8, the last one with the one before it
    expected = in_pairs(lambda pair: painted(pair, options), images[:8])
    np.testing.assert_array_equal(found.images[:8], expected)
    np.testing.assert_array_equal(found.images[8], painted(images[7:], options)[1])
    assert found.gray == 1
    # The parts are gone, and a third call paints nothing.
    assert len(list(tmp_path.rglob("*.npy"))) == 1 and not list(tmp_path.rglob("*.parts"))
    again = paint_store(store_of(images), options, cache_dir=tmp_path)
    np.testing.assert_array_equal(again.images, found.images)
    assert again.gray == 1 and begun == [2, 2, 2]


def test_a_store_is_painted_as_ucis_code_does(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(painting, "_CHUNK", 2)
    options = Superpixels.uci(37, 50, method="gray_merged")
    images = pictures[[0, 1, 2, 3, 0]]
    found = paint_store(store_of(images), options, cache_dir=tmp_path)
    labels = merged_superpixels(images, 369, compactness=10, sigma=5, threshold=35)
    for image, true, patches in zip(found.images, images, labels, strict=True):
        assert 1 < patches.max() + 1 < 369
        for number in range(patches.max() + 1):
            patch = patches == number
            assert len(np.unique(image[patch], axis=0)) == 1
            assert np.abs(image[patch][0] - true[patch].mean(0)).max() <= 0.5 + 1e-6


def test_an_interrupted_painting_leaves_nothing_that_counts(pictures, tmp_path, monkeypatch):
    def broken(images, options):
        raise RuntimeError("interrupted")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="interrupted"):
        patch.setattr(painting, "painted", broken)
        paint_store(store_of(pictures), Superpixels(COUNT), cache_dir=tmp_path)
    assert not list(tmp_path.rglob("*.*"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write .*superpixels"):
        paint_store(store_of(pictures), Superpixels(COUNT), cache_dir=tmp_path / "file")


def test_ucis_numbers():
    assert Superpixels.uci(224) == Superpixels(2000)
    assert Superpixels.uci(64, 64) == Superpixels(163)
    merged = Superpixels.uci(64, 128, "gray_merged")
    assert (merged.n_segments, merged.sigma, merged.threshold) == (1633, 5, 35)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_segments": 0}, "n_segments is 0, should be at least 1"),
        ({"method": "seeds"}, "method is 'seeds', should be in"),
        ({"compactness": 0}, "compactness is 0, should be above 0"),
        ({"sigma": -1}, "sigma and threshold should be at least 0"),
    ],
)
def test_options_that_make_no_sense(values, message):
    with pytest.raises(InputError, match=message):
        Superpixels(**{"n_segments": 10} | values)


def test_sizes_that_are_unknown_or_too_large():
    with pytest.raises(InputError, match="known height and width"):
        tf.function(lambda images: superpixels(images, 10), autograph=False).get_concrete_function(
            tf.TensorSpec([None, None, None, 3], tf.uint8)
        )
    with pytest.raises(InputError, match="4096x2049 is too large"):
        paint(np.zeros((1, 2049, 4096, 3), np.uint8), np.zeros((1, 2049, 4096), "int32"))
