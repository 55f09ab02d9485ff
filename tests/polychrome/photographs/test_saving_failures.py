"""Photographs that cannot be written leave nothing behind, and what was there stays."""

import os
import subprocess
import sys

import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.photographs.photograph import Photograph
from polychrome.photographs.saving import FORMATS, save_photograph

RGB = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
PHOTOGRAPH = Photograph(RGB[..., 0])

# A limit on the size of files fails a write as a full disk does: after a part of it.
SAVE_ON_A_FULL_DISK = """
import resource, signal, sys
import numpy as np
from polychrome.errors import InputError
from polychrome.photographs.photograph import Photograph
from polychrome.photographs.saving import save_photograph

rgb = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for path in sys.argv[1:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    try:
        save_photograph(path, rgb, Photograph(rgb[..., 0]))
    except InputError as error:
        print(error)
assert not {"tensorflow", "keras", "tifffile"} & sys.modules.keys()
"""


def test_a_write_that_fails_half_way_keeps_the_old_file_and_leaves_nothing_else(tmp_path):
    paths = [tmp_path / f"photo{FORMATS[format][0]}" for format in FORMATS]
    for path in paths:
        path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", SAVE_ON_A_FULL_DISK, *map(os.fspath, paths)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [f"cannot write {path}: File too large" for path in paths]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert {path.read_bytes() for path in paths} == {b"old"}
    # Without the limit all of them are longer than it.
    for path in paths:
        save_photograph(path, RGB, PHOTOGRAPH)
        assert path.stat().st_size > 20_000


@pytest.mark.parametrize("format", FORMATS)
def test_a_folder_in_the_place_of_the_file_is_named(tmp_path, format):
    path = tmp_path / f"photo{FORMATS[format][0]}"
    path.mkdir()
    with pytest.raises(InputError, match=f"cannot write {path}: Is a directory"):
        save_photograph(path, RGB, PHOTOGRAPH)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_takes_no_files_is_named(tmp_path):
    # For all users, the first among them: there are no folders in a file, and none can be made
    # in /proc.
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "photo.png", "/proc/polychrome/photo.png"):
        with pytest.raises(InputError, match=f"cannot write {path}: ") as error:
            save_photograph(path, RGB, PHOTOGRAPH)
        assert "\n" not in str(error.value)
