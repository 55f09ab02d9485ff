"""Collections from small repositories."""

import csv
import hashlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
from encoded_files import encode
from photo_repositories import git, image_at, make_repository, photograph
from PIL import Image

from polychrome.errors import InputError
from tf_data.photographs.collect import collect
from tf_data.photographs.sets import PhotoSet
from tf_data.sources.source import open_source


@pytest.fixture(scope="module")
def collection(clones, tmp_path_factory):
    """The collection of all sets: folder, table, and rows of `photos.csv` by path."""
    folder, sets = clones
    out = tmp_path_factory.mktemp("collected") / "photos"
    table = collect(out, folder, sets, side=160)
    with (out / "photos.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["set"], row["path"]): row for row in csv.DictReader(file)}
    return out, table, rows


def counts(table):
    """Counts by set and column of the printed table."""
    header, _, *lines = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n")
    )
    return {line[0]: dict(zip(header[2:], map(int, line[2:]), strict=True)) for line in lines}


def opened(out, row):
    return image_at(out / row["file"])


def test_each_photograph_is_there_once(collection):
    out, _, rows = collection
    assert set(rows) == {
        ("one", "pictures/larger coffee é.png"),
        ("one", "pictures/cat.jpg"),
        ("two", "cells.webp"),
        ("three", "astronaut.bmp"),
        ("three", "rocket.jpg"),
    }
    files = {path.relative_to(out).as_posix() for path in out.rglob("*.jpg")}
    assert files == {row["file"] for row in rows.values()}
    assert {path.name for path in out.iterdir()} <= {
        *("train", "validation", "held_out"),
        *("photos.csv", "README.md"),
    }
    assert [path.name for path in out.parent.iterdir()] == ["photos"]


def test_what_was_left_out_is_counted_by_reason(collection):
    out, table, _ = collection
    found = counts(table)
    left_out = ("missing", "broken", "small", "gray", "identical", "similar", "similar to held out")
    assert [found["one"][reason] for reason in left_out] == [0, 2, 1, 2, 1, 1, 0]
    # The cup is the same file as in the first set, whose larger one is kept for both.
    assert [found["two"][reason] for reason in left_out] == [0, 0, 0, 0, 0, 1, 1]
    assert [found["three"][reason] for reason in left_out] == [0] * 7
    assert found["three"]["held_out"] == 2
    assert found["one"]["train"] + found["one"]["validation"] == 2
    assert found["all"] == {
        column: sum(found[name][column] for name in ("one", "two", "three"))
        for column in found["all"]
    }
    readme = (out / "README.md").read_text(encoding="utf-8")
    assert table in readme and "CC0-1.0" in table and "none stated" in table


def test_rows_tell_origin_and_size(collection, clones):
    out, _, rows = collection
    for (name, _), row in rows.items():
        photo_set = {s.name: s for s in clones[1]}[name]
        assert [row[n] for n in ("repository", "commit", "license")] == [
            *(photo_set.repository, photo_set.commit, photo_set.license),
        ]
        image = opened(out, row)
        assert image.size == (int(row["width"]), int(row["height"])) and image.format == "JPEG"
        assert row["file"].startswith(f"{row['split']}/{name}/")
        assert (row["split"] == "held_out") == (name == "three")
        assert len(row["hash"]) == 16


def test_photographs_are_shrunk_upright_and_keep_their_colors(collection):
    out, _, rows = collection
    for key, name in (
        (("one", "pictures/cat.jpg"), "chelsea"),
        (("one", "pictures/larger coffee é.png"), "coffee"),
        (("three", "rocket.jpg"), "rocket"),
    ):
        original = photograph(name)
        image = opened(out, rows[key])
        assert min(image.size) == 160
        assert image.size[0] / image.size[1] == pytest.approx(
            original.size[0] / original.size[1], 0.01
        )
        expected = np.asarray(original.resize(image.size, Image.Resampling.LANCZOS), float)
        assert np.abs(np.asarray(image, float) - expected).mean() < 3


def test_small_jpegs_keep_their_bytes(clones, tmp_path):
    folder, sets = clones
    collect(tmp_path / "photos", folder, sets[1:2], side=256)
    stored = {hashlib.sha256(p.read_bytes()).digest() for p in (tmp_path / "photos").rglob("*.jpg")}
    for name in ("cup.jpg", "astronaut.jpg"):
        original = (folder / "us" / "two" / name).read_bytes()
        assert hashlib.sha256(original).digest() in stored
    sizes = [image_at(path).size for path in (tmp_path / "photos").rglob("*.jpg")]
    assert sorted(sizes) == [(195, 130), (200, 200), (256, 256)]


def test_splits_do_not_depend_on_other_sets(clones, collection, tmp_path):
    folder, sets = clones
    collect(tmp_path / "photos", folder, sets[:1], side=160)
    alone = {p.relative_to(tmp_path / "photos").as_posix() for p in tmp_path.rglob("*.jpg")}
    _, _, rows = collection
    assert alone == {row["file"] for row in rows.values() if row["set"] == "one"}


def test_a_twentieth_is_for_validation(tmp_path):
    random = np.random.default_rng(0)
    files = {}
    for number in range(400):
        small = random.integers(0, 256, (6, 6, 3), np.uint8)
        files[f"{number}.jpg"] = encode(Image.fromarray(small).resize((128, 128)), "JPEG")
    commit = make_repository(tmp_path / "us" / "many", files)
    many = PhotoSet("many", "us/many", commit, "noise")
    found = counts(collect(tmp_path / "photos", tmp_path, [many], side=128))["many"]
    assert found["train"] + found["validation"] + found["similar"] == 400
    assert 7 <= found["validation"] <= 33  # three standard deviations around 20


def test_the_pinned_commit_is_read_whatever_is_checked_out(clones, collection, tmp_path):
    folder, sets = clones
    shutil.copytree(folder, tmp_path / "clones")
    moved = tmp_path / "clones" / "us" / "one"
    git(moved, "rm", "-q", "-r", "pictures")
    git(moved, "commit", "-q", "-m", "Remove all")
    bare = tmp_path / "clones" / "us" / "two"
    git(bare, "clone", "-q", "--bare", str(bare), str(bare) + ".git")
    shutil.rmtree(bare)
    (tmp_path / "clones" / "us" / "two.git").rename(bare)
    collect(tmp_path / "photos", tmp_path / "clones", sets, side=160)
    again = (tmp_path / "photos" / "photos.csv").read_bytes()
    assert again == (collection[0] / "photos.csv").read_bytes()


def test_another_commit_and_no_clone_are_refused(clones, tmp_path):
    folder, sets = clones
    other = replace(sets[0], commit="0" * 40)
    with pytest.raises(InputError) as refused:
        collect(tmp_path / "photos", folder, [other], side=160)
    assert f"us/one should hold commit {'0' * 40}, but is at {sets[0].commit}" in str(refused.value)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no clone of us/one; git clone https://github.com/us/one"):
        collect(tmp_path / "photos", tmp_path / "empty", sets, side=160)
    assert not (tmp_path / "photos").exists()


def test_blobs_that_the_clone_lacks_are_counted(clones, tmp_path):
    folder, sets = clones
    shutil.copytree(folder, tmp_path / "clones")
    clone = tmp_path / "clones" / "them" / "three"
    content = (clone / "rocket.jpg").read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    (clone / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = counts(collect(tmp_path / "photos", tmp_path / "clones", sets[2:], side=160))
    assert found["three"]["missing"] == 1 and found["three"]["held_out"] == 1


def test_a_folder_that_exists_and_a_side_below_128_are_refused(clones, tmp_path):
    folder, sets = clones
    with pytest.raises(InputError, match="exists already"):
        collect(tmp_path, folder, sets, side=160)
    with pytest.raises(InputError, match="127 pixels: should be at least 128"):
        collect(tmp_path / "photos", folder, sets, side=127)


def test_a_finished_set_is_not_read_again(clones, collection, tmp_path):
    folder, sets = clones
    obstacle = tmp_path / ".photos-collecting" / "two"
    obstacle.parent.mkdir()
    obstacle.write_text("a file where a folder should be")
    with pytest.raises(OSError):
        collect(tmp_path / "photos", folder, sets, side=160)
    first = {path.name[:16]: path.stat().st_ino for path in tmp_path.rglob("one/*.jpg")}
    assert len(first) == 3
    obstacle.unlink()
    collect(tmp_path / "photos", folder, sets, side=160)
    photos = tmp_path / "photos"
    last = {path.stem: path.stat().st_ino for path in photos.rglob("one/*.jpg")}
    assert len(last) == 2 and last.items() <= first.items()
    assert (photos / "photos.csv").read_bytes() == (collection[0] / "photos.csv").read_bytes()


def test_another_side_reads_a_finished_set_again(clones, tmp_path):
    folder, sets = clones
    obstacle = tmp_path / ".photos-collecting" / "two"
    obstacle.parent.mkdir()
    obstacle.write_text("a file where a folder should be")
    with pytest.raises(OSError):
        collect(tmp_path / "photos", folder, sets, side=160)
    obstacle.unlink()
    collect(tmp_path / "photos", folder, sets, side=140)
    sides = {min(image_at(path).size) for path in (tmp_path / "photos").rglob("*.jpg")}
    assert sides == {140}


def test_a_collection_keeps_its_splits_as_a_source(clones, tmp_path):
    folder, sets = clones
    everything = [replace(photo_set, held_out=photo_set.name == "two") for photo_set in sets]
    out = tmp_path / "photos"
    collect(out, folder, everything, side=160)
    validation = min((out / "train").rglob("*.jpg"))
    target = out / "validation" / "one" / "moved.jpg"  # five photographs may leave it empty
    target.parent.mkdir(parents=True, exist_ok=True)
    validation.rename(target)
    source = open_source("folder", out)
    for split, place in (("train", "train"), ("validation", "validation"), ("test", "held_out")):
        names = {path.relative_to(out).as_posix() for path in (out / place).rglob("*.jpg")}
        assert names and set(source.splits[split].names) == names
    test = source.splits["test"]
    assert [test.read(i) for i in range(len(test))] == [(out / n).read_bytes() for n in test.names]
    assert "sets held out whole, two." in source.notice
    shutil.rmtree(out / "validation")
    with pytest.raises(InputError, match="validation: no photographs"):
        open_source("folder", out)
    (out / "photos.csv").write_text("name,size\n")
    assert open_source("folder", out).splits["train"].names[0]
