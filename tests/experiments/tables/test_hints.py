"""The table of what hints are worth to several colorizers."""

import json
from pathlib import Path

import pytest

from experiments.tables.hints import main

ROOT = Path(__file__).resolve().parents[3]


def record(name, mean, asked=None):
    """As `experiments.hints` writes it."""
    found = {"mean": mean, "low": mean - 0.5, "high": mean + 0.5}
    counts = {count: found for count in ("1", "10")}
    gain = {"random": counts} | ({} if asked is None else {"asked": {"10": {"mean": asked}}})
    return {"name": name, "images": 36, "psnr": {"none": {"0": {"mean": 23.456}}}, "gain": gain}


def test_a_row_for_each_record_goes_into_the_page(tmp_path, capsys):
    for name, content in (
        ("one", record("one", 1.25, 2.5)),
        ("other", record("other", 3.0)),
        ("bad", {}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- hints:begin -->\nold\n<!-- hints:end -->\nafter\n")
    files = [str(tmp_path / f"{name}.json") for name in ("one", "other")]
    assert main([*files, "--readme", str(page)]) == 0
    lines = page.read_text().splitlines()
    assert lines[4:6] == [
        "| `one` | 36 | 23.46 | +1.25 | +1.25 [+0.75, +1.75] | +2.50 |",
        "| `other` | 36 | 23.46 | +3.00 | +3.00 [+2.50, +3.50] | – |",
    ]
    assert (lines[0], lines[-1], len(lines)) == ("before", "after", 8)
    capsys.readouterr()
    assert main([str(tmp_path / "bad.json")]) == 1
    assert "bad.json: should be a record of experiments.hints" in capsys.readouterr().err


def test_the_ways_of_one_record_go_into_a_block_of_their_own(tmp_path, capsys):
    kept = ROOT / "experiments/results/photo/hints.json"
    page = tmp_path / "page.md"
    page.write_text("<!-- ways:begin -->\n<!-- ways:end -->\n<!-- hints:begin -->\nstays\n")
    assert main([str(kept), "--ways", "--readme", str(page)]) == 0
    lines = page.read_text().splitlines()
    mean = json.loads(kept.read_text())["psnr"]["asked"]["5"]["mean"]
    (asked,) = (line for line in lines if line.startswith("| where the model asks (dB)"))
    assert asked.split("|")[5].strip() == f"{mean:.2f}"
    assert lines[-1] == "stays"
    capsys.readouterr()
    (tmp_path / "bad.json").write_text("{}")
    assert main([str(tmp_path / "bad.json"), "--ways"]) == 1
    assert "bad.json: should be a record of experiments.hints" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(kept), str(kept), "--ways"])
    assert "--ways takes one record" in capsys.readouterr().err
