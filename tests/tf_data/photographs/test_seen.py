"""Held-out photographs that were trained on elsewhere get a set of their own."""

import csv

import numpy as np
import pytest
from encoded_files import encode
from photo_repositories import photograph, turned
from PIL import Image

from tf_data.photographs import seen
from tf_data.photographs.__main__ import main as collect


@pytest.fixture
def photos(clones, tmp_path):
    """A collection with two held-out photographs: a square one and a wide one."""
    folder, sets = clones
    out = tmp_path / "photos"
    assert collect([str(out), "--clones", str(folder), "--side", "128"], sets) == 0
    return out


def rows_of(photos):
    with (photos / "photos.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def held(photos):
    """Held-out files by their sets, on the disk and in the table."""
    on_disk = {str(path.relative_to(photos)) for path in photos.glob("held_out/*/*.jpg")}
    listed = {row["file"]: row["set"] for row in rows_of(photos) if row["split"] == "held_out"}
    assert on_disk == set(listed)
    assert all(file.split("/")[1] == name for file, name in listed.items())
    return sorted(listed.values())


def test_the_central_square_of_a_held_out_photograph_is_found_and_it_is_moved(
    photos, tmp_path, capsys
):
    wide = photograph("rocket")
    left = (wide.width - wide.height) // 2
    square = wide.crop((left, 0, left + wide.height, wide.height))
    others = tmp_path / "others" / "n01"
    others.mkdir(parents=True)
    square.resize((64, 64), Image.Resampling.LANCZOS).save(others / "a.JPEG", quality=75)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(others / "b.png")
    (others / "broken.jpg").write_bytes(b"not an image")
    before, files = rows_of(photos), {p.name: p.read_bytes() for p in photos.rglob("*.jpg")}
    assert held(photos) == ["three", "three"]
    for _ in range(2):  # the second time nothing is left to do
        assert seen.main([str(photos), str(tmp_path / "others")]) == 0
        said = capsys.readouterr().out
        assert said.splitlines() == [
            f"three: 1 of 2 photographs are in {tmp_path / 'others'}",
            f"not compared: 1 of 3 images in {tmp_path / 'others'}, which cannot be read "
            f"({others / 'broken.jpg'})",
        ]
        assert held(photos) == ["three", "three_seen"]
    (moved,) = (row for row in rows_of(photos) if row["set"] == "three_seen")
    assert moved["path"] == "rocket.jpg"
    assert {p.name: p.read_bytes() for p in photos.rglob("*.jpg")} == files
    others_of = [{k: v for k, v in row.items() if k not in ("set", "file")} for row in before]
    now = [{k: v for k, v in row.items() if k not in ("set", "file")} for row in rows_of(photos)]
    assert sorted(map(str, others_of)) == sorted(map(str, now))


def test_a_photograph_that_is_stored_lying_on_its_side_is_found(photos, tmp_path, capsys):
    others = tmp_path / "others"
    others.mkdir()
    (others / "rocket.jpg").write_bytes(turned(photograph("rocket")))
    assert seen.main([str(photos), str(others)]) == 0
    assert capsys.readouterr().out == f"three: 1 of 2 photographs are in {others}\n"
    assert held(photos) == ["three", "three_seen"]


def test_images_that_cannot_be_read_are_named_whatever_is_wrong_with_them(photos, tmp_path, capsys):
    others = tmp_path / "others"
    others.mkdir()
    png = bytearray(encode(photograph("rocket"), "PNG"))
    png[png.rindex(b"IDAT")] ^= 0xFF  # Pillow raises a SyntaxError
    for number in range(6):
        (others / f"{number}.png").write_bytes(png)
    (others / "scan.heic").write_bytes(b"of a format that Pillow does not read")
    before = (photos / "photos.csv").read_bytes()
    assert seen.main([str(photos), str(others)]) == 1
    error = capsys.readouterr().err
    first = ", ".join(str(others / f"{number}.png") for number in range(5))
    assert f"{others}: none of the 7 images can be read ({first}, ...); should be what" in error
    assert (photos / "photos.csv").read_bytes() == before
    (others / "rocket.png").write_bytes(encode(photograph("rocket"), "PNG"))
    assert seen.main([str(photos), str(others)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"three: 1 of 2 photographs are in {others}"
    assert said[1:] == [
        f"not compared: 7 of 8 images in {others}, which cannot be read ({first}, ...)"
    ]


def test_it_goes_on_where_it_was_stopped_between_files_and_table(photos, tmp_path, monkeypatch):
    others = tmp_path / "others"
    others.mkdir()
    photograph("rocket").save(others / "rocket.png")
    with monkeypatch.context() as patch:
        patch.setattr(seen, "replacing", lambda path: exec("raise KeyboardInterrupt"))
        assert seen.main([str(photos), str(others)]) == 130
    assert {row["set"] for row in rows_of(photos) if row["split"] == "held_out"} == {"three"}
    assert seen.main([str(photos), str(others)]) == 0
    assert held(photos) == ["three", "three_seen"]


def test_what_is_no_collection_or_holds_no_images_is_named(photos, tmp_path, capsys):
    assert seen.main([str(tmp_path), str(tmp_path)]) == 1
    assert f"{tmp_path}: no collection" in capsys.readouterr().err
    (tmp_path / "none").mkdir()
    assert seen.main([str(photos), str(tmp_path / "none")]) == 1
    assert "none: no images in it" in capsys.readouterr().err
    photograph("rocket").save(tmp_path / "none" / "rocket.png")
    gone = next(photos.glob("held_out/three/*.jpg"))
    gone.unlink()
    before = (photos / "photos.csv").read_bytes()
    assert seen.main([str(photos), str(tmp_path / "none")]) == 1
    assert f"{gone}: is gone or damaged" in capsys.readouterr().err
    assert (photos / "photos.csv").read_bytes() == before
