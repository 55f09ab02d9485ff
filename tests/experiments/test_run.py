"""The main job from end to end, on a dozen tiles: what it leaves, and how it goes on."""

import base64
import contextlib
import csv
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf
from skimage.color import rgb2lab

import polychrome
from experiments import trained
from experiments.recipes import RECIPES
from experiments.run import main
from polychrome.models.polychromify import build_polychromify

ROOT = Path(__file__).resolve().parents[2]
NAME = "polychromify_ab"
pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, Path, str]:
    """A working folder, the run in it, and what the command printed."""
    place = tmp_path_factory.mktemp("finished")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.chdir(place)
        assert main([NAME, "--limit", "12", "--epochs", "1"]) == 0
    (run,) = (place / "runs").iterdir()
    return place, run, printed.getvalue()


@pytest.fixture
def copied(finished, own_folder) -> Path:
    """The finished run, for a test to change, under the working folder of the test."""
    place, run, _ = finished
    shutil.copytree(place, own_folder, dirs_exist_ok=True)
    return own_folder / run.relative_to(place)


def read(path: Path):
    return json.loads(path.read_text())


def is_picture(path: Path) -> bool:
    return min(tf.io.decode_png(path.read_bytes()).shape[:2]) >= 64


def versions(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "saved_models" / NAME).iterdir())


def changes(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_it_leaves_every_promised_file(finished):
    _, run, _ = finished
    for name in ("recipe.json", "environment.json", "timings.json", "metrics.json", "export.json"):
        assert isinstance(read(run / name), dict)
    assert is_picture(run / "test_grid.png")
    assert is_picture(run / "curves.png")
    for network in ("a", "b"):
        folder = run / "networks" / network
        (row,) = csv.DictReader((folder / "history.csv").read_text().splitlines())
        assert row["epoch"] == "1"
        assert float(row["val_loss"]) > 0
        assert is_picture(folder / "filmstrip.png")
        assert is_picture(folder / "pictures" / "epoch-001.png")
        assert list((folder / "tensorboard" / "train").iterdir())
        state = read(folder / "state.json")
        built = build_polychromify(outputs=1)
        before = built.get_weights()[0]
        built.load_weights(folder / state["best_weights"])
        assert np.abs(built.get_weights()[0] - before).max() > 0
    assert not list(run.rglob(".*"))  # no temporary file


def test_the_record_says_how_to_repeat_it(finished):
    _, run, _ = finished
    recipe, environment = read(run / "recipe.json"), read(run / "environment.json")
    assert recipe["options"]["limit"] == 12
    assert recipe["options"]["seed"] == 1
    assert [network["epochs"] for network in recipe["networks"]] == [1, 1]
    assert recipe["reproduce"].startswith(f"python -m experiments.run {NAME} --data tiny_imagenet")
    assert {"python", "keras", "numpy", "backend", "devices", "git_commit"} <= set(environment)
    assert environment["finished"] >= environment["started"]


def test_the_table_has_ours_the_reports_and_the_baselines_with_intervals(finished):
    _, run, printed = finished
    metrics = read(run / "metrics.json")
    rows = {row["kind"]: row for row in metrics["rows"]}
    assert list(rows) == ["ours", "reported", "do_nothing", "mean_color", "best_constant"]
    assert rows["reported"]["values"]["psnr"] == {"mean": 22.444, "low": None, "high": None}
    assert rows["reported"]["source"] == "Padova report, Table 2"
    assert metrics["images"]["graded"] == 12
    with np.load(run / "per_image.npz") as values:
        assert len(set(values["names"])) == 12
        for kind in ("ours", "do_nothing", "mean_color", "best_constant"):
            assert set(rows[kind]["values"]) == set(metrics["metrics"])
            for key, value in rows[kind]["values"].items():
                if key in ("auc", "auc_rebalanced"):  # of all images as one, without an interval
                    assert value["low"] is value["high"] is None and 0 < value["mean"] < 1
                    continue
                column = values[f"{rows[kind]['system']}/{key}"]
                assert value["mean"] == pytest.approx(np.nanmean(column), rel=1e-5, abs=1e-6)
                assert value["low"] <= value["mean"] <= value["high"]
            psnr = rows[kind]["values"]["psnr"]
            assert f"{psnr['mean']:.2f} [{psnr['low']:.2f}, {psnr['high']:.2f}]" in printed
    for label in ("PolychromifyAB (reported)", "do nothing (ab = 0)", "mean color (a = "):
        assert label in printed
    assert "best constant (a = " in printed
    found = metrics["baselines"]
    factor = f"{found['factor']:.2f}"
    assert f"times {factor}, best on {found['factor_images']} " in rows["best_constant"]["budget"]
    few = "12 images are too few to say whether PolychromifyAB beats the best trivial baseline"
    assert metrics["verdict"].startswith(f"{few} on colored images: PSNR ")
    assert metrics["verdict"] in printed


def test_it_says_loudly_that_this_is_the_sample_and_ends_with_the_paths(finished):
    place, run, printed = finished
    assert printed.startswith("=" * 88 + "\nSAMPLE RUN")
    assert printed.count("SAMPLE RUN") == 2  # before the wait, and beside the figures
    assert f"python -m experiments.run {NAME} --data tiny_imagenet --data-dir PATH" in printed
    assert f"run folder      {run.relative_to(place)}\n" in printed
    *_, report, exported = printed.splitlines()
    assert place / report.split()[-1] == run / "report.html"
    assert place / exported.split()[-1] == place / "saved_models" / NAME / "1"


def test_the_report_page_stands_alone(finished):
    _, run, _ = finished
    page = (run / "report.html").read_text()
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    pictures = [
        base64.b64decode(data) for data in re.findall(r"data:image/png;base64,([^\"]+)", page)
    ]
    for name in ("curves.png", "test_grid.png", "networks/a/filmstrip.png"):
        assert (run / name).read_bytes() in pictures
    assert "embedded sample" in page
    assert "do nothing (ab = 0)" in page


def test_the_exported_model_colorizes_files_of_any_size(finished, smooth):
    place, _, _ = finished
    assert versions(place) == ["1"]
    signatures = tf.saved_model.load(str(place / "saved_models" / NAME / "1")).signatures
    images = [smooth(1, 37, 50)[0], smooth(1, 90, 64)[0], smooth(1, 1, 1)[0]]
    encoded = [tf.io.encode_png(image).numpy() for image in images]
    colorized = signatures["serving_default"](image_bytes=tf.constant(encoded))["colorized_bytes"]
    for image, result in zip(images, colorized.numpy(), strict=True):
        result = tf.io.decode_png(result).numpy()
        assert result.shape == image.shape
        assert np.abs(rgb2lab(result)[..., 0] - rgb2lab(image)[..., 0]).max() < 1.0
    ab = signatures["lightness_to_ab"](lightness=tf.fill([2, 30, 41, 1], 50.0))["ab"]
    assert ab.shape == (2, 30, 41, 2)


@pytest.mark.long
def test_what_is_kept_of_a_run_exports_the_same_colorizer(copied, own_folder, capsys):
    assert trained.main(["keep", str(copied), "kept"]) == 0
    kept = own_folder / "kept"
    weights = [Path(f"networks/{name}/epoch-0001.weights.h5") for name in ("a", "b")]
    for path in weights:  # without the two moments that Adam has of every weight
        assert (kept / path).stat().st_size < 0.4 * (copied / path).stat().st_size
    assert not list(kept.rglob("*grid*"))
    assert trained.main(["export", "kept"]) == 0
    assert versions(own_folder) == ["1", "2"]
    lightness = tf.random.stateless_uniform([1, 20, 30, 1], [1, 2], 0.0, 100.0)
    first, second = (
        tf.saved_model.load(str(own_folder / "saved_models" / NAME / version)).signatures[
            "lightness_to_ab"
        ](lightness=lightness)["ab"]
        for version in ("1", "2")
    )
    np.testing.assert_allclose(first, second, atol=1e-5)

    assert trained.main(["keep", str(copied), "records", "--records-only"]) == 0
    records = {path.relative_to("records") for path in Path("records").rglob("*.*")}
    everything = {path.relative_to(kept) for path in kept.rglob("*.*")}
    assert everything - records == set(weights) and records

    (kept / weights[0]).unlink()
    assert trained.main(["export", "kept"]) == 1
    assert "epoch-0001.weights.h5" in capsys.readouterr().err


def test_a_preset_that_is_shipped_is_smaller_and_has_the_runs_colors(finished, tmp_path):
    _, run, _ = finished
    assert trained.main(["ship", str(run), "--presets", str(tmp_path)]) == 0
    own, sent = (polychrome.load(folder) for folder in (run / "preset", tmp_path / NAME))
    assert {key: sent.card[key] for key in ("grades", "over_baseline", "source", "scaling")} == {
        key: own.card[key] for key in ("grades", "over_baseline", "source", "scaling")
    }
    # The run's card says what it was trained on; the shipped one has what its recipe says of it.
    assert own.card["about"]["Data and license"].startswith("It was trained on 12 images of `")
    assert sent.card["about"] == RECIPES[NAME].about
    assert own.card["over_baseline"]["psnr"]["low"] <= own.card["over_baseline"]["psnr"]["high"]
    sizes = [
        (place / "model.weights.h5").stat().st_size for place in (run / "preset", tmp_path / NAME)
    ]
    assert sizes[1] < 0.6 * sizes[0]
    lightness = np.linspace(0, 100, 600, dtype=np.float32).reshape(1, 20, 30, 1)
    first, second = (colorizer.predict(lightness).ab for colorizer in (own, sent))
    np.testing.assert_allclose(first, second, atol=0.3)


def test_resuming_a_finished_run_neither_trains_nor_exports_again(copied, own_folder, capsys):
    trained = changes(copied / "networks")
    exported = changes(own_folder / "saved_models")
    (copied / "report.html").unlink()
    assert main([NAME, "--resume"]) == 0
    again = changes(copied / "networks")
    assert set(again) == set(trained)
    assert {path.name for path in trained if again[path] != trained[path]} <= {"filmstrip.png"}
    assert changes(own_folder / "saved_models") == exported
    assert (copied / "report.html").exists()
    assert "do nothing" in capsys.readouterr().out


@pytest.mark.long
def test_resuming_trains_on_grades_and_exports_to_where_it_is_asked_to(copied, own_folder):
    before = {name: read(copied / "networks" / name / "state.json") for name in "ab"}
    assert main([NAME, "--resume", "--epochs", "2"]) == 0
    after = {name: read(copied / "networks" / name / "state.json") for name in "ab"}
    for name in "ab":
        assert after[name]["epoch"] == 2
        assert after[name]["history"][:1] == before[name]["history"]
    assert versions(own_folder) == ["1", "2"]
    assert read(copied / "export.json")["path"] == f"saved_models/{NAME}/2"
    (ours, *_) = read(copied / "metrics.json")["rows"]
    assert "2 epochs" in ours["budget"]

    # The last epoch is graded though its validation loss may be far worse; the best is a row.
    for name in "ab":
        path = copied / "networks" / name / "state.json"
        state = read(path)
        best = path.parent / "best-0001.weights.h5"
        if not best.exists():
            shutil.copy(path.parent / state["best_weights"], best)
        with h5py.File(path.parent / state["weights"], "r+") as weights:
            # The last convolution's one bias: tanh(3) everywhere is a garish picture.
            found: dict[str, h5py.Dataset] = {}
            weights["layers"].visititems(lambda name, item, found=found: found.update({name: item}))
            (bias,) = (item for item in found.values() if getattr(item, "shape", 0) == (1,))
            bias[...] = 3.0
        state |= {"best_epoch": 1, "best_weights": best.name}
        path.write_text(json.dumps(state))
    # It knows these files by their names, and exports them again because the place is another one.
    assert main([NAME, "--resume", "--saved-models", "elsewhere"]) == 0
    assert (own_folder / "elsewhere" / NAME / "1" / "saved_model.pb").exists()
    assert versions(own_folder) == ["1", "2"]
    ours = [row for row in read(copied / "metrics.json")["rows"] if row["kind"] == "ours"]
    rows = {row["label"]: row for row in ours}
    last, best = rows["PolychromifyAB"], rows["PolychromifyAB, best epoch"]
    # a* and b* of 128 tanh(3) or nearly: far more color than photographs have.
    assert last["values"]["colorfulness"]["mean"] > 100
    assert last["values"]["psnr"]["mean"] != best["values"]["psnr"]["mean"]
    network = polychrome.load(copied).network
    biases = [w for w in network.weights if w.path.endswith("chroma/bias")]
    assert [float(bias[0]) for bias in biases] == [3.0, 3.0]
    assert best["budget"].endswith("epoch 1, 1")


@pytest.mark.long
def test_training_one_network_alone_is_graded_at_its_best_epoch_too(copied, own_folder):
    """Also by resuming a run that an earlier version left trained, but could not grade."""
    once = ["--limit", "12", "--epochs", "1", "--train-only", "a", "--init-from", str(copied)]
    assert main([NAME, *once, "--out", "alone", "--saved-models", "models"]) == 0
    alone = own_folder / "alone"
    for path in (alone / "metrics.json", alone / "per_image.npz", alone / "report.html"):
        path.unlink()
    # As two epochs leave it of which the first is the best: which one it is depends on luck.
    place = alone / "networks/a"
    state = read(place / "state.json")
    assert read(alone / "networks/b/state.json")["best_weights"] is None
    shutil.copy(place / state["weights"], place / "epoch-0002.weights.h5")
    shutil.copy(copied / "networks/a/epoch-0001.weights.h5", place / "best-0001.weights.h5")
    last = state["history"][0] | {"epoch": 2, "val_loss": state["best_value"] + 1.0}
    state |= {"epoch": 2, "weights": "epoch-0002.weights.h5", "history": [*state["history"], last]}
    state |= {"best_weights": "best-0001.weights.h5"}
    (place / "state.json").write_text(json.dumps(state))
    resumed = [NAME, "--resume", "--out", "alone", "--epochs", "2", "--saved-models", "models"]
    assert main(resumed) == 0
    rows = {row["label"]: row for row in read(alone / "metrics.json")["rows"]}
    # `a` had one epoch more than in the run that it began with, whose weights are the best here.
    best, begun = rows["PolychromifyAB, best epoch"], read(copied / "metrics.json")["rows"][0]
    assert best["budget"].endswith(", epoch 1 of a")
    assert best["values"]["psnr"]["mean"] == pytest.approx(begun["values"]["psnr"]["mean"])
    assert best["values"]["psnr"]["mean"] != rows["PolychromifyAB"]["values"]["psnr"]["mean"]
    assert (alone / "report.html").exists()


@pytest.mark.long
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_run_goes_on(number, status, own_folder):
    # A program that is started in the background of a shell script would not get SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "experiments.run", "cnn"]
    command += ["--limit", "12", "--epochs", "9999", "--out", "my run", "--saved-models", "models"]
    with (own_folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        state = own_folder / "my run" / "networks" / "cnn" / "state.json"
        while not state.exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait() == status
    message = (own_folder / "errors.txt").read_text()
    assert "Traceback" not in message
    again = ["cnn", "--resume", "--out", "my run", "--saved-models", "models"]
    if number == signal.SIGINT:
        hint = message.splitlines()[-1]
        assert hint.endswith(shlex.join(["python", "-m", "experiments.run", *again]))

    kept = read(state)
    assert kept["epoch"] == len(kept["history"]) >= 1
    assert main([*again, "--epochs", str(kept["epoch"] + 1)]) == 0
    after = read(state)
    assert [row["epoch"] for row in after["history"]] == list(range(1, kept["epoch"] + 2))
    assert after["history"][:-1] == kept["history"]
    assert (own_folder / "my run" / "report.html").exists()
    assert (own_folder / "models" / "cnn" / "1" / "saved_model.pb").exists()
