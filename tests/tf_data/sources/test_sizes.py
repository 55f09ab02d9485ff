"""Only photographs that need not be enlarged."""

import pytest
from PIL import Image

from polychrome.errors import InputError
from tf_data.sources.sizes import at_least
from tf_data.sources.split import Split


@pytest.fixture
def split(tmp_path, smooth):
    """40x40 (PNG), 64x48, 48x64, 33x90, and a broken file, with classes."""
    for name, (height, width) in {
        "a.png": (40, 40),
        "b.jpg": (64, 48),
        "c.jpg": (48, 64),
        "d.jpg": (33, 90),
    }.items():
        Image.fromarray(smooth(1, height, width)[0]).save(tmp_path / name)
    (tmp_path / "e.jpg").write_bytes(b"\xff\xd8 broken")
    names = tuple(sorted(path.name for path in tmp_path.iterdir()))
    return Split(names, lambda i: (tmp_path / names[i]).read_bytes(), "00", (0, 1, 2, 3, 4))


def test_both_sides_count_and_items_keep_their_bytes_and_classes(split):
    found = at_least(split, 48)
    assert found.names == ("b.jpg", "c.jpg", "e.jpg")
    assert found.labels == (1, 2, 4)
    assert [found.read(i) for i in range(3)] == [split.read(i) for i in (1, 2, 4)]
    # Another cache of decoded images.
    assert found.fingerprint not in (split.fingerprint, at_least(split, 40).fingerprint)
    assert at_least(split, 40).names == ("a.png", "b.jpg", "c.jpg", "e.jpg")
    assert at_least(split, 33) is split


def test_none_large_enough_is_an_error(split):
    whole = Split(split.names[:4], split.read, "00")
    with pytest.raises(InputError, match="no photograph of 91x91 pixels") as error:
        at_least(whole, 91)
    assert error.value.settings == ("image_size",)
