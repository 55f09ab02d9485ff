"""The kept results, and the tables that the READMEs show of them."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from experiments.recipes import RECIPES
from experiments.report.against_baselines import beats
from experiments.report.tables import combine, read_metrics
from experiments.stages.reload import load_trained
from experiments.tables.results import main
from polychrome.files import read_json

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "experiments/results"
KEPT = sorted(path.parent for path in RESULTS.glob("*/*/recipe.json"))
COMMANDS = re.findall(
    r"^python -m experiments\.tables\.results (.*)$", (RESULTS / "README.md").read_text(), re.M
)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readmes_tables_are_what_their_commands_write(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    words = shlex.split(command.replace("$KEPT", "experiments/results/tiny_imagenet"))
    start = words.index("--readme")
    patterns, options = words[:start], words[start:]
    runs = [str(run) for pattern in patterns for run in sorted(ROOT.glob(pattern))]
    readme, copy = ROOT / options[1], tmp_path / "README.md"
    copy.write_bytes(readme.read_bytes())
    assert main([*runs, "--readme", str(copy), *options[2:]]) == 0
    assert copy.read_text() == readme.read_text()
    assert "(reported)" in capsys.readouterr().out


def test_there_are_four_tables():
    assert len(COMMANDS) == 4


def test_of_the_reports_systems_four_beat_the_best_constant_on_colored_images():
    """Those of the issue: half of the mean color has 23.37 dB, 0.37 more than doing nothing."""
    record = read_json(RESULTS / "tiny_imagenet/baselines/metrics.json")
    (constant,) = (row for row in record["rows"] if row["kind"] == "best_constant")
    assert constant["values"]["psnr_colored"]["mean"] == pytest.approx(23.37, abs=0.02)
    assert record["images"]["train"] == 100_000 and record["baselines"]["factor_images"] > 1900
    tiny_imagenet = RESULTS / "tiny_imagenet"
    folders = [tiny_imagenet / "baselines", *(run for run in KEPT if run.parent == tiny_imagenet)]
    combined = combine([read_metrics(run) for run in folders], list(map(str, folders)))
    ahead = [row["label"] for row in combined["rows"] if beats(row, combined, "psnr_colored")]
    theirs = {label for label in ahead if not label.startswith("polychrome")}
    assert theirs == {
        "ECCV16, quarter width, without rebalancing",
        "Polychromify (polychromify_25_epochs)",
        "Polychromify, best epoch",
        "PolychromifyAB (polychromify_ab_30_epochs)",
        "U-Net, L1 alone",
    }
    trained = sum(row["kind"] == "ours" for row in combined["rows"])
    assert f"{len(ahead)} of {trained} trained rows beat" in combined["verdict"]
    assert combined["verdict"] in (RESULTS / "README.md").read_text()


def test_readmes_figures_of_photo_are_the_kept_ones():
    """Gains over the best of the three baselines, which is not the same one in each set."""
    sets = read_json(RESULTS / "photo/robustness.json")["sets"]
    readme = " ".join((ROOT / "README.md").read_text().split())
    said = re.search(
        r"it is ([\d., and]+) dB above it on Flickr8k and ImageNet "
        r"\((.*) photographs\), but (.*) dB below it on .* clothes \((\d+)\), and so (.*) dB below",
        readme,
    )
    above, counts, *below = said.groups()
    order = ("flickr8k", "imagenet_sample")
    numbers = re.compile(r"\d[\d.]*")
    assert numbers.findall(above) == [f"{sets[name]['gain']['mean']:.2f}" for name in order]
    assert numbers.findall(counts) == [str(sets[name]["images"]) for name in order]
    clothing, whole = sets["clothing"], sets["all"]
    assert below == [
        f"{-clothing['gain']['mean']:.2f}",
        str(clothing["images"]),
        f"{-whole['gain']['mean']:.2f}",
    ]
    for found in sets.values():
        psnr = {name: each["mean"] for name, each in found["psnr"].items()}
        gain = psnr.pop("system") - max(psnr.values())
        assert found["gain"]["mean"] == pytest.approx(gain, abs=1e-4)


def test_readmes_gain_on_bsds500_is_the_kept_one():
    found = read_json(RESULTS / "photo/robustness_bsds500.json")["sets"]["bsds500"]
    gain = found["gain"]
    said = f"it is {gain['mean']:.2f} dB [{gain['low']:.2f}, {gain['high']:.2f}] above the best"
    assert f"all {found['images']} photographs of BSDS500" in " ".join(
        (ROOT / "README.md").read_text().split()
    )
    assert said in " ".join((ROOT / "README.md").read_text().split())


def test_what_is_said_of_photographs_that_were_seen_is_of_the_kept_records():
    page = " ".join((ROOT / "docs/data.md").read_text().replace("\\\n", " ").split())
    said = RECIPES["photo"].about["Data and license"]
    gains = {}
    for kind, name in (("seen", "imagenet_sample_seen"), ("unseen", "imagenet_sample")):
        record = read_json(RESULTS / f"photo/robustness_imagenet_{kind}.json")
        found, gain = record["sets"][name], record["sets"][name]["gains"]["do_nothing"]
        # Those of the records that it is compared with.
        assert record["baselines"] == read_json(RESULTS / "photo/robustness.json")["baselines"]
        assert record["command"] in page
        interval = f"{gain['mean']:.2f} dB [{gain['low']:.2f}, {gain['high']:.2f}]"
        for text in (page, said):
            assert interval in text and f"{found['images']} " in text
        gains[kind] = gain
    # Of two means of different photographs.
    difference = gains["seen"]["mean"] - gains["unseen"]["mean"]
    half = np.hypot(*((gain["high"] - gain["low"]) / 2 for gain in gains.values()))
    assert abs(difference) < half
    interval = f"{difference:.2f} dB [{difference - half:.2f}, {difference + half:.2f}]"
    for text in (page, said):
        assert interval in text and "within chance" in text


@pytest.mark.parametrize(
    "run",
    [run for run in KEPT if list(run.glob("networks/*/*.weights.h5"))],
    ids=lambda run: run.name,
)
def test_kept_weights_load_and_colorize(run):
    plan, networks = load_trained(run)
    colorizer = plan.assembled([network for _, network in networks])
    grays = np.linspace(0, 255, 16 * 16).astype("uint8").reshape(1, 16, 16, 1).repeat(3, axis=-1)
    chroma = np.asarray(colorizer(plan.recipe.scaling.split(grays)[0]))
    assert chroma.shape == (1, 16, 16, 2) and np.isfinite(chroma).all() and np.ptp(chroma) > 1e-3


def test_no_kept_encoder_stayed_frozen_on_random_weights():
    """DTU's and VGG16's did: `Model.trainable = True` did not reach their frozen layers."""
    random = []
    for path in RESULTS.rglob("recipe.json"):
        record = read_json(path)
        if record["name"].startswith(("dtu_", "vgg16_")) and record["name"] != "dtu_light":
            initial = list(path.parent.glob("networks/*/initial_weights.json"))
            if initial and all(read_json(each)["encoder"]["pretrained"] for each in initial):
                assert "ImageNet weights" in " ".join(record["notes"]), path
                continue  # DTU's decoder on Lite0, which may stay as it is
            assert "random" in " ".join(record["notes"]), path
            random += initial
    assert random  # the bake-off's ResNet-18
    for path in random:
        assert read_json(path)["encoder_moved"], path


@pytest.mark.parametrize("name, seen", [("upsampling", 128), ("upsampling_32", 32)])
def test_guided_colors_are_nearer_the_truth_and_the_page_says_by_how_much(name, seen):
    record = read_json(RESULTS / f"photo/{name}.json")
    page, truth = (ROOT / "docs/grading.md").read_text(), record["truth"]
    assert record["images"] >= 100 and record["command"] in page
    means = [
        f"{truth[way][place]['mean']:.3f}"
        for place in ("near_edges", "elsewhere")
        for way in ("bilinear", "guided")
    ]
    better = f"{truth['better']['near_edges']} of {record['images']}"
    assert f"| {seen} of 320 pixels | {' | '.join([*means, better])} |" in page
    assert all(difference["high"] < 0 for difference in truth["difference"].values())


def test_denoising_brings_no_color_nearer_to_the_truth_and_the_page_says_so():
    record = read_json(RESULTS / "photo/denoising.json")
    page = (ROOT / "docs/grading.md").read_text()
    assert record["images"] >= 100 and record["command"] in page
    strengths = [record[strength] for strength in ("10", "20", "40")]
    for way in strengths[0]:
        cells = [
            f"{found[way][key]['mean']:.2f}"
            for found in strengths
            for key in ("from_clean", "from_truth")
        ]
        assert f"| {way} | {' | '.join(cells)} |" in page
        for found in strengths:
            assert found[way]["from_truth"]["mean"] >= found["plain"]["from_truth"]["mean"]
