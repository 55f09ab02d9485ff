"""The table: who is ranked, what is said of seeds, and the same numbers in every file."""

import csv
import io
import json

import numpy as np
import pytest

from experiments.comparison.kinds import BASELINE, TRAINED
from experiments.comparison.tables.ranking import rank
from experiments.comparison.tables.rows import read_rows
from experiments.comparison.tables.table import as_csv, make_table, notes
from polychrome.errors import InputError


@pytest.fixture
def table(bakeoff, settings):
    return make_table(read_rows(settings, bakeoff))


def row(table, name):
    return next(each for each in table["rows"] if each["system"] == name)


def test_rows_are_in_order_and_oracles_have_no_rank(table):
    assert [each["system"] for each in table["rows"]] == [
        "good",
        "copy",
        "shipped",
        "do_nothing",
        "nearest_gray",
        "truth",
    ]
    ranks = {each["system"]: each["ranks"].get("psnr_colored") for each in table["rows"]}
    assert ranks == {
        "good": [1, 2],
        "copy": [1, 2],
        "do_nothing": [3, 3],
        "shipped": [4, 4],
        "nearest_gray": [5, 5],
        "truth": None,
    }
    assert row(table, "truth")["values"]["psnr"]["mean"] == 60
    assert "colorfulness" not in row(table, "good")["ranks"]  # neither high nor low is better
    for key, names in (("best", ["good"]), ("level", ["copy"])):
        assert [row["system"] for row in table["rows"] if "psnr_colored" in row[key]] == names


def test_differences_that_decide_the_ranks_are_told_with_their_intervals(table, bakeoff):
    found = {(each["system"], each["other"]): each for each in table["differences"]}
    assert len(found) == 10  # pairs of five; oracles have no rank
    mean = {each["system"]: each["values"]["psnr_colored"]["mean"] for each in table["rows"]}
    rank = {each["system"]: each["ranks"].get("psnr_colored") for each in table["rows"]}
    for (one, other), each in found.items():
        assert each["mean"] == pytest.approx(mean[one] - mean[other], abs=1e-5) and each["mean"] > 0
        assert each["low"] - 1e-5 <= each["mean"] <= each["high"] + 1e-5
        assert each["apart"] == (rank[one][1] < rank[other][0])
        assert each["low"] > 0 or not each["apart"]
    with np.load(bakeoff / "grades/shipped/seed-1.npz") as one:
        with np.load(bakeoff / "grades/nearest_gray/seed-0.npz") as other:
            away = one["per_image/psnr_colored"] - other["per_image/psnr_colored"]
    assert found["shipped", "nearest_gray"]["mean"] == pytest.approx(np.nanmean(away), abs=1e-5)


def test_values_are_means_over_images_and_seeds_with_intervals(table, bakeoff):
    by_seed = []
    for seed in (1, 2):
        with np.load(bakeoff / f"grades/good/seed-{seed}.npz") as arrays:
            by_seed.append(np.nanmean(arrays["per_image/psnr_colored"]))
    value = row(table, "good")["values"]["psnr_colored"]
    assert value["mean"] == pytest.approx(np.mean(by_seed), abs=1e-6)
    assert value["by_seed"] == pytest.approx(by_seed, abs=1e-6)
    assert value["low"] < value["mean"] < value["high"]
    auc = row(table, "good")["values"]["auc"]
    assert auc == {"mean": 0.9, "low": None, "high": None, "by_seed": [0.9, 0.9]}
    assert row(table, "good")["costs"] == {
        "training_images": 960,
        "training_cpu_seconds": 8.0,
        "training_images_per_cpu_second": 120.0,
        "training_images_per_second": 230.0,
        "inference_images_per_cpu_second": 500.0,
        "inference_images_per_second": 990.0,
        "parameters": 12_345,
    }
    assert set(row(table, "do_nothing")["costs"].values()) == {None}


def test_a_budget_is_that_of_all_seeds(bakeoff, settings):
    path = bakeoff / "grades/good/seed-2.json"
    record = json.loads(path.read_text())
    record["training"] |= {"images": 1_200, "cpu_seconds": 10.0}
    path.write_text(json.dumps(record))
    shipped = bakeoff / "grades/shipped/seed-1.json"
    taken = json.loads(shipped.read_text())
    taken |= {"budget": "net: 9 images in 2 runs (long)", "budget_in_brief": "9 images"}
    shipped.write_text(json.dumps(taken))
    table = make_table(read_rows(settings, bakeoff))
    said = "1,080 images, 9.0 s of CPU time, mean of 2 seeds that saw 960 to 1,200"
    assert row(table, "good")["budget"] == row(table, "good")["budget_in_brief"] == said
    assert said in as_csv(table | {"data": "sample", "split": "test"})
    found = row(table, "shipped")
    assert (found["budget"], found["budget_in_brief"]) == (
        "net: 9 images in 2 runs (long)",
        "9 images",
    )


def test_what_may_be_said_is_said(table):
    first, *others = table["notes"]
    assert first == (
        "Best in PSNR on colored images: Good; not told from it: Copy. "
        "Above the best baseline (Do nothing): 2 of 3 systems; not: Shipped."
    )
    said = " ".join(others)
    assert "One seed: Copy. No claim goes beyond these weights" in said
    first, second = row(table, "good")["values"]["psnr_colored"]["by_seed"]
    assert first != second
    assert f"PSNR on colored images of each: Good {first:.2f}, {second:.2f} dB. The" in said
    assert "Taken as it is" in said
    assert "Oracles know the truth and have no rank" in said


def test_a_system_is_above_the_best_baseline_by_the_pair_itself():
    base = np.linspace(20, 30, 200)
    seeds = {"good": [base + 1, base + 1.01], "gray": [base], "wild": [base + 0.9, base - 4]}
    ranking = rank(seeds, fixed=["gray"])
    kinds = {"good": TRAINED, "gray": BASELINE, "wild": TRAINED}
    rows = [
        {"system": name, "label": name, "kind": kind, "seeds": [1]} for name, kind in kinds.items()
    ]
    assert notes(rows, ranking)[0] == (
        "Best in PSNR on colored images: good; not told from it: wild. "
        "Above the best baseline (gray): 1 of 2 systems; not: wild."
    )


def test_a_system_is_above_the_best_baseline_only_if_its_seeds_allow_it():
    base = np.linspace(20, 30, 200)
    seeds = {"lucky": [base + 0.1, base + 2], "sure": [base + 1, base + 1.01], "gray": [base]}
    kinds = {"lucky": TRAINED, "sure": TRAINED, "gray": BASELINE}
    rows = [
        {"system": name, "label": name, "kind": kind, "seeds": [1]} for name, kind in kinds.items()
    ]
    ranking = rank(seeds, fixed=["gray"])
    assert ranking.low[ranking.order.index("lucky"), ranking.order.index("gray")] > 0
    said = notes(rows, ranking)[0]
    assert said.endswith("Above the best baseline (gray): 1 of 2 systems; not: lucky.")


@pytest.mark.parametrize(("colored", "few"), [(19, True), (20, False)])
def test_a_handful_of_images_tells_no_two_systems_apart(colored, few):
    gray = [np.nan] * 5  # count for none
    base = np.concatenate([np.linspace(20, 30, colored), gray])
    ranking = rank({"good": [base + 1], "poor": [base]})
    rows = [
        {"system": name, "label": name, "kind": TRAINED, "seeds": [1]} for name in ("good", "poor")
    ]
    said = notes(rows, ranking)[0]
    assert said.startswith("Best in PSNR on colored images: good.")
    assert ("19 images with color are too few to say which system is better" in said) is few


def test_the_csv_has_all_of_it(table):
    table = table | {"data": "tiny_imagenet", "split": "validation"}
    lines = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert {(line["data"], line["split"]) for line in lines} == {("tiny_imagenet", "validation")}
    assert [line["system"] for line in lines] == [each["system"] for each in table["rows"]]
    for line, each in zip(lines, table["rows"], strict=True):
        for key, value in each["values"].items():
            assert float(line[key]) == value["mean"]
            assert line[f"{key}_low"] == ("" if value["low"] is None else str(value["low"]))
    assert [lines[0][f"{end}_rank"] for end in ("best", "worst")] == ["1", "2"]
    assert lines[-1]["best_rank"] == lines[-1]["worst_rank"] == "" and lines[0]["seeds"] == "2"
    assert lines[0]["parameters"] == "12345"


def test_rows_of_other_images_have_no_table_in_common(bakeoff, settings):
    path = bakeoff / "grades/copy/seed-1.npz"
    with np.load(path) as arrays:
        shorter = {name: arrays[name] for name in arrays.files}
    shorter["per_image/psnr"] = shorter["per_image/psnr"][:-1]
    np.savez(path, **shorter)
    with pytest.raises(InputError, match=r"rows of \[39, 40\] images"):
        read_rows(settings, bakeoff)


def test_nothing_graded_has_no_table(tmp_path, settings):
    with pytest.raises(InputError, match="nothing is graded yet"):
        read_rows(settings, tmp_path)
