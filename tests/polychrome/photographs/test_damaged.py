"""Files whose bytes are changed at random: a sane photograph or an error of one line, ever."""

import numpy as np
import pytest
from odd_files import mutated, seeds

from polychrome.errors import InputError
from polychrome.photographs.opening import open_photograph
from polychrome.photographs.photograph import Photograph

# pytest puts aside the filter that the import sets.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.(Tiff|Png)ImagePlugin$")
SEEDS = seeds()


def _check(found, encoded):
    assert isinstance(found, Photograph)
    pixels, metadata = found.pixels, found.metadata
    assert pixels.size and (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[-1] == 3))
    assert pixels.dtype in (np.uint8, np.uint16, np.float32)
    if pixels.dtype == np.float32:
        assert pixels.min() >= 0 and pixels.max() <= 1
    if found.alpha is not None:
        assert found.alpha.shape == pixels.shape[:2] and found.alpha.dtype == pixels.dtype
    assert found.format in ("jpeg", "png", "tiff", "webp")
    for part in (metadata.exif, metadata.xmp, metadata.iptc):
        assert part is None or 0 < len(part) <= len(encoded) + 200
    assert metadata.dpi is None or all(1 <= dpi <= 1e5 for dpi in metadata.dpi)


def _read_all(tmp_path, count, seed):
    names, opened = sorted(SEEDS), 0
    for index in range(count):
        encoded = mutated(SEEDS[names[index % len(names)]], np.random.default_rng([seed, index]))
        # A new file each time: to cut off an old one takes milliseconds.
        path = tmp_path / f"file-{index}"
        path.write_bytes(encoded)
        try:
            # Small ones only: a header that lies must not cost memory here.
            found = open_photograph(path, page=1, max_pixels=1e6)
        except InputError as error:
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error)
        else:
            _check(found, encoded)
            opened += 1
        path.unlink()
    return opened / count


@pytest.mark.parametrize("name", SEEDS)
def test_files_open_before_they_are_damaged(tmp_path, name):
    (tmp_path / name).write_bytes(SEEDS[name])
    _check(open_photograph(tmp_path / name, page=1), SEEDS[name])


def test_damaged_files_are_read_or_refused(tmp_path):
    # Both happen, or the mutations would show little.
    assert 0.05 < _read_all(tmp_path, 2000, 0) < 0.6
