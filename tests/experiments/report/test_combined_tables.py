"""One table from several runs."""

import copy

import pytest
from graded_rows import reported, row

from experiments.report import tables
from polychrome.errors import InputError


def test_a_record_of_baselines_alone_gives_old_runs_their_row(metrics):
    known = ("ours", "reported")
    alone = {**metrics, "rows": [row for row in metrics["rows"] if row["kind"] not in known]}
    old = {**metrics, "rows": [row for row in metrics["rows"] if row["kind"] != "best_constant"]}
    old["rows"][-1]["values"]["psnr_colored"]["mean"] = 22.6
    assert "doing nothing (22.50 dB): Net." in tables.combine([old])["verdict"]
    alone["rows"][0]["values"]["psnr_colored"]["mean"] = 22.7
    combined = tables.combine([alone, old])
    assert [row["kind"] for row in combined["rows"]] == [
        "ours",
        "reported",
        "do_nothing",
        "mean_color",
        "best_constant",
    ]
    assert combined["verdict"].startswith("On colored images, none of 1 trained row beats ")
    assert "the best constant (22.70 dB). On all images, 1 of" in combined["verdict"]


def test_combining_keeps_systems_and_each_baseline_once(metrics):
    other = copy.deepcopy(metrics)
    other["rows"][4] = row("ours", 21.0, "cnn", "CNN")
    other["rows"].append(reported(21.57, "cnn", "CNN"))
    other["rows"][2]["values"]["psnr"]["mean"] += 1e-5  # another machine's last bits
    combined = tables.combine([metrics, other, copy.deepcopy(metrics)])
    assert [(r["kind"], r["label"]) for r in combined["rows"]] == [
        ("ours", "Net"),
        ("ours", "CNN"),
        ("reported", "Net"),
        ("reported", "CNN"),
        ("do_nothing", "do nothing (ab = 0)"),
        ("mean_color", "mean color"),
        ("best_constant", "best constant"),
    ]
    assert list(combined["metrics"]) == list(metrics["metrics"])
    assert "CNN †" in tables.text_table(combined)


def test_runs_of_one_label_are_told_apart_by_their_folders(metrics):
    longer = copy.deepcopy(metrics)
    longer["rows"][4]["values"]["psnr"]["mean"] = 24.0
    combined = tables.combine([metrics, longer, metrics], ["kept/net", "kept/net_longer", "again"])
    own = [row["label"] for row in combined["rows"] if row["kind"] == "ours"]
    assert own == ["Net", "Net (net_longer)"]
    assert "Net; Net (net_longer)." in combined["verdict"]


@pytest.mark.parametrize("change", ["count", "score", "missing", "unknown"])
def test_combining_refuses_other_test_images(metrics, change):
    other = copy.deepcopy(metrics)
    if change == "count":
        other["images"]["graded"] = 104
    elif change == "score":
        other["rows"][2]["values"]["psnr"]["mean"] = 23.1
    elif change == "missing":
        del other["rows"][2]
    else:
        other["rows"][2]["values"]["psnr"]["mean"] = None
    with pytest.raises(InputError, match="second") as caught:
        tables.combine([metrics, other], ["first", "second"])
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="at least one"):
        tables.combine([])
