"""Tiny ImageNet in miniature, laid out as the official zip."""

import hashlib
import shutil
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from polychrome.errors import InputError
from tf_data.sources import tiny_imagenet
from tf_data.sources.tiny_imagenet import open_tiny_imagenet

CLASSES = ("n01443537", "n09256479")
ROOT = "tiny-imagenet-200/"


def photograph(seed):
    image = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)
    return cv2.imencode(".JPEG", image)[1].tobytes()


def layout():
    """path -> content, in no order, with all that the official zip holds beside photographs."""
    files = {"wnids.txt": "\n".join(CLASSES).encode(), "words.txt": b"", "val/images/": b""}
    files["val/val_annotations.txt"] = "".join(
        f"val_{index}.JPEG\t{CLASSES[index % 3 == 0]}\t0\t32\t44\t62\n" for index in range(12)
    ).encode()
    for index in reversed(range(12)):
        files[f"test/images/test_{index}.JPEG"] = photograph(index)
        files[f"val/images/val_{index}.JPEG"] = photograph(100 + index)
        for name in CLASSES:
            files[f"train/{name}/images/{name}_{index}.JPEG"] = photograph(200 + index)
            files[f"train/{name}/{name}_boxes.txt"] = b""
    return files


FILES = layout()


def write_zip(path, files=FILES, root=ROOT):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(root + name, content)
    return path


def write_tree(path, files=FILES):
    for name, content in files.items():
        if not name.endswith("/"):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No data of whoever runs the tests."""
    monkeypatch.delenv("POLYCHROME_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def check(source):
    """The official splits, in order, with the bytes of their files."""
    assert list(source.splits) == ["train", "validation", "test"]
    folders = {"train": "train", "validation": "val", "test": "test"}
    for split, items in source.splits.items():
        expected = sorted(n for n in FILES if n.startswith(folders[split]) and n.endswith(".JPEG"))
        assert list(items.names) == expected
        for index, name in enumerate(items.names):
            assert items.read(index) == FILES[name]


def test_the_zip_itself(tmp_path):
    check(open_tiny_imagenet(write_zip(tmp_path / "any name.zip")))


def check_labels(source):
    assert source.classes == CLASSES
    train, validation, test = source.splits.values()
    assert [CLASSES[label] for label in train.labels] == [n.split("/")[1] for n in train.names]
    indices = [int(name.split("_")[1].removesuffix(".JPEG")) for name in validation.names]
    assert list(validation.labels) == [index % 3 == 0 for index in indices]
    assert test.labels is None


@pytest.mark.parametrize("write", [write_zip, write_tree])
def test_classes_of_train_and_validation(tmp_path, write):
    check_labels(open_tiny_imagenet(write(tmp_path / "tiny-imagenet-x.zip")))


@pytest.mark.parametrize(
    "annotations",
    [None, b"", b"val_0.JPEG\tn01443537\t0\t32\t44\t62\n", b"no tabs", b"\xff\tn01443537\n"],
)
def test_a_copy_without_all_annotations_has_no_validation_labels(tmp_path, annotations):
    files = {name: content for name, content in FILES.items() if "annotations" not in name}
    if annotations is not None:
        files["val/val_annotations.txt"] = annotations
    source = open_tiny_imagenet(write_zip(tmp_path / "x.zip", files))
    assert source.splits["validation"].labels is None
    assert len(source.splits["train"].labels) == 24


def test_a_class_that_train_lacks_leaves_validation_without_labels(tmp_path):
    other = FILES["val/val_annotations.txt"].replace(CLASSES[1].encode(), b"n99999999")
    files = FILES | {"val/val_annotations.txt": other}
    source = open_tiny_imagenet(write_zip(tmp_path / "x.zip", files))
    assert source.splits["validation"].labels is None


def test_unreadable_annotations_are_named(tmp_path):
    tree = write_tree(tmp_path / "tiny-imagenet-200")
    (tree / "val/val_annotations.txt").unlink()
    (tree / "val/val_annotations.txt").symlink_to(tree / "nowhere")
    with pytest.raises(InputError, match="200: val/val_annotations.txt can't be read"):
        open_tiny_imagenet(tree)


@pytest.mark.parametrize("name", ["tiny-imagenet-200.zip", "tiny-imagenet-mini.zip"])
def test_a_folder_with_the_zip(tmp_path, name):
    write_zip(tmp_path / name)
    check(open_tiny_imagenet(tmp_path))


def test_a_zip_without_its_top_folder(tmp_path):
    check(open_tiny_imagenet(write_zip(tmp_path / "x.zip", root="")))


def test_the_unpacked_tree_and_its_parent(tmp_path):
    write_tree(tmp_path / "tiny-imagenet-200")
    check(open_tiny_imagenet(tmp_path / "tiny-imagenet-200"))
    check(open_tiny_imagenet(tmp_path))


def test_the_zip_goes_before_a_tree_that_may_be_half_unpacked(tmp_path):
    write_tree(tmp_path / "tiny-imagenet-200", dict(list(FILES.items())[:20]))
    write_zip(tmp_path / "tiny-imagenet-200.zip")
    check(open_tiny_imagenet(tmp_path))


def test_the_environment_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("POLYCHROME_DATA", str(write_zip(tmp_path / "data" / "some.zip")))
    check(open_tiny_imagenet())


def test_data_dir_goes_before_the_environment_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("POLYCHROME_DATA", str(tmp_path / "nowhere"))
    check(open_tiny_imagenet(write_zip(tmp_path / "some.zip")))


def test_the_default_place_is_the_cache(home):
    write_zip(home / ".cache" / "polychrome" / "tiny-imagenet-200.zip")
    check(open_tiny_imagenet())


def test_what_macos_leaves_behind_is_passed_over(tmp_path):
    litter = {
        "__MACOSX/tiny-imagenet-200/test/images/._test_0.JPEG": b"litter",
        "tiny-imagenet-200/test/images/._test_0.JPEG": b"litter",
        "tiny-imagenet-200/train/.DS_Store": b"litter",
    }
    path = write_zip(tmp_path / "x.zip", {ROOT + k: v for k, v in FILES.items()} | litter, root="")
    check(open_tiny_imagenet(path))


def test_many_threads_read_the_right_bytes(tmp_path):
    items = open_tiny_imagenet(write_zip(tmp_path / "x.zip")).splits["train"]
    order = list(range(len(items.names))) * 100
    with ThreadPoolExecutor(8) as pool:
        for index, content in zip(order, pool.map(items.read, order), strict=True):
            assert content == FILES[items.names[index]]


def test_another_number_of_photographs_is_noticed(tmp_path):
    notice = open_tiny_imagenet(write_zip(tmp_path / "x.zip")).notice
    assert "24 + 12 + 12 photographs, not the official 100,000 + 10,000 + 10,000" in notice


@pytest.mark.parametrize("write", [write_zip, write_tree])
def test_the_fingerprint_follows_the_files(tmp_path, write):
    def fingerprints(name, files):
        source = open_tiny_imagenet(write(tmp_path / name, files))
        return {split: items.fingerprint for split, items in source.splits.items()}

    before = fingerprints("a.zip", FILES)
    after = fingerprints("b.zip", FILES | {"test/images/test_3.JPEG": photograph(999)})
    assert after["test"] != before["test"]
    if write is write_zip:  # by checksum, so a copy counts as the same
        assert after["train"] == before["train"]


def test_nothing_there_says_where_it_looked_and_what_to_do(tmp_path, home, monkeypatch):
    advice = "POLYCHROME_DATA=PATH.*download"
    with pytest.raises(
        InputError, match=f"{home}/.cache/polychrome .the default.*{advice}"
    ) as error:
        open_tiny_imagenet()
    assert error.value.settings == ("data_dir", "download")
    with pytest.raises(InputError, match=f"{tmp_path} .as given.*{advice}"):
        open_tiny_imagenet(tmp_path)
    monkeypatch.setenv("POLYCHROME_DATA", str(tmp_path / "x"))
    with pytest.raises(InputError, match=f"{tmp_path}/x .given by POLYCHROME_DATA.*{advice}"):
        open_tiny_imagenet()


def test_several_zips_are_not_chosen_among(tmp_path):
    write_zip(tmp_path / "tiny-imagenet-a.zip")
    write_zip(tmp_path / "tiny-imagenet-b.zip")
    with pytest.raises(InputError, match="several zips .tiny-imagenet-a.zip, tiny-imagenet-b.zip"):
        open_tiny_imagenet(tmp_path)
    write_zip(tmp_path / "tiny-imagenet-200.zip")
    check(open_tiny_imagenet(tmp_path))


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
def test_a_truncated_zip_is_one_line(tmp_path, share):
    path = write_zip(tmp_path / "x.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="x.zip: not a whole zip.*Fetch it again") as caught:
        open_tiny_imagenet(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("gone", ["train", "val", "test"])
@pytest.mark.parametrize("write", [write_zip, write_tree])
def test_a_missing_folder_is_named(tmp_path, write, gone):
    files = {name: content for name, content in FILES.items() if not name.startswith(gone)}
    with pytest.raises(InputError, match=f"no photographs under {gone}/.*incomplete"):
        open_tiny_imagenet(write(tmp_path / "tiny-imagenet-x.zip", files))


def test_two_data_sets_in_one_zip_are_refused(tmp_path):
    files = {f"{top}/{name}": content for top in "ab" for name, content in FILES.items()}
    with pytest.raises(InputError, match="holds 2 data sets .a/, b/"):
        open_tiny_imagenet(write_zip(tmp_path / "x.zip", files, root=""))


def test_a_damaged_member_is_an_oserror_and_the_others_are_fine(tmp_path):
    path = write_zip(tmp_path / "x.zip")
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(ROOT + "test/images/test_5.JPEG")
    content = bytearray(path.read_bytes())
    middle = info.header_offset + info.compress_size // 2
    content[middle : middle + 100] = bytes(100)
    path.write_bytes(content)
    items = open_tiny_imagenet(path).splits["test"]
    with pytest.raises(OSError, match="test_5.JPEG is damaged"):
        items.read(items.names.index("test/images/test_5.JPEG"))
    assert items.read(0) == FILES[items.names[0]]


def test_a_photograph_that_vanished_is_an_oserror(tmp_path):
    tree = write_tree(tmp_path / "tiny-imagenet-200")
    items = open_tiny_imagenet(tree).splits["validation"]
    shutil.rmtree(tree / "val")
    with pytest.raises(OSError):
        items.read(0)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """The test's output is no place for the server's log."""


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The miniature zip on a real server, in the place of the official one."""
    path = write_zip(tmp_path / "server" / "tiny-imagenet-200.zip")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=path.parent)) as server:
        monkeypatch.setattr(
            tiny_imagenet, "URL", f"http://127.0.0.1:{server.server_port}/{path.name}"
        )
        monkeypatch.setattr(tiny_imagenet, "SIZE", path.stat().st_size)
        monkeypatch.setattr(tiny_imagenet, "MD5", hashlib.md5(path.read_bytes()).hexdigest())
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield path
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("given", [None, "new/folder", "new/my.zip"])
def test_a_download_is_found_again_without_one(served, tmp_path, home, given):
    place = None if given is None else tmp_path / given
    check(open_tiny_imagenet(place, download=True))
    served.unlink()
    check(open_tiny_imagenet(place))
    assert (home / ".cache/polychrome/tiny-imagenet-200.zip").exists() == (given is None)


def test_what_is_there_is_not_downloaded_again(served, tmp_path):
    served.unlink()
    write_tree(tmp_path / "data" / "tiny-imagenet-200")
    check(open_tiny_imagenet(tmp_path / "data", download=True))
