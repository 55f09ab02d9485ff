"""What a bake-off is of: from the command line, kept, and added to."""

import json

import pytest

from experiments.bakeoff import main
from experiments.command_line.parser import run_parser
from experiments.comparison.settings import (
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
