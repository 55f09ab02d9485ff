"""The cards of the presets in the package, against the records that are kept of their runs."""

import json
import shutil
from pathlib import Path

import pytest

from experiments import trained
from polychrome.presets import shipped

RESULTS = Path(__file__).parents[2] / "experiments" / "results"
# Presets to their kept runs, and the studies on their cards.
KEPT = {
    "photo": ("photo", ("frontier", "spread", "robustness", "robustness_bsds500")),
    "tiny": ("tiny_imagenet/tiny", ("frontier", "spread")),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_card_says_what_the_kept_records_say(name, tmp_path):
    """Figures, command, budget and tables: writing the card anew changes nothing."""
    run, studies = KEPT[name]
    copy = shutil.copytree(shipped()[name], tmp_path / name)
    files = [f"{RESULTS / run / study}.json" for study in studies]
    command = ["describe", str(RESULTS / run), "--presets", str(tmp_path), "--studies", *files]
    assert trained.main(command) == 0
    for file in ("preset.json", "README.md"):
        assert (copy / file).read_text() == (shipped()[name] / file).read_text()
    about = json.loads((copy / "preset.json").read_text())["about"]
    for file in files:
        command = json.loads(Path(file).read_text())["command"].partition(" --runs")[0]
        assert any(f"`{command}" in text for text in about.values())


def test_the_faithful_end_of_the_frontier_is_the_grade_on_the_card():
    record = json.loads((RESULTS / "tiny_imagenet/tiny/frontier.json").read_text())
    card = json.loads((shipped()["tiny"] / "preset.json").read_text())
    assert record["images"] == 9_799
    grade = card["grades"]["psnr_colored"]["mean"]
    assert record["curves"]["dial"][0]["psnr"] == pytest.approx(grade, abs=0.01)


def test_the_best_without_pretrained_weights_is_the_bakeoffs():
    kept = RESULTS / "bakeoff/tiny_imagenet"
    report = json.loads((kept / "report/bakeoff.json").read_text())
    values, names = {}, {}
    for row in report["rows"]:
        values[row["system"]] = row["values"]["psnr_colored"]["mean"]
        began = kept.glob(f"runs/{row['system']}/seed-1/networks/*/initial_weights.json")
        encoders = [json.loads(path.read_text()).get("encoder") for path in began]
        if row["kind"] == "trained" and not any(each and each["pretrained"] for each in encoders):
            names[row["system"]] = row["label"]
    assert len(names) > 15 and "dtu_lite0" not in names and "tiny" not in names
    best = max(names, key=values.get)
    card = (shipped()["tiny"] / "README.md").read_text()
    assert (
        f"without pre-trained weights is {values[best]:.2f} dB on colored images, of `{best}`"
        in card
    )
    assert f"{report['images']['images']:,} of the test images, where this network has " in card
    assert f"{values['tiny']:.2f} and the best constant {values['best_constant']:.2f}" in card
    results = " ".join((RESULTS / "README.md").read_text().split())
    assert (
        f"{names[best].split(',')[0]} at a quarter of its width, {values[best]:.2f} dB" in results
    )
    (ahead,) = (
        each for each in report["differences"] if (each["system"], each["other"]) == ("tiny", best)
    )
    interval = f"{ahead['mean']:.2f} dB [{ahead['low']:.2f}, {ahead['high']:.2f}]"
    assert f"{interval} ahead of the next system, {names[best].split(',')[0]}" in results


def test_cards_say_by_how_much_their_goals_are_missed():
    """The goals: 25 dB for tiny, 1.5 over the best constant for photo, a spread of .5 for both."""
    about, spread, grades = {}, {}, {}
    for name, (run, _) in KEPT.items():
        card = json.loads((shipped()[name] / "preset.json").read_text())
        about[name], grades[name] = card["about"]["What it gets wrong"], card["grades"]
        record = json.loads((RESULTS / run / "spread.json").read_text())
        spread[name] = record["ranked_by"]["spread"]["spearman"]
    missed = 25 - grades["tiny"]["psnr_colored"]["mean"]
    assert f"25.0, which it misses by {missed:.2f} dB" in about["tiny"]
    assert (
        f"of .5, which it misses by {0.5 - spread['tiny']:.2f}".replace("0.", ".") in about["tiny"]
    )
    assert f"({spread['photo']:.2f}, where .5 was the goal)".replace("0.", ".") in about["photo"]
    sets = json.loads((RESULTS / "photo/robustness.json").read_text())["sets"]
    whole = json.loads((RESULTS / "photo/robustness_bsds500.json").read_text())["sets"]["bsds500"]
    over = {
        name: found["psnr"]["system"]["mean"] - found["psnr"]["best_constant"]["mean"]
        for name, found in (sets | {"whole": whole}).items()
    }
    assert max(over["whole"], over["flickr8k"], over["imagenet_sample"]) < 1.5
    assert (
        f"{over['whole']:.2f} dB on BSDS500's {whole['images']}, {over['flickr8k']:.2f} on "
        f"Flickr8k, {over['imagenet_sample']:.2f} on ImageNet, {-over['clothing']:.2f} below it "
        f"on clothes and {-over['all']:.2f} below it on all {sets['all']['images']:,}"
    ) in about["photo"]
