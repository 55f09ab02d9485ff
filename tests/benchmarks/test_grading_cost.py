"""The benchmark of grading: both ways agree, others are noticed, and the page has its figures."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import grading_cost
from benchmarks.grading_cost import comparison, floored, largest_difference, main, markdown
from benchmarks.ways.grading import METRICS, WAYS, forget_peak, memory_mib, pairs
from polychrome.errors import InputError
from polychrome.files import read_json


def test_both_ways_give_the_same_numbers_and_others_are_noticed():
    images = pairs(0, 6, 24)
    assert images[0].shape == images[1].shape == (6, 24, 24, 3)
    assert images[0].dtype == images[1].dtype == np.uint8
    values, theirs = (WAYS[way]()(*images) for way in ("ours", "scikit-image"))
    assert all(len(column) == 6 and column.std() > 0 for column in values.values())
    assert largest_difference(values, theirs).keys() == set(METRICS)
    shifted = {**values, "ciede2000": values["ciede2000"] + np.eye(6)[5] * 0.1}
    with pytest.raises(ArithmeticError, match="ciede2000: differs by 0.1"):
        largest_difference(shifted, theirs)


def test_all_pairs_are_different_and_each_is_what_its_number_says():
    truth, made = pairs(0, 500, 16)
    for images in (truth, made):
        assert len({image.tobytes() for image in images}) == 500
    assert (np.abs(truth.astype(int) - made).max(axis=(1, 2, 3)) > 0).all()
    for all_of, some in zip((truth, made), pairs(300, 200, 16), strict=True):
        np.testing.assert_array_equal(all_of[300:], some)
    last = 11 * 211 - 1
    assert len(pairs(last, 1, 390)[0]) == 1
    for first, count, side in ((last, 2, 390), (0, 1, 401)):
        with pytest.raises(InputError, match="600x400; take fewer or smaller"):
            pairs(first, count, side)


def test_the_peak_is_of_what_was_graded_not_of_what_was_before():
    np.ones(200 * 2**20, np.uint8)  # a higher peak, given back
    forget_peak()
    before = memory_mib("VmRSS")
    assert memory_mib("VmHWM") < before + 20
    np.ones(60 * 2**20, np.uint8)
    assert 50 < memory_mib("VmHWM") - before < 80
    assert memory_mib("VmRSS") < before + 20


def test_ratios_are_of_all_images_by_either_clock():
    mine = {"first_batch": {"wall": 3.0, "processor": 4.0}, "wall": [1.0, 3.0]}
    mine["processor"] = [2.0, 4.0]
    theirs = {"first_batch": {"wall": 1.0, "processor": 1.0}, "wall": [8.0, 15.0]}
    theirs["processor"] = [10.0, 19.0]
    found = json.loads(json.dumps(comparison(mine, theirs, "scikit-image")))
    assert found["wall"] == {
        "ratio": 23 / 4,
        "range": [5.0, 8.0],
        "with_first_batch": 24 / 7,
        "target": ">= 5",
        "met": True,
    }
    assert (found["processor"]["ratio"], found["processor"]["met"]) == (29 / 6, False)
    assert "met" not in comparison(mine, theirs, "scikit-image-window")["wall"]


def test_the_page_has_the_recorded_figures_and_rounds_none_up():
    first = {"wall": 2.0, "processor": 3.0}
    ways = {
        "ours": {"wall": [0.3, 0.3], "processor": [0.6, 0.6], "peak_mib": [107.4, 109.0]},
        "scikit-image": {"wall": [2.5, 2.4979], "processor": [2.999] * 2, "peak_mib": [99, 98]},
        "scikit-image-window": {"wall": [2.0] * 2, "processor": [2.0] * 2, "peak_mib": [99, 98]},
    }
    for way in ways.values():
        way.update(first_batch=first, before_mib=90.0)
    rivals = ("scikit-image", "scikit-image-window")
    record = {
        "environment": {"cores": 2, "processor": "Z80", "load_average": 0.5},
        "side": 64,
        "batch": 100,
        "turn": 1000,
        "images": 2000,
        "ways": ways,
        "comparisons": [comparison(ways["ours"], ways[rival], rival) for rival in rivals],
        "others": {"ST-LPIPS": 1.234},
    }
    text = markdown(record)
    assert (
        "| scikit-image, the same definitions | 0.300 | 2.499 | 8.32 (8.32–8.33) "
        "| 4.99 (4.99–4.99) | wall time: met; processor time: **missed** |"
    ) in text
    assert (
        "| 6.66 (6.66–6.66) | 3.33 (3.33–3.33) | wall time: met; processor time: **missed** |"
    ) in text
    assert "| ST-LPIPS | 1.23 |" in text and "2,000 different images" in text and "2 turns" in text
    assert "ours +17 MiB in the first turn, +19 MiB in any; scikit-image +9 MiB" in text
    assert floored(4.957) == "4.95" and floored(5.0) == "5.00"


def test_the_page_is_what_is_kept():
    folder = Path(grading_cost.__file__).parent
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert markdown(read_json(folder / "results/grading_cost.json")) in page


@pytest.mark.long
def test_it_prints_finite_ratios_and_writes_them(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(grading_cost, "TURN", 4)
    file = tmp_path / "cost.json"
    assert main(["--images", "6", "--side", "32", "--json", str(file)]) == 0
    record = json.loads(file.read_text())
    assert record["images"] == 6 and record["ways"].keys() == WAYS.keys()
    for way in record["ways"].values():
        for key in ("wall", "processor", "peak_mib"):
            assert len(way[key]) == 2 and min(way[key]) > 0
        assert min(way["peak_mib"]) >= way["before_mib"] > 0
    assert len(record["comparisons"]) == 2
    assert len(record["others"]) == 4 and all(value > 0 for value in record["others"].values())
    assert "ms/image  ST-LPIPS" in capfd.readouterr().out
    page = tmp_path / "page.md"
    page.write_text(f"{grading_cost.BEGIN}\n{grading_cost.END}\n")
    assert main(["--json", str(file), "--page", str(page)]) == 0
    assert markdown(record) in page.read_text()
    assert main(["--images", "500", "--side", "399", "--json", str(file)]) == 1
    assert "take fewer or smaller ones" in capfd.readouterr().err
