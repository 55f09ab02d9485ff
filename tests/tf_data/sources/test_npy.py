"""Arrays of L and ab, laid out as UCI's and Kaggle's."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.color import lab2rgb, rgb2lab

from polychrome.errors import InputError
from tf_data.sources.source import SPLITS, open_source
from tf_data.store import load_store

COUNT = 25


@pytest.fixture(scope="module")
def lab(smooth):
    """OpenCV's 8-bit Lab."""
    return np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2Lab) for image in smooth(COUNT, 24, 20)])


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array)


def uci(folder, lab):
    save(folder / "l.npy", lab[..., 0])
    save(folder / "ab.npy", lab[..., 1:])


def kaggle(folder, lab):
    """As the archive unpacks, with the numbers of photographs in proportion."""
    save(folder / "l" / "gray_scale.npy", lab[..., 0])
    for number, part in enumerate(np.split(lab[..., 1:], [10, 20]), start=1):
        save(folder / "ab" / "ab" / f"ab{number}.npy", part)


def decode(encoded):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(encoded, np.uint8), 1), cv2.COLOR_BGR2RGB)


def floats(lab):
    """OpenCV's 8-bit Lab as L* 0...100, a* and b*."""
    return lab * np.array([100 / 255, 1, 1]) - np.array([0, 128, 128])


@pytest.mark.parametrize("layout", [uci, kaggle])
def test_photographs_come_back(tmp_path, lab, layout):
    layout(tmp_path, lab)
    source = open_source("npy", tmp_path)
    assert (source.name, source.notice, source.classes) == ("npy", "", ())
    found = []
    for split, turns in zip(SPLITS, (range(8), (8,), (9,)), strict=True):
        items = source.splits[split]
        assert list(items.names) == [str(i) for i in range(COUNT) if i % 10 in turns]
        assert items.labels is None
        for index, name in enumerate(items.names):
            # Apart by what rounding RGB to 8 bits costs, see test_the_documented_rounding.
            difference = np.abs(rgb2lab(decode(items.read(index))) - floats(lab[int(name)]))
            assert np.all(difference.max(axis=(0, 1)) < [0.6, 1.5, 1.5])
        found += items.names
    assert sorted(map(int, found)) == list(range(COUNT))


def test_a_store_is_filled_from_them(tmp_path, lab):
    uci(tmp_path, lab)
    store = load_store(open_source("npy", tmp_path).splits["test"], 16)
    assert store.images.shape == (2, 16, 16, 3)
    assert not store.skipped


def test_the_documented_rounding(tmp_path):
    moved, arrays = [], []
    for photograph in (data.astronaut(), data.coffee(), data.chelsea()):
        stored = cv2.cvtColor(photograph, cv2.COLOR_RGB2Lab)
        uci(tmp_path, np.repeat(stored[None], 10, axis=0))
        image = decode(open_source("npy", tmp_path).splits["test"].read(0))
        moved.append(np.abs(rgb2lab(image) - floats(stored)).reshape(-1, 3))
        arrays.append(np.abs(floats(stored) - rgb2lab(photograph)).reshape(-1, 3))
    lightness, a, b = np.array([part.mean(axis=0) for part in moved]).mean(axis=0)
    assert lightness == pytest.approx(0.07, abs=0.01)
    assert (a + b) / 2 == pytest.approx(0.15, abs=0.01)
    lightness, *ab = np.concatenate(moved).max(axis=0)
    assert lightness == pytest.approx(0.5, abs=0.05)
    assert max(ab) == pytest.approx(1.4, abs=0.05)
    lightness, a, b = np.array([part.mean(axis=0) for part in arrays]).mean(axis=0)
    assert lightness == pytest.approx(0.11, abs=0.01)
    assert (a + b) / 2 == pytest.approx(0.28, abs=0.01)


def test_white_black_and_colors_out_of_gamut(tmp_path):
    lab = np.full((10, 8, 8, 3), 128, np.uint8)
    lab[:, 0], lab[:, 1] = (255, 128, 128), (0, 128, 128)
    lab[:, 2], lab[:, 3] = (128, 255, 0), (255, 0, 255)
    uci(tmp_path, lab)
    image = decode(open_source("npy", tmp_path).splits["test"].read(0))
    assert np.all(image[0] == 255)
    assert np.all(image[1] == 0)
    # Clipped where they leave sRGB, not wrapped around: as scikit-image clips them.
    expected = lab2rgb(floats(lab[0])) * 255
    np.testing.assert_allclose(image, expected, rtol=0, atol=1)


def test_many_threads_read_the_right_photographs(tmp_path, lab):
    kaggle(tmp_path, lab)
    items = open_source("npy", tmp_path).splits["train"]
    expected = [items.read(index) for index in range(len(items))]
    order = np.random.default_rng(0).integers(0, len(items), 500).tolist()
    with ThreadPoolExecutor(8) as pool:
        for index, content in zip(order, pool.map(items.read, order), strict=True):
            assert content == expected[index]


def test_photographs_without_colors_are_left_out_and_noticed(tmp_path, lab):
    kaggle(tmp_path, lab)
    (tmp_path / "ab/ab/ab3.npy").unlink()
    source = open_source("npy", tmp_path)
    assert sum(map(len, source.splits.values())) == 20
    assert "20 of 25 photographs have colors (ab1.npy, ab2.npy)" in source.notice


def test_parts_are_joined_by_number(tmp_path, lab):
    save(tmp_path / "l.npy", lab[..., 0])
    for number, part in enumerate(np.split(lab[..., 1:], [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]), 1):
        save(tmp_path / f"ab{number}.npy", part)
    joined = open_source("npy", tmp_path).splits["test"]
    uci(tmp_path / "whole", lab)
    whole = open_source("npy", tmp_path / "whole").splits["test"]
    assert [joined.read(i) for i in range(2)] == [whole.read(i) for i in range(2)]


def test_the_fingerprint_follows_the_files(tmp_path, lab):
    uci(tmp_path, lab)
    before = open_source("npy", tmp_path).splits
    assert len({split.fingerprint for split in before.values()}) == 3
    save(tmp_path / "ab.npy", lab[:20, ..., 1:])
    after = open_source("npy", tmp_path).splits
    assert all(before[split].fingerprint != after[split].fingerprint for split in SPLITS)


def broken(folder, lab):
    uci(folder, lab)
    path = folder / "ab.npy"
    path.write_bytes(path.read_bytes()[:-100])


def pickled(folder, lab):
    uci(folder, lab)
    np.save(folder / "l.npy", np.array([{}], object), allow_pickle=True)


def two_of_l(folder, lab):
    uci(folder, lab)
    save(folder / "gray_scale.npy", lab[..., 0])


def two_of_ab1(folder, lab):
    kaggle(folder, lab)
    save(folder / "ab1.npy", lab[..., 1:])


@pytest.mark.parametrize(
    "write, message",
    [
        (lambda f, lab: None, "no .npy files; there should be one l.npy or gray_scale.npy.*kaggle"),
        (lambda f, lab: save(f / "l.npy", lab[..., 0]), ": l.npy; there should be"),
        (two_of_l, "ab.npy, gray_scale.npy, l.npy; there should be one"),
        (two_of_ab1, "ab/ab/ab1.npy, .*ab1.npy, l/gray_scale.npy; there should be one"),
        (broken, "ab.npy: not a whole .npy file"),
        (pickled, "l.npy: not a whole .npy file"),
        (lambda f, lab: uci(f, lab / 255.0), "l.npy: float64 with 3 axes; it should be uint8"),
        (lambda f, lab: uci(f, lab[0]), "l.npy: uint8 with 2 axes; it should be uint8 with 3"),
        (lambda f, lab: uci(f, lab[:9]), "9 photographs in ab.npy and 9 in l.npy; .*ten at least"),
    ],
)
def test_other_arrays_are_refused(tmp_path, lab, write, message):
    write(tmp_path, lab)
    with pytest.raises(InputError, match=message) as caught:
        open_source("npy", tmp_path)
    assert "\n" not in str(caught.value)


def test_shapes_that_do_not_go_together_are_named(tmp_path, lab):
    save(tmp_path / "l.npy", lab[..., 0])
    save(tmp_path / "ab.npy", lab[:, :-1, :, 1:])
    with pytest.raises(InputError, match=r"ab.npy: shape \[25, 23, 20, 2\].*\[n, 24, 20, 2\]"):
        open_source("npy", tmp_path)
    save(tmp_path / "ab.npy", np.concatenate([lab, lab])[..., 1:])
    with pytest.raises(InputError, match="50 photographs in ab.npy and 25 in l.npy"):
        open_source("npy", tmp_path)


def test_missing_data_say_where_to_get_them(tmp_path):
    with pytest.raises(InputError, match="npy: where.*kaggle.com") as error:
        open_source("npy")
    assert error.value.settings == ("data_dir",)
    with pytest.raises(InputError, match="npy can't be downloaded.*kaggle.com") as error:
        open_source("npy", tmp_path, download=True)
    assert error.value.settings == ("download",)
    with pytest.raises(InputError, match="x: no .npy files.*kaggle.com"):
        open_source("npy", tmp_path / "x")
