"""The benchmark of grading: both ways agree, others are noticed, and the page has its figures."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import grading_cost
from benchmarks.grading_cost import check_same_numbers, main, markdown, ours, pairs
from polychrome.files import read_json


def test_both_ways_give_the_same_numbers_and_others_are_noticed(monkeypatch):
    images = pairs(6, 24)
    assert images[0].shape == images[1].shape == (6, 24, 24, 3)
    assert images[0].dtype == images[1].dtype == np.uint8
    largest = check_same_numbers(images)
    assert set(largest) == {"psnr", "ssim", "mse", "ciede2000"}
    values = ours(images)
    assert all(len(column) == 6 and column.std() > 0 for column in values.values())
    shifted = {**values, "ciede2000": values["ciede2000"] + 0.1}
    monkeypatch.setattr(grading_cost, "ours", lambda images: shifted)
    with pytest.raises(ArithmeticError, match="ciede2000: differs by 0.1"):
        check_same_numbers(images)


@pytest.mark.long
def test_images_of_an_uneven_last_batch_count(monkeypatch):
    images = pairs(7, 16)
    whole = ours(images)
    monkeypatch.setattr(grading_cost, "BATCH", 3)
    for key, values in ours(images).items():
        np.testing.assert_allclose(values, whole[key], rtol=1e-5, err_msg=key)


@pytest.mark.parametrize("met", [True, False])
def test_the_page_has_the_recorded_figures(met):
    times = {"wall": [2.0, 1.0, 3.0], "processor": [2.0, 1.0, 3.0]}
    slower = {"wall": [20.0, 10.0, 30.0], "processor": [1.0, 1.0, 1.0]}
    record = {
        "environment": {"cores": 2, "processor": "Z80", "load_average": 0.5},
        "side": 64,
        "turns": 3,
        "images": 3000,
        "memory_growth_mib": 7.4,
        "comparisons": [
            {
                "name": "scikit-image",
                "images": 1000,
                "ours_seconds": times,
                "rival_seconds": slower,
                "ratio": 10.0,
                "ratio_range": [9.0, 11.0],
                "processor_ratio": 12.34,
                "target": ">= 5",
                "met": met,
            }
        ],
        "others": {"ST-LPIPS": 1.234},
    }
    text, verdict = markdown(record), "" if met else ", **missed**"
    assert f"| scikit-image | 2.00 | 20.00 | 10.0 (9.0–11.0) | 12.3 | at least 5{verdict} |" in text
    assert "| ST-LPIPS | 1.23 |" in text and "3,000 images" in text and "7 MiB" in text


def test_the_page_is_what_is_kept():
    folder = Path(grading_cost.__file__).parent
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert markdown(read_json(folder / "results/grading_cost.json")) in page


@pytest.mark.long
def test_it_prints_finite_ratios_and_writes_them(tmp_path, capsys):
    file = tmp_path / "cost.json"
    arguments = ["--images", "8", "--side", "32", "--turns", "2", "--json", str(file)]
    assert main(arguments) == 0
    record = json.loads(file.read_text())
    assert record["images"] == 8 and len(record["comparisons"]) == 2
    assert all(item["ratio"] > 0 and item["images"] == 4 for item in record["comparisons"])
    assert len(record["others"]) == 4 and all(value > 0 for value in record["others"].values())
    assert "ms/image  ST-LPIPS" in capsys.readouterr().out
    page = tmp_path / "page.md"
    page.write_text(f"{grading_cost.BEGIN}\n{grading_cost.END}\n")
    assert main(["--json", str(file), "--page", str(page)]) == 0
    assert markdown(record) in page.read_text()
