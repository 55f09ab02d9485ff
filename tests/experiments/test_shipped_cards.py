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
