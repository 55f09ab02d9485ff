"""The wall of photographs that may be shown: their pixels, and what is made again."""

import base64
import dataclasses
import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps
from tiny_colorizers import preset_of, violet

import polychrome
from experiments.bakeoff import main
from experiments.comparison.figures.wall import read_strip, read_wall, write_strip
from experiments.comparison.photographs import write_wall
from experiments.comparison.settings import Budget, Settings, System, read_settings
from experiments.grading.protocol import colorize_examples
from experiments.tables.bakeoff import page as page_of
from polychrome.errors import InputError

SIDE = 64


@pytest.fixture
def taken(tmp_path):
    """Of a bake-off of a preset that paints violet."""
    preset = str(preset_of(violet(), tmp_path / "preset", image_size=SIDE))
    return Settings((System("shipped", taken=preset),), Budget(), passed=("--data", "sample"))


@pytest.fixture
def out(tmp_path):
    """The bake-off's folder, graded with the yardsticks as far as the wall asks."""
    for name, seed in (("shipped", 1), ("yardsticks", 0)):
        path = tmp_path / f"bakeoff/grades/{name}/seed-{seed}.json"
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    return tmp_path / "bakeoff"


def test_photographs_are_colorized_as_graded_images_are(taken, out, tmp_path, smooth, photographs):
    assert write_wall(taken, out, photographs, "Taken by nobody.") == 6
    wall = read_wall(out)
    assert len(wall.names) == len(wall.truth) == 12 and wall.truth.shape[1:] == (SIDE, SIDE, 3)
    assert wall.says.endswith("Taken by nobody.") and not wall.of_data
    # Each under its name, whatever its order in the folder.
    for name, truth in zip(wall.names, wall.truth, strict=True):
        whole = Image.open(next(photographs.rglob(f"{name}.*"))).convert("RGB")
        square = np.asarray(ImageOps.fit(whole, (SIDE, SIDE), Image.Resampling.BILINEAR))
        assert np.abs(square.astype(float) - truth).mean() < 4
    colors = {
        "violet": lambda lightness: polychrome.load(tmp_path / "preset").predict(lightness).ab
    }
    expected = colorize_examples(colors, wall.truth)
    assert np.abs(expected["violet"] - wall.made["shipped"].astype(float)).mean() < 2
    assert np.abs(expected["violet"].astype(float) - expected["gray"]).mean() > 20
    assert np.abs(expected["gray"] - wall.made["do_nothing"].astype(float)).mean() < 2
    assert np.abs(wall.made["nearest_gray"].astype(float) - wall.made["do_nothing"]).mean() > 2

    times = {path.name: path.stat().st_mtime_ns for path in (out / "wall").glob("*.jpg")}
    (out / "wall/mean_color.jpg").unlink()
    assert write_wall(taken, out, photographs) == 6
    assert read_wall(out).says == wall.says  # with its credit
    again = {path.name: path.stat().st_mtime_ns for path in (out / "wall").glob("*.jpg")}
    assert {name for name in times if again[name] != times[name]} == {
        "mean_color.jpg",
        "truth.jpg",
    }
    for number, image in enumerate(smooth(3, SIDE, SIDE, seed=5)):
        (tmp_path / "others").mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / f"others/{number}.png")
    assert write_wall(taken, out, tmp_path / "others") == 6
    assert read_wall(out).made["shipped"].shape == (3, SIDE, SIDE, 3)


def test_the_page_shows_them_in_place_of_the_data(bakeoff, tmp_path):
    write_wall_of(bakeoff, truth=(200, 40, 90), good=(10, 220, 30), do_nothing=(77, 77, 77))
    kept = tmp_path / "kept"
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 0
    assert sorted(path.name for path in (kept / "wall").iterdir()) == [
        "do_nothing.jpg",
        "good.jpg",
        "photographs.json",
        "truth.jpg",
    ]
    page = (kept / "report/bakeoff.html").read_text()
    assert 'id="extremes"' not in page and "Shown by leave." in page
    section = page[page.index('id="wall"') :].partition("</section>")[0]
    found = re.findall(r'src="data:image/jpeg;base64,([A-Za-z0-9+/=]+)" alt="([^"]+)"', section)
    colors = {
        said: np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))[4, 4]
        for data, said in found
    }
    assert colors.keys() == {
        f"{name}{of}" for name in "xy" for of in (", true", " by Good", " by Do nothing")
    }
    for name in "xy":
        np.testing.assert_allclose(colors[f"{name}, true"], (200, 40, 90), atol=3)
        np.testing.assert_allclose(colors[f"{name} by Good"], (10, 220, 30), atol=3)
    text = page_of(kept, None, None, tmp_path / "README.md")
    found = re.findall(r"\| ([\w ]+) \| !\[\1\]\((\S+)\) \|", text)
    assert [label for label, _ in found] == ["Truth", "Good", "Do nothing"]
    assert all((tmp_path / path).exists() for _, path in found)
    assert page_of(kept, None, 5, None).count("wall/") == 0
    # Written again from what is kept, too.
    assert main(["--out", str(kept), "--report-only"]) == 0
    assert section in (kept / "report/bakeoff.html").read_text()


def write_wall_of(out, **colors):
    """Two even pictures in each row."""
    for name, color in colors.items():
        write_strip(out / f"wall/{name}.jpg", np.full([2, 16, 16, 3], color, np.uint8))
    (out / "wall/photographs.json").write_text(
        '{"names": ["x", "y"], "says": "Shown by leave.", "pixels": ""}'
    )


def test_damaged_photographs_are_named_and_cost_themselves_only(
    taken, out, tmp_path, smooth, capsys
):
    (tmp_path / "some").mkdir()
    for number, image in enumerate(smooth(3, SIDE, SIDE)):
        Image.fromarray(image).save(tmp_path / f"some/{number}.png")
    for number in range(9):  # some of them are alone in a split
        (tmp_path / f"some/broken-{number}.jpg").write_text("This is not a photograph.")
    (out / "grades/yardsticks/seed-0.json").unlink()
    write_wall(taken, out, tmp_path / "some")
    assert sorted(read_wall(out).names) == ["0", "1", "2"]
    assert capsys.readouterr().err.count("skipped broken-") == 9
    with pytest.raises(SystemExit):
        main(["--out", str(out), "--credit", "Nobody's."])
    assert "--credit is of the photographs of --wall" in capsys.readouterr().err


def test_gray_photographs_are_no_wall(taken, out, tmp_path):
    for number in range(3):
        Image.new("L", (SIDE, SIDE), 99 + number).save(tmp_path / f"{number}.png")
    with pytest.raises(InputError, match="none of its 3 photographs has color"):
        write_wall(taken, out, tmp_path)
    (tmp_path / "2.png").unlink()
    too_few = f"--wall {tmp_path}: should be a folder of three photographs or more"
    with pytest.raises(InputError, match=re.escape(too_few)):
        write_wall(taken, out, tmp_path)
    assert read_wall(out) is None


def test_damaged_strips_are_named(bakeoff, capsys):
    write_wall_of(bakeoff, truth=(1, 2, 3))
    with pytest.raises(InputError, match="should be a JPEG of 3 squares"):
        read_strip(bakeoff / "wall/truth.jpg", 3)
    (bakeoff / "wall/truth.jpg").unlink()
    assert main(["--out", str(bakeoff), "--report-only"]) == 1
    assert "has no truth.jpg; make it again with --wall" in capsys.readouterr().err


def of_violet(folder, tmp_path):
    """Adds a preset that paints violet to a bake-off, graded like its other system."""
    preset = str(preset_of(violet(), tmp_path / "violet", image_size=SIDE))
    before = read_settings(folder)
    system = System("violet", taken=preset)
    dataclasses.replace(before, systems=(*before.systems, system)).write(folder)
    shutil.copytree(folder / "grades/cnn", folder / "grades/violet")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def others(tmp_path, smooth):
    """Three further photographs."""
    (tmp_path / "others").mkdir()
    for number, image in enumerate(smooth(3, SIDE, SIDE, seed=5)):
        Image.fromarray(image).save(tmp_path / f"others/{number}.png")
    return tmp_path / "others"


def test_a_wall_that_no_system_can_be_on_is_refused_and_the_earlier_one_stays(
    trained, kept, photographs, others, capsys
):
    assert main(["--out", str(trained), "--wall", str(photographs), "--credit", "A."]) == 0
    shutil.copytree(trained / "wall", kept / "wall")
    before = contents(kept / "wall")
    assert set(before) == {"cnn.jpg", "photographs.json", "truth.jpg"}
    capsys.readouterr()
    assert main(["--out", str(kept), "--wall", str(others), "--credit", "B."]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(
        f"error: --wall: no system has weights here ({kept}/runs/cnn/seed-1: is a kept record "
        "without weights; name the run"
    )
    assert contents(kept / "wall") == before and not list(kept.glob(".writing*"))
    # Of the same photographs nothing has to be colorized.
    assert main(["--out", str(kept), "--wall", str(photographs), "--credit", "B."]) == 0
    after = contents(kept / "wall")
    assert {name for name in before if after[name] != before[name]} == {"photographs.json"}
    assert read_wall(kept).says.endswith("B.")


def test_systems_without_weights_are_left_out_of_a_wall_of_other_photographs(
    trained, kept, photographs, others, tmp_path, capsys
):
    write_wall(read_settings(trained), trained, photographs)
    shutil.copytree(trained / "wall", kept / "wall")
    of_violet(kept, tmp_path)
    assert write_wall(read_settings(kept), kept, photographs) == 2
    assert set(read_wall(kept).made) == {"cnn", "violet"}
    assert "left out" not in capsys.readouterr().err
    assert write_wall(read_settings(kept), kept, others) == 1
    assert set(read_wall(kept).made) == {"violet"} and len(read_wall(kept).truth) == 3
    said = f"left out of the wall: cnn ({kept}/runs/cnn/seed-1: is a kept record without weights"
    assert said in capsys.readouterr().err


def test_a_later_seed_is_shown_where_the_first_has_no_weights(
    trained, kept, photographs, others, capsys
):
    """As in a copy of what is kept that was gone on with."""
    shutil.copytree(trained / "runs/cnn/seed-1", kept / "runs/cnn/seed-2")
    for path in (kept / "grades/cnn").glob("seed-1.*"):
        shutil.copy(path, path.with_stem("seed-2"))
    dataclasses.replace(read_settings(kept), systems=(System("cnn", seeds=2),)).write(kept)
    for folder in (photographs, others):
        assert main(["--out", str(kept), "--wall", str(folder), "--credit", "C."]) == 0
        assert set(read_wall(kept).made) == {"cnn"}
        assert read_wall(kept).says.endswith(
            "C. CNN (batches of 6): seed 2, the first with weights."
        )
    assert main(["--out", str(kept), "--wall", str(others), "--credit", "D."]) == 0
    assert read_wall(kept).says.endswith("D. CNN (batches of 6): seed 2, the first with weights.")


def test_a_wall_that_fails_on_the_way_leaves_the_earlier_one(taken, out, tmp_path, others):
    write_wall_of(out, truth=(1, 2, 3), shipped=(4, 5, 6))
    before = contents(out / "wall")
    (tmp_path / "data").mkdir()
    for number in range(3):
        (tmp_path / f"data/{number}.jpg").write_text("This is not a photograph.")
    passed = ("--data", "folder", "--data-dir", f"{tmp_path}/data", "--image-size", str(SIDE))
    with pytest.raises(InputError, match="train"):  # which baselines need, after the systems
        write_wall(dataclasses.replace(taken, passed=passed), out, others)
    assert contents(out / "wall") == before and not list(out.glob(".writing*"))
