"""The table of an ablation: differences by seed, intervals, and claims."""

import dataclasses
import math
from pathlib import Path

import pytest

from experiments.tables.ablation import main
from experiments.variants import records
from experiments.variants.records import CPU, IMAGES, Record, epochs_at_equal_cpu
from experiments.variants.table import difference, markdown
from polychrome.errors import InputError


def record(variant, seed, psnr, equal=IMAGES, cpu_seconds=500.0, **grades):
    """Of 40,000 images; `grades` are decodings to a PSNR."""

    def graded(value):
        values = {"psnr": value + 0.2, "ssim": 0.94, "ciede2000": 10.0, "colorfulness": 14.0}
        return {"factor": 0.8, "values": {"psnr_colored": value, **values}}

    return Record(
        variant=variant,
        group="objective",
        says=f"what {variant} changes",
        equal=equal,
        seed=seed,
        images=40_000,
        cpu_seconds=cpu_seconds,
        parameters=1000,
        graded=10_000,
        data="tiny_imagenet",
        precision="float32",
        processor="a processor, 2 cores",
        commit="0",
        grades={name: graded(value) for name, value in ({"as trained": psnr} | grades).items()},
    )


BASE = [record("base", seed, psnr) for seed, psnr in enumerate((24.0, 24.1, 24.5), start=1)]
# 0.1, 0.2 and 0.3 above the base; scaled, 0.02 above, 0.01 below, and 0.01 above.
BETTER = [
    record("squared_ab", seed, base + 0.1 * seed, scaled=base + more)
    for seed, base, more in zip((1, 2, 3), (24.0, 24.1, 24.5), (0.02, -0.01, 0.01), strict=True)
]


def row(table, *starts):
    (found,) = (
        line
        for line in table.splitlines()
        if line.startswith(f"| {starts[0]} ") and all(start in line for start in starts)
    )
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_a_difference_is_paired_by_seed_with_students_interval():
    # By R: t.test(c(.1, .2, .3))$conf.int is -0.04841377, 0.44841377.
    mean, half = difference({1: 24.1, 2: 24.3, 3: 24.8, 9: 0.0}, {3: 24.5, 2: 24.1, 1: 24.0})
    assert mean == pytest.approx(0.2) and mean - half == pytest.approx(-0.04841377, abs=1e-6)
    assert difference({1: 24.1}, {1: 24.0, 2: 9.0}) == (pytest.approx(0.1), math.inf)
    assert difference({1: 24.1}, {2: 24.0}) is None


def test_rows_are_means_over_seeds_beside_their_budget():
    table = markdown(BASE + BETTER)
    assert row(table, "base")[2:8] == [
        "as trained",
        "40,000",
        "8 min 20 s",
        "3",
        "24.20 ± 0.26",
        "",
    ]
    plain = row(table, "squared_ab", "as trained")
    assert plain[5:8] == ["3", "24.40 ± 0.36", "+0.20 [-0.05, +0.45]"]
    scaled = row(table, "squared_ab", "times its best factor (0.80)")
    assert scaled[7] == "+0.01 [-0.03, +0.04]"
    assert "No difference's interval leaves out 0." in table
    assert table.index("| base") < table.index("| squared_ab")


def test_what_an_interval_allows_is_said_and_what_two_seeds_do_not():
    alike = [record("zoom", seed, psnr - 0.2) for seed, psnr in ((1, 24.0), (2, 24.1), (3, 24.51))]
    two = [record("wide", seed, psnr + 1.0) for seed, psnr in ((1, 24.0), (2, 24.1))]
    table = markdown(BASE + alike + two)
    assert "Worse than the base, by an interval that leaves out 0: zoom." in table
    assert "Better than" not in table
    assert row(table, "wide †")[7].startswith("+1.00 [+1.00")


def test_at_equal_cpu_time_the_base_is_that_of_equal_images():
    there = [record("zoom", seed, 24.9, equal=CPU, cpu_seconds=480.0) for seed in (1, 2, 3)]
    parts = markdown(BASE + BETTER + there).partition("At the process CPU time of the base")
    assert "| zoom" not in parts[0] and "| squared_ab" not in parts[2]
    assert row(parts[2], "base")[4] == "8 min 20 s" and row(parts[2], "zoom")[4] == "8 min 00 s"


def test_runs_that_cannot_be_compared_are_refused():
    with pytest.raises(InputError, match="different kinds"):
        markdown([*BASE, dataclasses.replace(BETTER[0], graded=200)])
    with pytest.raises(InputError, match="no runs of base"):
        markdown(BETTER)


def test_a_variant_that_costs_twice_gets_half_the_epochs():
    slow = [record("encoder_192", 1, 24.0, cpu_seconds=1000.0)]
    fast = [record("encoder_64", 1, 24.0, cpu_seconds=199.0)]
    runs = [*BASE, *slow, *fast, record("encoder_192", 1, 24.0, equal=CPU, cpu_seconds=1.0)]
    assert epochs_at_equal_cpu(runs, "encoder_192", 5_000) == 4
    assert epochs_at_equal_cpu(runs, "encoder_64", 5_000) == 20
    with pytest.raises(InputError, match="zoom: should be trained at equal images first"):
        epochs_at_equal_cpu(runs, "zoom", 5_000)


def test_the_command_keeps_records_and_writes_the_table_from_them(tmp_path, capsys):
    records.write(tmp_path / "records", BASE + BETTER)
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- ablation:begin -->\nold\n<!-- ablation:end -->\nafter\n")
    assert main([str(tmp_path / "records"), "--keep", str(tmp_path / "kept")]) == 0
    assert main([str(tmp_path / "kept"), "--readme", str(page)]) == 0
    written = page.read_text()
    assert markdown(BASE + BETTER) in written and "old" not in written
    assert written.startswith("before\n") and written.endswith("after\n")
    assert records.read(tmp_path / "kept") == sorted(BASE + BETTER, key=lambda r: str(r.file))
    (tmp_path / "kept/images/base/seed-1.json").write_text('{"variant": "base"}')
    assert main([str(tmp_path / "kept")]) == 1
    assert "seed-1.json: is no record of an ablation" in capsys.readouterr().err


def test_the_kept_page_is_made_from_the_kept_records():
    kept = Path(__file__).resolve().parents[3] / "experiments/results/ablation"
    assert markdown(records.read(kept / "records")) in (kept / "README.md").read_text()
