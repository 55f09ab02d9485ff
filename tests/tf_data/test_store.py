"""The first pass over files: what is kept, what is skipped and why, in memory and on disk."""

import dataclasses
import gc
import json
import weakref

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from polychrome.errors import InputError
from polychrome.images import decode_rgb, decode_upright, resize_and_crop
from tf_data.pipeline import image_batches
from tf_data.sources.archives import Folder, split_of
from tf_data.sources.source import open_source
from tf_data.sources.split import Split, joined, subset
from tf_data.store import default_cache_dir, load_store

SIZE = 16


def split_from(folder):
    archive = Folder(folder)
    return split_of(archive, archive.members())


def counting(split):
    """The same split, and a list that grows by an index at each read."""
    reads = []

    def read(index):
        reads.append(index)
        return split.read(index)

    return Split(split.names, read, split.fingerprint), reads


@pytest.fixture
def mixed(photographs, damaged_files, unusual_files):
    """Usable and unusable files in turn, and one that is gone when it is read."""
    parts = [split_from(folder) for folder in (photographs, damaged_files, unusual_files)]
    items = sorted((name, part, i) for part in parts for i, name in enumerate(part.names))
    names = [name for name, _, _ in items]

    def read(index):
        if names[index] == "gone.jpg":
            return (damaged_files / "gone.jpg").read_bytes()
        _, part, i = items[index]
        return part.read(i)

    items.append(("gone.jpg", None, 0))
    names.append("gone.jpg")
    return Split(tuple(names), read, "0" * 8)


@pytest.fixture(params=["memory", "disk"])
def load(request, tmp_path):
    """`load_store` as it works when the images fit in memory, or when they do not."""
    limit = {"memory": 10**9, "disk": 0}[request.param]

    def call(split, **options):
        return load_store(split, SIZE, memory_limit=limit, cache_dir=tmp_path / "cache", **options)

    return call


REASONS = {
    "empty.jpg": "empty file",
    "text.jpg": "not a JPEG, PNG, GIF, BMP or WebP file",
    "scan.tif": "not a JPEG, PNG, GIF, BMP or WebP file",
    "truncated.jpg": "broken or truncated image",
    "truncated.png": "broken or truncated image",
    "one_pixel.png": "1x1 pixels: smaller than 8 on a side",
    "narrow.png": "3x64 pixels: smaller than 8 on a side",
    "gone.jpg": "cannot be read: No such file or directory",
}


def test_damaged_files_are_skipped_for_the_right_reason(mixed, load):
    store = load(mixed)
    assert dict(store.skipped) == REASONS
    assert [name for name, _ in store.skipped] == [n for n in mixed.names if n in REASONS]


def test_the_others_are_kept_in_their_order(mixed, load):
    store = load(mixed)
    assert store.names == tuple(name for name in mixed.names if name not in REASONS)
    assert store.images.shape == (len(store), SIZE, SIZE, 3)
    assert store.images.dtype == np.uint8
    for name, image in zip(store.names, store.images, strict=True):
        encoded = tf.constant(mixed.read(mixed.names.index(name)))
        np.testing.assert_array_equal(image, resize_and_crop(decode_rgb(encoded), SIZE))


def flags(folder, suffix="png"):
    """Tall, wide and square images, red above blue; and their split."""
    for name, (width, height) in {"a": (24, 72), "b": (64, 32), "c": (SIZE, SIZE)}.items():
        image = Image.new("RGB", (width, height), (255, 0, 0))
        image.paste((0, 0, 255), (0, height // 4, width, height))
        image.save(folder / f"{name}.{suffix}", quality=100, subsampling=0)
    return split_from(folder)


def red_rows(image):
    """How many of the upper rows are more red than blue, in every column."""
    red = image[..., 0] > image[..., 2]
    assert np.all(red == red[:, :1])
    return int(red[:, 0].sum())


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_stretching_keeps_all_of_an_image_and_cropping_its_middle(tmp_path, load, suffix):
    split = flags(tmp_path, suffix)
    # A quarter is red: in the tall one the crop, a third of its height, holds nothing of it.
    assert [red_rows(image) for image in load(split, fit="stretch").images] == [4, 4, 4]
    assert [red_rows(image) for image in load(split, fit="crop").images] == [0, 4, 4]
    np.testing.assert_array_equal(load(split).images, load(split, fit="crop").images)


def test_stretched_pixels_are_those_of_pillow_and_opencv(tmp_path, smooth, load):
    large, small = smooth(1, 90, 50, seed=1)[0], smooth(1, 12, 9, seed=2)[0]
    for name, image in {"a": large, "b": small}.items():
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    shrunk, enlarged = load(split_from(tmp_path), fit="stretch").images.astype(int)
    pillow = Image.fromarray(large).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    assert np.abs(shrunk - np.asarray(pillow, int)).max() <= 1
    assert np.abs(enlarged - cv2.resize(small, (SIZE, SIZE)).astype(int)).max() <= 1


_QUARTER_TURN = Image.Exif()
_QUARTER_TURN[0x0112] = 6  # the first row is at the right


def lying(folder, count, size=(SIZE, SIZE)):
    """Photographs of red above blue, every other one on its side, as a phone stores portraits."""
    upright = Image.new("RGB", size, (255, 0, 0))
    upright.paste((0, 0, 255), (0, size[1] // 4, *size))
    for index in range(count):
        turned = upright.transpose(Image.Transpose.ROTATE_90) if index % 2 else upright
        options = {"exif": _QUARTER_TURN} if index % 2 else {}
        turned.save(folder / f"{index:03d}.jpg", quality=100, subsampling=0, **options)
    return folder


def test_photographs_of_ones_own_are_turned_upright_and_data_sets_stay_as_stored(tmp_path, load):
    source = open_source("folder", lying(tmp_path, 200))
    for split in source.splits.values():
        store = load(split)
        assert [red_rows(image) for image in store.images] == [4] * len(store)
    # After them, so that pixels on disk are not those of the same files decoded otherwise.
    train = source.splits["train"]
    on_their_side = [int(name[:3]) % 2 == 1 for name in train.names]
    stored = load(dataclasses.replace(train, upright=False)).images[:, 0]
    reds = np.sum(stored[..., 0] > stored[..., 2], axis=1)  # of the first row
    assert [red < SIZE for red in reds] == on_their_side


def test_lying_photographs_of_other_sizes_and_beside_broken_ones_are_turned_too(tmp_path, load):
    lying(tmp_path, 8, (24, 32))
    split = dataclasses.replace(split_from(tmp_path), upright=True)
    for fit, rows in (("crop", 3), ("stretch", 4)):
        assert {red_rows(image) for image in load(split, fit=fit).images} == {rows}
    (tmp_path / "000.jpg").write_bytes(b"broken")
    split = dataclasses.replace(split_from(tmp_path), upright=True)
    store = load(split)
    assert len(store) == 7 and {red_rows(image) for image in store.images} == {3}
    for name, image in zip(store.names, store.images, strict=True):
        whole = decode_upright(tf.constant((tmp_path / name).read_bytes()))
        np.testing.assert_array_equal(image, resize_and_crop(whole, SIZE))


def test_another_way_to_make_images_square_is_refused(photographs, load):
    with pytest.raises(ValueError, match="'pad'.*crop.*stretch"):
        load(split_from(photographs), fit="pad")


def test_gray_images_are_counted(mixed, load):
    assert load(mixed).gray == 3  # gray.jpg, gray.png, gray16.png


def of_color(split):
    return dataclasses.replace(split, color_only=True)


GRAY = ("gray.jpg", "gray.png", "gray16.png", "yellowed.jpg")


@pytest.fixture
def with_gray(mixed, tmp_path, smooth):
    """`mixed`, and a gray print on yellowed paper, a sepia one, and a flower on gray ground."""
    gray = Image.fromarray(smooth(1, 40, 56, seed=7)[0]).convert("L")
    folder = tmp_path / "more"
    folder.mkdir()
    ImageOps.colorize(gray, "black", "#fffdf9").save(folder / "yellowed.jpg", quality=75)
    ImageOps.colorize(gray, "black", "#ffe0b0").save(folder / "sepia.jpg", quality=75)
    flower = gray.convert("RGB").resize((160, 40))
    flower.paste((200, 20, 60), (0, 0, 40, 40))  # at the edge, so no square shows it
    flower.save(folder / "flower.png")
    more = split_from(folder)
    return joined([mixed, more])


def test_photographs_to_train_on_have_color(with_gray, load):
    whole, colored = load(with_gray), load(of_color(with_gray))
    assert set(colored.left_out) == set(GRAY)
    assert colored.names == tuple(name for name in whole.names if name not in GRAY)
    assert {"sepia.jpg", "flower.png"} < set(colored.names)  # judged as a whole
    rows = [whole.names.index(name) for name in colored.names]
    np.testing.assert_array_equal(colored.images, whole.images[rows])
    assert whole.left_out == () and colored.skipped == whole.skipped
    # Those beside them that were decoded before are not taken for them, nor the other way round.
    assert load(of_color(with_gray)).left_out == colored.left_out
    assert load(with_gray).names == whole.names


def test_a_folder_without_color_is_an_error(with_gray, load):
    grays = [row for row, name in enumerate(with_gray.names) if name in (*GRAY, "empty.jpg")]
    with pytest.raises(
        InputError, match=r"^train: none .* 5 .* \(4 are gray, 1 no .* add color"
    ) as e:
        load(of_color(subset(with_gray, grays, "gray")), label="train")
    assert e.value.settings == ("data_dir",)


def test_records_of_before_gray_ones_were_left_out_are_read(photographs, tmp_path):
    split, reads = counting(split_from(photographs))
    first = load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path)
    (record,) = tmp_path.rglob("*.json")
    record.write_text(json.dumps(json.loads(record.read_text())[:3]))
    reads.clear()
    again = load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path)
    assert not reads and again.names == first.names and again.left_out == ()


def test_files_in_many_chunks_keep_their_order(tmp_path, load):
    for index in range(150):
        color = (index, 255 - index, 7)
        Image.new("RGB", (10, 12), color).save(tmp_path / f"{index:03d}.png")
        if index % 40 == 5:
            (tmp_path / f"{index:03d}.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    store = load(split_from(tmp_path))
    assert [int(name[:3]) for name in store.names] == store.images[:, 0, 0, 0].tolist()
    assert len(store) == 146 and len(store.skipped) == 4


def test_limit_takes_files_evenly_spread(photographs, load):
    split = split_from(photographs)
    store = load(split, limit=5)
    assert store.names == tuple(split.names[i] for i in (0, 6, 12, 17, 23))
    assert len(load(split, limit=1)) == 1
    assert load(split, limit=1000).names == split.names


@pytest.mark.parametrize("limit", [None, 20])
def test_labels_are_those_of_the_images_kept(mixed, load, limit):
    labels = tuple(range(100, 100 + len(mixed.names)))
    store = load(dataclasses.replace(mixed, labels=labels), limit=limit)
    assert store.labels.dtype == np.int32
    assert store.skipped and len(store.labels) == len(store)
    assert [mixed.names[label - 100] for label in store.labels] == list(store.names)
    assert load(mixed, limit=limit).labels is None


def test_memory_and_disk_hold_the_same(mixed, tmp_path):
    in_memory = load_store(mixed, SIZE, memory_limit=10**9, cache_dir=tmp_path)
    assert not list(tmp_path.rglob("*"))
    on_disk = load_store(mixed, SIZE, memory_limit=0, cache_dir=tmp_path)
    assert isinstance(on_disk.images, np.memmap) and not on_disk.images.flags.writeable
    np.testing.assert_array_equal(in_memory.images, on_disk.images)
    assert in_memory.names == on_disk.names
    assert (in_memory.gray, in_memory.skipped) == (on_disk.gray, on_disk.skipped)


def test_what_lies_on_disk_is_not_decoded_again(mixed, tmp_path):
    split, reads = counting(mixed)
    first = load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path)
    assert reads
    reads.clear()
    second = load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path)
    assert not reads
    np.testing.assert_array_equal(first.images, second.images)
    assert (first.names, first.gray, first.skipped) == (second.names, second.gray, second.skipped)

    # Another size, shape, limit or state of the files is another cache.
    load_store(split, SIZE + 1, memory_limit=0, cache_dir=tmp_path)
    load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path, limit=20)
    stretched = load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path, fit="stretch")
    assert np.any(stretched.images != first.images)
    changed = Split(split.names, split.read, "1" * 8)
    reads.clear()
    load_store(changed, SIZE, memory_limit=0, cache_dir=tmp_path)
    assert reads
    assert len(list(tmp_path.rglob("*.npy"))) == 5


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_pass_ends_and_leaves_nothing_that_counts(photographs, tmp_path, error):
    split = split_from(photographs)

    def read(index):
        if index == 10:
            raise error("interrupted")
        return split.read(index)

    interrupted = Split(split.names, read, split.fingerprint)
    for limit in (0, 10**9):
        with pytest.raises(error, match="interrupted"):
            load_store(interrupted, SIZE, memory_limit=limit, cache_dir=tmp_path)
    assert not list(tmp_path.rglob("*.np*"))
    assert len(load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path)) == len(split)


def test_a_pass_killed_half_way_is_done_again(photographs, tmp_path):
    split = split_from(photographs)
    whole = np.array(load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path).images)
    (path,) = tmp_path.rglob("*.npy")
    # What SIGKILL leaves: the record and half the pixels under a temporary name.
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.rename(path.with_name(".writing-x.npy"))
    path.with_name(".writing-x.npy").write_bytes(half)
    again = load_store(split, SIZE, memory_limit=0, cache_dir=tmp_path)
    np.testing.assert_array_equal(whole, again.images)


def test_a_closed_store_holds_no_images(photographs):
    store = load_store(split_from(photographs), SIZE)
    pixels = weakref.ref(store.images.base)
    assert len(list(image_batches(store, 8))) == 3  # TensorFlow keeps what such a step refers to
    store.close()
    gc.collect()
    assert pixels() is None
    assert store.images.shape == (0, SIZE, SIZE, 3)


def test_a_center_crop_shows_the_middle_of_every_image(photographs, load):
    store = load(split_from(photographs))
    cropped = store.center_crop(SIZE - 5)
    assert cropped.images.shape == (len(store), SIZE - 5, SIZE - 5, 3)
    np.testing.assert_array_equal(cropped.images, store.images[:, 2:-3, 2:-3])
    assert np.shares_memory(cropped.images, store.images)
    assert cropped.names == store.names
    np.testing.assert_array_equal(store.center_crop(SIZE).images, store.images)
    batches = np.concatenate(list(image_batches(cropped, 5).as_numpy_iterator()))
    np.testing.assert_array_equal(batches, cropped.images)
    with pytest.raises(ValueError, match="too small"):
        store.center_crop(SIZE + 1)


def test_no_usable_file_at_all(damaged_files, load):
    with pytest.raises(InputError, match="none of the 7 pictures files is a usable image") as error:
        load(split_from(damaged_files), label="pictures")
    assert "empty.jpg: empty file" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_cache_that_cannot_be_written_is_named(photographs, tmp_path):
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(InputError, match="cannot write .*cache"):
        load_store(split_from(photographs), SIZE, memory_limit=0, cache_dir=tmp_path / "cache")


def test_images_that_the_disk_has_no_room_for_are_refused_before_decoding(photographs, tmp_path):
    split, reads = counting(split_from(photographs))
    cache = tmp_path / "not" / "there"
    with pytest.raises(InputError, match=r"train images take 72,000.0 GB and .* POLYCHROME_CACHE"):
        load_store(split, 10**6, label="train", memory_limit=0, cache_dir=cache)
    assert not reads and not cache.exists()


def test_where_the_cache_is(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("POLYCHROME_CACHE", raising=False)
    assert default_cache_dir() == tmp_path / "xdg" / "polychrome"
    monkeypatch.setenv("POLYCHROME_CACHE", str(tmp_path / "own"))
    assert default_cache_dir() == tmp_path / "own"
