"""What all systems of a bake-off are graded against: made once, and again where it is damaged."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from experiments.comparison.grading import TRUE_SUPERPIXELS, work
from experiments.comparison.judges import TRUE_FEATURES
from experiments.comparison.progress import GRADES
from experiments.comparison.settings import Budget, Entry, Settings, System
from experiments.comparison.shared import made_once
from experiments.process.clock import Clock

TRUE = np.arange(60.0).reshape(20, 3)


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def zipped():
    file = io.BytesIO()
    np.savez(file, TRUE)
    return file.getvalue()


@pytest.mark.parametrize("mmap_mode", [None, "r"])
@pytest.mark.parametrize(
    "damaged",
    [saved(TRUE)[:300], b"", b"PK", b"no array", saved(TRUE[:9]), saved(np.float32(1)), zipped()],
    ids=["half", "empty", "cut zip", "text", "other images", "number", "several"],
)
def test_a_shared_array_is_made_again_where_its_file_is_damaged(tmp_path, damaged, mmap_mode):
    path, made = tmp_path / "shared.npy", []

    def make():
        made.append(1)
        return TRUE

    path.write_bytes(damaged)
    for _ in range(2):
        found = made_once(path, 20, make, mmap_mode)
        np.testing.assert_array_equal(found, TRUE)
        assert isinstance(found, np.memmap) == (mmap_mode == "r")
    assert len(made) == 1 and path.read_bytes() == saved(TRUE)
    assert [file.name for file in tmp_path.iterdir()] == ["shared.npy"]


@pytest.mark.long
def test_a_system_is_graded_though_what_all_share_was_cut_short(tmp_path):
    passed = ("--data", "sample", "--limit", "4", "--image-size", "32")
    settings = Settings((System("tiny", "tiny"),), Budget(), skipped=("st_lpips",), passed=passed)
    entry = Entry("tiny", 1)
    shared = [tmp_path / TRUE_FEATURES, tmp_path / TRUE_SUPERPIXELS]
    found = []
    for _ in range(2):
        work(settings, entry, tmp_path, Clock(tmp_path / "times.json"))
        record = tmp_path / GRADES / "tiny/seed-1.json"
        found.append((json.loads(record.read_text())["of_set"], *map(Path.read_bytes, shared)))
        record.unlink()
        for path in shared:
            path.write_bytes(path.read_bytes()[:200])
    assert found[0] == found[1]
