"""Folders of photographs: what is found, and which split it lands in."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from polychrome.errors import InputError
from tf_data.sources.folder import open_folder
from tf_data.sources.split import position


def fill(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def split_by_name(root):
    return {
        name: split for split, items in open_folder(root).splits.items() for name in items.names
    }


MANY = [f"album {i % 7}/{i}.jpg" for i in range(600)]


@pytest.fixture
def many(tmp_path):
    return fill(tmp_path / "many", MANY)


def test_photographs_are_to_be_turned_upright(many):
    assert all(split.upright for split in open_folder(many).splits.values())


def test_gray_photographs_are_graded_but_not_learned_from(many):
    splits = open_folder(many).splits
    assert {name: split.color_only for name, split in splits.items()} == {
        "train": True,
        "validation": True,
        "test": False,
    }


def test_photographs_are_found_at_any_depth_and_others_passed_over(many):
    fill(many, ["a/b/c/DEEP.JPEG", "x.PNG", "x.bmp", "x.gif", "x.WebP"])
    fill(many, ["x.txt", "film.mp4", "noext", ".hidden.jpg", ".cache/x.jpg", "__MACOSX/x.jpg"])
    found = set(split_by_name(many)) - set(MANY)
    assert found == {"a/b/c/DEEP.JPEG", "x.PNG", "x.bmp", "x.gif", "x.WebP"}


def test_photographs_that_cannot_be_decoded_are_items_so_that_they_are_counted(many):
    fill(many, ["scan.tif", "scan.TIFF", "phone.heic", "camera.nef"])
    found = set(split_by_name(many)) - set(MANY)
    assert found == {"scan.tif", "scan.TIFF", "phone.heic", "camera.nef"}


def test_read_gives_the_file(many):
    for split in open_folder(many).splits.values():
        for index in (0, len(split.names) - 1):
            assert split.read(index) == split.names[index].encode()


def test_names_are_sorted(many):
    for split in open_folder(many).splits.values():
        assert list(split.names) == sorted(split.names)


def test_shares_are_80_10_10(many):
    splits = open_folder(many).splits
    # Four standard deviations of 600 draws at 10 %: 29 files.
    assert abs(len(splits["validation"].names) - 60) < 30
    assert abs(len(splits["test"].names) - 60) < 30
    assert sum(len(split.names) for split in splits.values()) == 600


def test_a_file_stays_in_its_split_wherever_the_folder_is_and_whatever_is_added(many, tmp_path):
    before = split_by_name(many)
    moved = Path(shutil.move(many, tmp_path / "elsewhere"))
    fill(moved, [f"new/{i}.png" for i in range(300)])
    after = split_by_name(moved)
    assert len(after) == 900
    assert {name: after[name] for name in before} == before


def test_the_split_is_the_documented_hash(many):
    splits = split_by_name(many)
    for name in MANY[:50]:
        share = int(hashlib.sha256(name.encode()).hexdigest(), 16) / 2**256
        expected = "train" if share < 0.8 else "validation" if share < 0.9 else "test"
        assert splits[name] == expected
    # printf 'flowers/rose.jpg' | sha256sum
    assert position("flowers/rose.jpg") == pytest.approx(0x52EE4B51 / 2**32, abs=1e-9)


def test_accents_hash_alike_however_the_file_system_writes_them():
    assert position("caf\u00e9.jpg") == position("cafe\u0301.jpg")


@pytest.mark.parametrize("change", ["content", "name", "more"])
def test_the_fingerprint_follows_the_files(many, change):
    def fingerprints():
        return {name: split.fingerprint for name, split in open_folder(many).splits.items()}

    before = fingerprints()
    assert fingerprints() == before
    name = next(name for name, split in split_by_name(many).items() if split == "test")
    if change == "content":
        (many / name).write_bytes(b"longer than it was before")
    elif change == "name":
        (many / name).unlink()
    else:
        fill(many, [f"new {i}.jpg" for i in range(100)])
    assert fingerprints()["test"] != before["test"]
    if change != "more":
        assert fingerprints()["train"] == before["train"]


def test_cycles_of_links_end(many):
    (many / "album 0" / "up").symlink_to(many)
    (many / "self").symlink_to("self")
    (many / "again").symlink_to(many / "album 1")
    assert set(split_by_name(many)) == set(MANY)


def test_linked_folders_are_followed_once(many, tmp_path):
    fill(tmp_path / "outside", ["1.jpg", "sub/2.jpg"])
    (many / "b link").symlink_to(tmp_path / "outside")
    (many / "c link").symlink_to(tmp_path / "outside" / "sub")
    assert set(split_by_name(many)) - set(MANY) == {"b link/1.jpg", "b link/sub/2.jpg"}


def test_a_dangling_link_is_an_item_that_cannot_be_read(many):
    (many / "lost.jpg").symlink_to("nowhere.jpg")
    items = open_folder(many).splits[split_by_name(many)["lost.jpg"]]
    with pytest.raises(OSError, match="lost.jpg"):
        items.read(items.names.index("lost.jpg"))


def test_a_pipe_is_no_photograph(many):
    os.mkfifo(many / "pipe.jpg")
    assert "pipe.jpg" not in split_by_name(many)


def test_names_that_are_not_utf8_can_be_printed_and_read(many):
    (Path(os.fsdecode(os.fsencode(many) + b"/caf\xe9.jpg"))).write_bytes(b"coffee")
    items = open_folder(many).splits[split_by_name(many)["caf\\xe9.jpg"]]
    assert items.read(items.names.index("caf\\xe9.jpg")) == b"coffee"


def test_small_folders_fill_each_split_and_say_so(tmp_path):
    # 12 names that all hash into train
    names = [name for name in MANY if position(name) < 0.8][:12]
    source = open_folder(fill(tmp_path, names))
    assert [len(split.names) for split in source.splits.values()] == [10, 1, 1]
    assert "only 12 photographs" in source.notice
    by_hash = sorted(names, key=position)
    assert source.splits["validation"].names == (by_hash[-1],)
    assert source.splits["test"].names == (by_hash[-2],)
    assert f"validation borrows {by_hash[-1]} from train" in source.notice


def test_borrowed_files_go_back_and_no_others_move(tmp_path):
    names = [name for name in MANY if position(name) < 0.8][:12]
    small = split_by_name(fill(tmp_path, names))
    grown = split_by_name(fill(tmp_path, MANY))
    moved = {name for name in names if small[name] != grown[name]}
    assert moved == {name for name in names if small[name] != "train"}
    assert open_folder(tmp_path).notice == ""


@pytest.mark.parametrize(
    "names, found",
    [([], "no photographs"), (["x.txt"], "no photographs"), (["1.jpg"], "1 photograph ")]
    + [(["1.jpg", "2.jpg"], "2 photographs")],
)
def test_too_few_photographs_are_counted(tmp_path, names, found):
    with pytest.raises(InputError, match=f"{found}.*at least one each"):
        open_folder(fill(tmp_path, names))


def test_a_file_or_nothing_in_the_place_of_the_folder(tmp_path):
    with pytest.raises(InputError, match="nowhere: No such file"):
        open_folder(tmp_path / "nowhere")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="file: not a folder"):
        open_folder(tmp_path / "file")


@contextlib.contextmanager
def somebody_else():
    """Nothing is closed to the superuser, whom containers run as."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("closed", [".", "sub", "around"])
def test_a_closed_folder_is_named(closed):
    with tempfile.TemporaryDirectory() as around:
        os.chmod(around, 0o755)
        root = fill(Path(around) / "root", ["sub/1.jpg", "2.jpg", "3.jpg", "4.jpg"])
        target = {".": root, "sub": root / "sub", "around": Path(around)}[closed]
        target.chmod(0)
        named = root if closed == "around" else target
        try:
            with (
                somebody_else(),
                pytest.raises(InputError, match=f"^{named}: .*Permission denied"),
            ):
                open_folder(root)
        finally:
            target.chmod(0o755)
