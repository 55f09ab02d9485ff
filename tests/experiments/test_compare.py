"""Runs side by side: Figures 4 and 5 of the Padova report."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage import io

from experiments.compare import main
from experiments.grading.protocol import colorize_examples
from experiments.stages.reload import load_colorizer
from tf_data.sources.source import open_source
from tf_data.store import load_store

KEPT = Path(__file__).parents[2] / "experiments/results/tiny_imagenet"
BLUE, ORANGE = (0, 114, 178), (213, 94, 0)


def record(folder: Path, title: str, losses: list[float]) -> Path:
    network = folder / "networks" / "net"
    network.mkdir(parents=True)
    (folder / "recipe.json").write_text(json.dumps({"title": title, "networks": [{"name": "net"}]}))
    rows = [f"{epoch},{loss},{loss}" for epoch, loss in enumerate(losses, 1)]
    (network / "history.csv").write_text("\n".join(["epoch,loss,val_loss", *rows, ""]))
    return folder


def columns_of(picture: np.ndarray, color: tuple[int, ...]) -> np.ndarray:
    return np.flatnonzero((picture == color).all(axis=-1).any(axis=0))


def test_curves_of_two_runs_share_a_picture(tmp_path, capsys):
    long = record(tmp_path / "v5", "Polychromify v5", list(np.linspace(0.5, 0.1, 50)))
    short = record(tmp_path / "v6", "Polychromify v6", list(np.linspace(0.4, 0.2, 25)))
    out = tmp_path / "curves.png"
    assert main(["curves", str(long), str(short), "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    picture = io.imread(out)[..., :3]
    panel = picture[: int(0.75 * len(picture))]  # above the legend
    assert columns_of(panel, ORANGE).max() < 0.7 * columns_of(panel, BLUE).max()


@pytest.fixture
def runs(tmp_path) -> list[str]:
    """Kept runs of two systems, as if they had been graded on the sample."""
    made = []
    for name in ("polychromify", "polychromify_ab"):
        run = shutil.copytree(KEPT / name, tmp_path / name)
        known = json.loads((run / "recipe.json").read_text())
        known |= {"source": "sample"}
        known["options"] |= {"data_dir": None}
        (run / "recipe.json").write_text(json.dumps(known))
        made.append(str(run))
    return made


def test_pictures_are_what_each_run_makes_of_the_first_ones_images(runs, tmp_path):
    out = tmp_path / "pictures.png"
    assert main(["pictures", *runs, "--images", "2", "--out", str(out)]) == 0
    picture = io.imread(out)[..., :3].astype(int)
    images = load_store(open_source("sample").splits["test"], 64, limit=2).images
    systems = {run: load_colorizer(Path(run)) for run in runs}
    expected = colorize_examples(systems, images)
    side, gap = 192, 6  # enlarged three times
    for column, made in enumerate(expected.values()):
        x = gap + column * (side + gap)
        tile = picture[-gap - side : -gap, x : x + side]
        assert np.abs(tile[1::3, 1::3] - made[-1].astype(int)).max() <= 1
    first, second = (expected[run].astype(int) for run in runs)
    assert np.abs(first - second).max() > 5


@pytest.mark.parametrize("command", ["curves", "pictures"])
def test_what_is_no_run_is_one_line(command, tmp_path, capsys):
    assert main([command, str(tmp_path), "--out", str(tmp_path / "out.png")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(tmp_path / "recipe.json") in error
    assert not (tmp_path / "out.png").exists()


def test_runs_of_one_system_are_told_apart(tmp_path, capsys):
    names = [record(tmp_path / name, "Net", [0.2, 0.1]) for name in ("one", "two")]
    out = tmp_path / "curves.png"
    assert main(["curves", *map(str, names), "--out", str(out)]) == 0
    picture = io.imread(out)[..., :3]
    assert len(columns_of(picture, ORANGE)) and len(columns_of(picture, BLUE))
