"""The benchmark of training speed: real steps of one system, and what follows from its figures."""

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import training_speed
from benchmarks.ways.training_step import LEAST_STEPS
from experiments.recipes import RECIPES
from polychrome.files import read_json


def figures(name: str, precision: str, cpu_seconds: float = 1.0) -> dict:
    """As `benchmarks.ways.training_step.measure` gives them, with round numbers."""
    spent = {"images": 100, "seconds": 2.0, "cpu_seconds": cpu_seconds}
    network = {
        "name": name,
        "epochs": 3,
        "multiply_adds": 10**7,
        "multiply_adds_of_a_step": 2 * 10**7,
        "step": spent,
        "epoch": spent,
    }
    return {
        "system": name,
        "precision": precision,
        "batch_size": 50,
        "convolutions": {"a_second": 2e10, "a_cpu_second": 1e10},
        "load_average": 0.0,
        "networks": [network],
    }


FOLDER = Path(training_speed.__file__).parent
# A page and the figures of one machine.
PAGES = {
    "training_speed": (FOLDER / "README.md", "polychromify_ab: a"),
    "training_speed_epyc": (FOLDER / "results" / "README.md", "dtu_l1_balanced"),
}


def test_every_system_but_the_widest_is_timed_on_one_machine_or_the_other():
    timed = {
        name
        for file in PAGES
        for name in read_json(FOLDER / "results" / f"{file}.json")["measured"]
    }
    assert set(RECIPES) - timed == set(training_speed.TOO_WIDE)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_has_the_table_of_the_kept_figures(tmp_path, capsys, name):
    page, row = PAGES[name]
    kept = FOLDER / "results" / f"{name}.json"
    copy = tmp_path / "README.md"
    copy.write_text(f"# Speed\n{training_speed.BEGIN}\n{training_speed.END}\nEnd\n")
    assert training_speed.main(["--out", str(kept), "--page", str(copy)]) == 0
    block = copy.read_text().removeprefix("# Speed\n").removesuffix("\nEnd\n")
    assert f"| {row}" in block and block in page.read_text()
    assert training_speed.main(["--out", str(page), "--page", str(copy)]) == 1
    assert "README.md is not JSON" in capsys.readouterr().err


@pytest.mark.long
def test_a_system_is_timed_in_both_precisions_and_not_again(tmp_path, capsys, monkeypatch):
    # Off for the other tests; without oneDNN a step in bfloat16 takes a minute.
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    out = tmp_path / "speed.json"
    arguments = ["--systems", "polychromify", "--seconds", "0.001"]
    arguments += ["--batch-size", "4", "--out", str(out)]
    assert training_speed.main(arguments) == 0
    by_precision = json.loads(out.read_text())["measured"]["polychromify"]
    assert tuple(by_precision) == training_speed.PRECISIONS
    for found in by_precision.values():
        (network,) = found["networks"]
        assert network["epochs"] == RECIPES["polychromify"].networks[0].epochs
        assert network["multiply_adds"] == network["multiply_adds_of_a_step"] > 10**6
        for kind in ("step", "epoch"):
            assert network[kind]["images"] == LEAST_STEPS * 4
            assert network[kind]["seconds"] > 0 and network[kind]["cpu_seconds"] > 0
        assert 0 < training_speed.share(found, 0) < 1
    printed = capsys.readouterr().out
    assert f"| {training_speed.faster(by_precision)} |" in " ".join(printed.split())

    monkeypatch.setattr(training_speed, "timed", lambda *arguments: pytest.fail("timed again"))
    before = out.read_bytes()
    assert training_speed.main(arguments) == 0
    assert out.read_bytes() == before
    assert capsys.readouterr().out == printed


def test_an_interruption_keeps_what_is_done_and_the_next_run_does_the_rest(
    tmp_path, capsys, monkeypatch
):
    out, asked = tmp_path / "speed.json", []

    def timed(name, precision, settings):
        asked.append((name, precision))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return figures(name, precision)

    monkeypatch.setattr(training_speed, "timed", timed)
    arguments = ["--systems", "cnn,polychromify", "--out", str(out)]
    assert training_speed.main(arguments) == 130
    kept = json.loads(out.read_text())["measured"]
    assert {name: list(by) for name, by in kept.items()} == {
        "polychromify": list(training_speed.PRECISIONS)
    }
    assert "| polychromify |" in " ".join(capsys.readouterr().out.split())
    assert training_speed.main(arguments) == 0
    assert asked[2:] == [("cnn", "float32"), ("cnn", "float32"), ("cnn", "mixed_bfloat16")]


def test_a_system_that_fails_is_named_and_the_others_are_timed(tmp_path, capsys, monkeypatch):
    def timed(name, precision, settings):
        if name == "polychromify":
            raise subprocess.CalledProcessError(1, "python", stderr="warning\nout of memory\n")
        return figures(name, precision)

    monkeypatch.setattr(training_speed, "timed", timed)
    out = tmp_path / "speed.json"
    assert training_speed.main(["--systems", "cnn,polychromify", "--out", str(out)]) == 1
    assert list(json.loads(out.read_text())["measured"]) == ["cnn"]
    assert "polychromify in float32: out of memory" in capsys.readouterr().err


def test_figures_of_another_machine_or_setting_are_not_mixed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        training_speed, "timed", lambda name, precision, _: figures(name, precision)
    )
    out = tmp_path / "speed.json"
    arguments = ["--systems", "cnn", "--out", str(out)]
    assert training_speed.main(arguments) == 0
    assert training_speed.main([*arguments, "--seconds", "7"]) == 1
    assert "begun with seconds 5" in capsys.readouterr().err
    record = json.loads(out.read_text())
    record["environment"]["processor"] = "abacus"
    out.write_text(json.dumps(record))
    assert training_speed.main(arguments) == 1
    assert "made with processor abacus" in capsys.readouterr().err


def test_the_faster_precision_follows_from_processor_time():
    plain = figures("cnn", "float32", cpu_seconds=1.0)
    for cpu_seconds, verdict in ((0.9, "mixed_bfloat16"), (0.97, "float32"), (1.2, "float32")):
        mixed = figures("cnn", "mixed_bfloat16", cpu_seconds)
        by_precision = {"float32": plain, "mixed_bfloat16": mixed}
        assert training_speed.faster(by_precision) == verdict
    assert training_speed.faster({"float32": plain}) is None
    # 3 * 20 million * 100 images in a second, of 10 thousand million.
    assert training_speed.share(plain, 0) == pytest.approx(0.6)


def test_an_unknown_system_is_one_line(capsys):
    assert training_speed.main(["--systems", "cnn,dalle"]) == 1
    assert capsys.readouterr().err.startswith("error: no system is named 'dalle'; there are: ")


def test_the_systems_left_out_exist_and_have_narrow_forms():
    for name in training_speed.TOO_WIDE:
        assert name in RECIPES and f"{name}_narrow" in training_speed.chosen(None)
        assert name not in training_speed.chosen(None)
