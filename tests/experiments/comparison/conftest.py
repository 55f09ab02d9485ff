"""A bake-off's folder as finished gradings leave it, made of numbers, without training."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from experiments.comparison.details import Details
from experiments.comparison.settings import Budget, Entry, Settings, System, read_settings

IMAGES, SIDE = 40, 16
METRICS = {
    "psnr_colored": ("PSNR, colored only (dB)", "higher"),
    "psnr": ("PSNR (dB)", "higher"),
    "ssim": ("SSIM", "higher"),
    "colorfulness": ("Colorfulness", None),
    "top1": ("Lite0's top-1", "higher"),
}
SETTINGS = Settings(
    (System("good", seeds=2), System("copy"), System("shipped", taken="tiny")),
    Budget(images=1000),
    passed=("--data", "sample"),
)


def write_grades(
    out: Path, name: str, seed: int, kind: str, psnr: np.ndarray, level: int = 100, **facts
) -> None:
    """What `experiments.comparison.grading` leaves of one row with one seed.

    Args:
        psnr: of each image; the first is gray.
        level: of all its pictures.
    """
    rng = np.random.default_rng(seed)
    lab = rng.uniform(0, 100, (IMAGES, SIDE, SIDE, 3)) - [0, 50, 50]
    details = Details(SIDE)
    details.add(lab, lab[..., 1:] * (0.5 + 0.01 * level))
    pictures = {}
    for place, count in (("wall", 3), ("best", 2), ("worst", 2)):
        for what, value in (("made", level), ("truth", 250)):
            pictures[f"pictures/{place}/{what}"] = np.full([count, SIDE, SIDE, 3], value, np.uint8)
    colored = psnr.copy()
    colored[0] = np.nan
    per_image = {
        "psnr_colored": colored,
        "psnr": psnr,
        "ssim": psnr / 100,
        "colorfulness": psnr - 10,
        "top1": (psnr > 23).astype("float32")[:20],
    }
    path = out / "grades" / name / f"seed-{seed}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        **{f"per_image/{key}": values for key, values in per_image.items()},
        **{f"details/{key}": values for key, values in details.arrays().items()},
        **pictures,
        **{f"rows/{place}": np.arange(n) for place, n in (("wall", 3), ("best", 2), ("worst", 2))},
    )
    described = {
        key: {"label": label, "better": better, "meaning": f"Meaning of {label}."}
        for key, (label, better) in METRICS.items()
    }
    described["auc"] = {"label": "AuC", "better": "higher", "meaning": "Area."}
    record = {
        "system": name,
        "seed": seed,
        "kind": kind,
        "label": name.replace("_", " ").capitalize(),
        "says": "",
        "budget": "",
        "parameters": None,
        "training": {},
        "inference": {},
        "of_set": {"auc": 0.9},
        "metrics": described,
        **facts,
    }
    path.with_suffix(".json").write_text(json.dumps(record))


def write_run(out: Path, name: str, seed: int) -> None:
    """What training leaves of a run, as far as its report reads it."""
    run = out / "runs" / name / f"seed-{seed}"
    network = run / "networks" / "net"
    network.mkdir(parents=True)
    command = f"python -m experiments.run {name} --out {run} --data sample"
    recipe = {"name": name, "networks": [{"name": "net", "epochs": 4}], "command": command}
    (run / "recipe.json").write_text(json.dumps(recipe))
    columns = ["epoch", "seconds", "images_per_second", "training_seconds"]
    columns += ["training_cpu_seconds", "cpu_seconds"]
    rows = [[epoch, 3.0, 120.0, 2.0, 30.0, 33.0] for epoch in (1, 2, 3, 4)]
    grades = [[epoch, 20.0 + epoch + 0.1 * seed] for epoch in (1, 2, 3, 4)]
    for file, lines in (
        ("history.csv", [columns, *rows]),
        ("epoch_grades.csv", [["epoch", "psnr_colored"], *grades]),
    ):
        text = "\n".join(",".join(map(str, line)) for line in lines)
        (network / file).write_text(text + "\n")
    (network / "last.weights.h5").write_bytes(bytes(100))


@pytest.fixture
def bakeoff(tmp_path, graded_once) -> Path:
    """Two seeds of a good system, one of a copy of it, a preset, three yardsticks."""
    return Path(shutil.copytree(graded_once, tmp_path / "bakeoff"))


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory) -> Path:
    """What `bakeoff` copies."""
    rng = np.random.default_rng(0)
    image = rng.normal(23, 3, IMAGES)
    out = tmp_path_factory.mktemp("graded")
    SETTINGS.write(out)
    cost = {
        "training": {
            "images": 960,
            "cpu_seconds": 8.0,
            "images_per_cpu_second": 120.0,
            "images_per_second": 230.0,
        },
        "inference": {"images_per_cpu_second": 500.0, "images_per_second": 990.0},
        "parameters": 12_345,
    }
    for name, seed, level in (("good", 1, 110), ("good", 2, 110), ("copy", 1, 120)):
        noisy = image + 1 + rng.normal(0, 0.3, IMAGES)
        write_grades(out, name, seed, "trained", noisy, level, **cost)
        write_run(out, name, seed)
    write_grades(out, "shipped", 1, "taken", image - 2, 130, says="")
    write_grades(out, "do_nothing", 0, "baseline", image + rng.normal(0, 0.1, IMAGES), 90)
    write_grades(out, "nearest_gray", 0, "baseline", image - 3, 80)
    write_grades(out, "truth", 0, "oracle", np.full(IMAGES, 60.0), 250, says="is the true image")
    return out


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory) -> Path:
    """A bake-off of `cnn`, really trained for an epoch of six images; its grades are made up."""
    from experiments.comparison.training import train_entry

    passed = ("--data", "sample", "--limit", "6", "--batch-size", "6", "--image-size", "16")
    settings = Settings((System("cnn"),), Budget(images=6), passed=passed)
    out = tmp_path_factory.mktemp("trained")
    settings.write(out)
    train_entry(settings, Entry("cnn", 1), out)
    write_grades(out, "cnn", 1, "trained", np.random.default_rng(0).normal(23, 3, IMAGES))
    return out


@pytest.fixture
def trained(tmp_path, trained_once) -> Path:
    """A copy of `trained_once`, with weights."""
    return Path(shutil.copytree(trained_once, tmp_path / "trained"))


@pytest.fixture
def kept(tmp_path, trained_once) -> Path:
    """What `--keep` keeps of it, without weights."""
    from experiments.comparison.keeping import keep

    keep(read_settings(trained_once), trained_once, tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture(name="write_grades")
def _write_grades():
    """The function, for further rows."""
    return write_grades


@pytest.fixture
def settings() -> Settings:
    """Those of `bakeoff`."""
    return SETTINGS
