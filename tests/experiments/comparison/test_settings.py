"""What a bake-off is of: from the command line, kept, and added to."""

import contextlib
import dataclasses
import json
import os

import pytest

from experiments.bakeoff import main
from experiments.command_line.parser import run_parser
from experiments.comparison.progress import locked
from experiments.comparison.settings import (
    OPTIONAL,
    PLACES,
    YARDSTICKS,
    Budget,
    Entry,
    Settings,
    System,
    read_settings,
    systems_of,
)
from polychrome.errors import InputError

KNOWN = ["cnn", "tiny", "photo"]


def test_systems_are_named_with_seeds_or_taken():
    assert systems_of(["cnn:3", "photo"], ["tiny", "old=runs/tiny-1"], 2, KNOWN) == (
        System("cnn", seeds=3),
        System("photo", seeds=2),
        System("tiny", taken="tiny"),
        System("old", taken="runs/tiny-1"),
    )
    assert systems_of([], ["runs/tiny-1"], 1, KNOWN)[0].name == "tiny-1"


@pytest.mark.parametrize(
    ("trained", "taken", "says"),
    [
        (["dnn"], [], "no system is named 'dnn'; there are: cnn, tiny, photo"),
        (["cnn:none"], [], "'none' should be a number of seeds"),
        (["cnn:0"], [], "'0' should be a number of seeds"),
        (["tiny"], ["tiny"], "tiny: stands for two rows; give one another name, NAME=SOURCE"),
        ([], ["yardsticks=tiny"], "yardsticks: stands for two rows"),
        ([], ["truth=tiny"], "truth: stands for two rows"),
        ([], ["a/b=tiny"], "a/b=tiny: 'a/b' can't name files; give it another, NAME=SOURCE"),
        ([], ["runs/.."], "runs/..: '..' can't name files"),
    ],
)
def test_names_that_make_no_sense(trained, taken, says):
    with pytest.raises(InputError, match=says):
        systems_of(trained, taken, 1, KNOWN)


def test_every_system_has_a_first_seed_before_any_has_a_second(tmp_path):
    settings = Settings(
        (System("cnn", seeds=3), System("tiny"), System("photo", seeds=2)), Budget()
    )
    assert settings.entries == [
        YARDSTICKS,
        Entry("cnn", 1),
        Entry("tiny", 1),
        Entry("photo", 1),
        Entry("cnn", 2),
        Entry("photo", 2),
        Entry("cnn", 3),
    ]
    settings.write(tmp_path)
    assert read_settings(tmp_path) == settings


def test_systems_and_seeds_can_be_added_but_nothing_else_changed(tmp_path):
    before = Settings(
        (System("cnn"), System("tiny", "tiny")), Budget(images=10), passed=("--data", "x")
    )
    more = Settings(
        (System("cnn", seeds=2), System("photo")), Budget(images=10), passed=("--data", "x")
    )
    assert before.joined(more, tmp_path).systems == (
        System("cnn", seeds=2),
        System("tiny", "tiny"),
        System("photo"),
    )
    other = Settings((System("photo"),), Budget(cpu_seconds=60.0), passed=("--data", "x"))
    with pytest.raises(
        InputError, match="begun with budget 10 images, not 1 minutes of process CPU"
    ):
        before.joined(other, tmp_path)
    with pytest.raises(InputError, match="cnn: is trained in .* already"):
        before.joined(
            Settings((System("cnn", "runs/a"),), Budget(images=10), passed=("--data", "x")),
            tmp_path,
        )


def test_seeds_are_taken_out_and_come_back_when_they_are_named_again(tmp_path):
    before = Settings((System("cnn", seeds=4), System("tiny", "tiny")), Budget(images=10))
    without = before.without(before.named(["cnn:2", "cnn:4", "tiny"]))
    assert without.systems == (System("cnn", seeds=3, dropped=(2,)),)
    assert without.entries == [YARDSTICKS, Entry("cnn", 1), Entry("cnn", 3)]
    without.write(tmp_path)
    assert read_settings(tmp_path) == without
    again = Settings((System("cnn", seeds=2),), Budget(images=10))
    assert without.joined(again, tmp_path).systems == (System("cnn", seeds=3),)
    same = Settings((System("cnn"),), Budget(images=10))
    assert without.joined(same, tmp_path) == without
    for text, says in (
        ("vae", "vae: no system here is named 'vae'; there are: cnn, tiny"),
        ("yardsticks", "no system here is named 'yardsticks'"),
        ("cnn:5", "cnn:5: '5' is no seed of cnn; there are: 1, 2, 3, 4"),
        ("cnn:", "'' is no seed of cnn"),
    ):
        with pytest.raises(InputError, match=says):
            before.named([text])


def test_every_option_that_takes_a_place_has_it_replaced():
    """Those of the command line that the bake-off does not set itself."""
    by_file = {"PATH", "FILE", "DIR", "RUN"}
    actions = [action for action in run_parser()._actions if action.metavar in by_file]
    taken = {flag for action in actions for flag in action.option_strings}
    assert set(PLACES) == taken - {"--init-from", "--weights", "--out", "--saved-models"}
    passed = [word for place in PLACES for word in (place, "/home/ada/secret")]
    passed += [f"{place}=/home/ada/secret" for place in PLACES]
    kept = Settings((System("cnn"),), Budget(images=1), passed=tuple(passed)).without_places()
    assert "ada" not in str(kept) and len(kept.passed) == len(passed)
    assert kept.passed[:2] == ("--data-dir", "PATH") and kept.passed[8] == "--data-dir=PATH"


@pytest.mark.parametrize("text", ["{}", "[]", '{"systems": [{"nome": "cnn"}]}'])
def test_damaged_settings_are_named(tmp_path, text, capsys):
    (tmp_path / "settings.json").write_text(text)
    assert main(["--out", str(tmp_path), "--status"]) == 1
    error = capsys.readouterr().err
    assert f"{tmp_path}/settings.json: is not of a bake-off, or damaged" in error
    assert json.loads((tmp_path / "settings.json").read_text()) == json.loads(text)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--status"], "holds no bake-off (no settings.json); name systems and a budget"),
        (["--report-only"], "holds no bake-off"),
        (["--take", "tiny", "--", "--seed", "3"], "--seed: is set by this command; leave it out"),
        (["--take", "tiny", "--", "--resize=crop"], "--resize=crop: is set by this command"),
        (["--take", "tiny", "--", "--graded", "9"], "--graded: is set by this command"),
        (
            ["--take", "tiny", "--", "--data", "sample", "polychromify"],
            'polychromify: systems are named before the "--"; after it come options alone',
        ),
        (["--take", "runs/tpyo"], "runs/tpyo: no such folder, and no preset of that name"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_leaves_nothing(tmp_path, arguments, says, capsys):
    out = tmp_path / "new"
    assert main(["--out", str(out), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and says in error and error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--images", "10"], "name the systems that this is for"),
        (["--", "--data", "sample"], "name the systems that this is for"),
        (["--seeds", "3"], "name the systems that this is for"),
        (["--graded", "500", "--status"], "name the systems that this is for"),
        (["--split", "test"], "name the systems that this is for"),
        (["--skip", "lite0"], "name the systems that this is for"),
        (["cnn", "--images", "10", "--cpu-minutes", "2"], "not allowed with argument"),
        # As whole names alone can be told from those that the command sets.
        (["--take", "tiny", "--", "--see", "7"], "unrecognized arguments: --see"),
        (["cnn", "--cpu-minutes", "0"], "'0' should be a number of minutes above 0"),
    ],
)
def test_wrong_usage(tmp_path, arguments, says, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--out", str(tmp_path / "new"), *arguments])
    assert stopped.value.code == 2 and says in capsys.readouterr().err


def test_dropped_by_the_command_are_what_is_not_done_and_why_it_failed(bakeoff, settings, capsys):
    def drop(*names):
        status = main(["--out", str(bakeoff), "--drop", *names])
        return status, capsys.readouterr()

    systems = (System("good", seeds=4), *settings.systems[1:], System("x", taken="nowhere"))
    dataclasses.replace(settings, systems=systems).write(bakeoff)
    failures = [bakeoff / f"failures/{name}.json" for name in ("x/seed-1", "good/seed-3")]
    for path in failures:
        path.parent.mkdir(parents=True)
        path.write_text('{"error": "no"}')
    before = (bakeoff / "settings.json").read_bytes()
    status, said = drop("x", "copy")
    assert status == 1 and said.err.startswith("error: copy: is done, and stays; --drop takes out")
    assert (bakeoff / "settings.json").read_bytes() == before and failures[0].exists()

    status, said = drop("x", "good:3")
    assert status == 0 and not any(path.exists() for path in failures)
    assert said.out.splitlines()[:-1] == [
        "dropped         x, seed 1",
        "dropped         good, seed 3",
        "stays           good, seeds 1 2 4",
    ]
    record = json.loads((bakeoff / "report/bakeoff.json").read_text())
    assert record["unfinished"] == ["yardsticks", "good, seed 4"]
    assert drop("good")[0] == 0
    assert read_settings(bakeoff) == settings
    assert (bakeoff / "grades/good/seed-2.json").exists()
    with locked(bakeoff):
        status, said = drop("good")
    assert status == 1 and f"process {os.getpid()} works there" in said.err
    with pytest.raises(SystemExit):
        drop("good", "--take", "tiny")
    assert "--drop takes out only" in capsys.readouterr().err
    missing = bakeoff / "no"
    assert main(["--out", str(missing), "--drop", "x"]) == 1 and not missing.exists()


@pytest.mark.parametrize(
    ("named", "says"),
    [
        (["cnn:2"], "no Tiny ImageNet in PATH (as given)"),
        (["cnn:2", "--", "{data}", "now"], "no Tiny ImageNet in now (as given)"),
        (
            ["cnn:2", "--", "{data}", "now", "--encoder-weights", "lite0.pth"],
            "lite0.pth: no such file (see --encoder-weights)",
        ),
        (["--take", "x={run}"], "seed-1: is a kept record without weights"),
        (["--take", "tiny", "x={run}"], "seed-1: is a kept record without weights"),
        (["--take", "x={run}/.."], "no preset here (preset.json is missing)"),
        (["--take", "tiny"], "works there"),
    ],
)
def test_a_mistake_in_what_is_added_changes_nothing(kept, named, says, capsys):
    """In a copy of a kept bake-off, where the data are elsewhere now, or another process works."""
    before, places = read_settings(kept), ("--data", "tiny_imagenet", "--data-dir", "PATH")
    if "--encoder-weights" in named:
        places = (*places, "--encoder-weights", "PATH")
    passed = places if "cnn:2" in named else before.passed
    dataclasses.replace(before, skipped=OPTIONAL, passed=passed).write(kept)
    words = " ".join(named).format(run=kept / "runs/cnn/seed-1", data=" ".join(places[:3]))
    written = (kept / "settings.json").read_bytes()
    with locked(kept) if says == "works there" else contextlib.nullcontext():
        assert main(["--out", str(kept), *words.split()]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and says in error and error.count("\n") == 1
    assert (kept / "settings.json").read_bytes() == written
    assert not (kept / "failures").exists() and not (kept / "running.json").exists()
