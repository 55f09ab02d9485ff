"""Data sets of tensorflow-datasets: tiny ones, written by its own builders in the real layout."""

import io
import json
import shutil
import sys
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
import tensorflow_datasets as tfds

from polychrome.errors import InputError
from tf_data.sources.source import SPLITS, open_source
from tf_data.store import load_store

COUNTS = {"train": 200, "validation": 7, "test": 11}


def photograph(seed):
    image = np.full((256, 256, 3), np.random.default_rng(seed).integers(0, 256, 3), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def places(seed):
    image = io.BytesIO(photograph(seed))
    return {"image": image, "label": seed % 365, "filename": f"/a/abbey/{seed:08d}.jpg"}


def coco(seed):
    name = f"{seed:012d}.jpg"
    image = io.BytesIO(photograph(seed))
    return {"image": image, "image/filename": name, "image/id": seed, "objects": []}


def lsun(seed):
    return {"image": io.BytesIO(photograph(seed)), "id": f"{seed:040x}"}


EXAMPLES = {
    "places365_small": places,
    "coco/2017": coco,
    "lsun/dining_room": lsun,
    "lsun/classroom": lsun,
}


def build(name, data_dir, example, file_format="tfrecord"):
    """Prepares the data set by its real builder, with other photographs."""
    dataset, _, config = name.partition("/")
    real = tfds.builder_cls(dataset)
    splits = {s: n for s, n in COUNTS.items() if (s, dataset) != ("test", "lsun")}

    def generators(self, manager):
        return {s: ((i, example(i)) for i in range(n)) for s, n in splits.items()}

    with tfds.core.registered.skip_registration():
        tiny = type(real.__name__, (real,), {"name": real.name, "_split_generators": generators})
    builder = tiny(data_dir=data_dir, config=config or None, file_format=file_format)
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(num_shards=3, try_download_gcs=False)
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder as ~/tensorflow_datasets, with all of them."""
    folder = tmp_path_factory.mktemp("tensorflow_datasets")
    for name, example in EXAMPLES.items():
        build(name, folder, example)
    return folder


@pytest.fixture
def copy(prepared, tmp_path):
    """One that may be damaged."""
    return shutil.copytree(prepared, tmp_path / "copy")


def as_tensorflow_datasets_reads(name, data_dir, part):
    decoders = {"image": tfds.decode.SkipDecoding()}
    in_order = tfds.ReadConfig(interleave_cycle_length=1)  # one shard after the other
    options = {"data_dir": data_dir, "decoders": decoders, "read_config": in_order}
    dataset = tfds.load(name, split=part, **options)
    return [example["image"].numpy() for example in dataset]


def contents(split):
    return [split.read(index) for index in range(len(split))]


@pytest.mark.parametrize("name", EXAMPLES)
def test_all_of_it_as_tensorflow_datasets_reads_it(prepared, name):
    source = open_source(f"{name}/all", prepared)
    assert source.name == f"{name}/all"
    assert tuple(source.splits) == SPLITS
    parts = {"train": "train", "validation": "validation", "test": "test"}
    if name.startswith("lsun"):
        parts |= {"train": "train[:99%]", "test": "train[99%:]"}
    for split, part in parts.items():
        expected = as_tensorflow_datasets_reads(name, prepared, part)
        assert contents(source.splits[split]) == expected
        assert len(source.splits[split].names) == len(expected)
    assert sum(map(len, source.splits.values())) == sum(COUNTS.values()) - (
        COUNTS["test"] if name.startswith("lsun") else 0
    )


def test_a_name_is_the_number_that_tensorflow_datasets_counts(prepared):
    split = open_source("lsun/dining_room/all", prepared).splits["test"]
    assert split.names == ("train/198", "train/199")
    (expected,) = as_tensorflow_datasets_reads("lsun/dining_room", prepared, "train[199:200]")
    assert split.read(1) == expected


def test_many_threads_read_the_right_photographs(prepared):
    split = open_source("coco/2017", prepared).splits["train"]
    expected = contents(split)
    order = np.random.default_rng(0).integers(0, len(split), 2000).tolist()
    with ThreadPoolExecutor(8) as pool:
        for index, content in zip(order, pool.map(split.read, order), strict=True):
            assert content == expected[index]


def test_a_store_is_filled_from_it(prepared):
    store = load_store(open_source("places365_small", prepared).splits["test"], 32, limit=5)
    assert store.images.shape == (5, 32, 32, 3)
    assert not store.skipped


def claim(data_dir, folder, counts):
    """Rewrites the table of contents as if the shards held so many photographs."""
    (path,) = data_dir.glob(f"{folder}/*/dataset_info.json")
    info = json.loads(path.read_text())
    for split in info["splits"]:
        total, shards = counts[split["name"]], len(split["shardLengths"])
        split["shardLengths"] = [str(len(part)) for part in np.array_split(range(total), shards)]
    path.write_text(json.dumps(info))


# The official counts, from the catalog of tensorflow-datasets, and those of the reports.
@pytest.mark.parametrize(
    "name, official, reported",
    [
        (
            "places365_small",
            {"train": 1_803_460, "validation": 36_500, "test": 328_500},
            (30_000, 3_000, 10_000),
        ),
        (
            "coco/2017",
            {"train": 118_287, "validation": 5_000, "test": 40_670},
            (8_000, 1_000, 2_000),
        ),
        ("lsun/dining_room", {"train": 657_571, "validation": 300}, (32_879, 300, 6_576)),
        ("lsun/classroom", {"train": 168_103, "validation": 300}, (8_405, 300, 1_681)),
    ],
)
def test_by_default_as_many_as_the_report_used(copy, name, official, reported):
    claim(copy, name, official)
    source = open_source(name, copy)
    assert tuple(map(len, source.splits.values())) == reported
    assert " + ".join(f"{count:,}" for count in reported) in source.notice
    assert f"the source {name}/all" in source.notice
    names = [set(split.names) for split in source.splits.values()]
    assert not names[0] & names[2]
    # The front of the split as tensorflow-datasets orders it.
    (first,) = as_tensorflow_datasets_reads(name, copy, "train[:1]")
    assert source.splits["train"].read(0) == first
    with pytest.raises(OSError, match="is missing, the file is cut"):  # beyond what is there
        source.splits["train"].read(len(source.splits["train"]) - 1)


def test_a_smaller_copy_gives_what_it_has(prepared):
    source = open_source("places365_small", prepared)
    assert "200 + 7 + 11 photographs" in source.notice


def test_the_fingerprint_follows_part_and_files(copy):
    def fingerprints(name):
        return [split.fingerprint for split in open_source(name, copy).splits.values()]

    before = fingerprints("lsun/dining_room")
    assert len(set(before)) == 3
    assert fingerprints("lsun/dining_room") == before
    assert fingerprints("lsun/dining_room/all")[0] != before[0]
    (shard,) = copy.glob("lsun/dining_room/*/lsun-validation.tfrecord-00001-of-00003")
    shard.write_bytes(shard.read_bytes() + b"more")
    after = fingerprints("lsun/dining_room")
    assert after[1] != before[1]
    assert after[::2] == before[::2]


def test_a_damaged_record_is_an_oserror_and_the_others_are_fine(copy):
    (shard,) = copy.glob("coco/*/*/coco-test.tfrecord-00000-of-00003")
    content = bytearray(shard.read_bytes())
    content[12:40] = b"\xff" * 28  # the beginning of the first example
    shard.write_bytes(content)
    split = open_source("coco/2017", copy).splits["test"]
    with pytest.raises(OSError, match="coco-test.tfrecord-00000-of-00003: a damaged record"):
        split.read(0)
    expected = as_tensorflow_datasets_reads("coco/2017", copy, "test[1:2]")
    assert [split.read(1)] == expected


@pytest.mark.parametrize("name", EXAMPLES)
def test_missing_data_say_where_they_belong_and_what_to_do(tmp_path, monkeypatch, name):
    place = f"no {name} in {tmp_path}: .* {tmp_path}/{name}/[0-9.]+. "
    with pytest.raises(InputError, match=place + ".*TFDS_DATA_DIR.*download") as error:
        open_source(name, tmp_path)
    assert error.value.settings == ("data_dir", "download")


def test_the_default_place_is_that_of_tensorflow_datasets(prepared, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(prepared))
    assert len(open_source("coco/2017/all").splits["train"]) == COUNTS["train"]


def test_a_missing_shard_is_named(copy):
    (shard,) = copy.glob("coco/*/*/coco-train.tfrecord-00002-of-00003")
    shard.unlink()
    with pytest.raises(InputError, match="00002-of-00003: No such file.*prepare it again"):
        open_source("coco/2017/all", copy)


def test_a_missing_split_is_named(copy):
    (path,) = copy.glob("coco/*/*/dataset_info.json")
    info = json.loads(path.read_text())
    info["splits"] = [split for split in info["splits"] if split["name"] != "test"]
    path.write_text(json.dumps(info))
    with pytest.raises(InputError, match="coco/2017/.*has no 'test' split"):
        open_source("coco/2017", copy)


def test_a_split_too_small_to_take_a_part_of_is_refused(copy):
    claim(copy, "lsun/dining_room", {"train": 20, "validation": 7})
    with pytest.raises(InputError, match="20 photographs in its 'train' split are too few"):
        open_source("lsun/dining_room/all", copy)


def test_a_broken_table_of_contents_is_one_line(copy):
    (path,) = copy.glob("places365_small/*/dataset_info.json")
    path.write_text("{")
    with pytest.raises(InputError, match=f"{copy}: places365_small in it can't be read") as caught:
        open_source("places365_small", copy)
    assert "\n" not in str(caught.value)


def test_another_format_is_refused(tmp_path):
    build("coco/2017", tmp_path, coco, file_format="array_record")
    with pytest.raises(InputError, match="prepared as array_record; prepare it as tfrecord"):
        open_source("coco/2017", tmp_path)


def test_lsun_says_what_preparing_it_needs(tmp_path):
    with pytest.raises(InputError, match="tensorflow_io, which isn't here.*2.16") as error:
        open_source("lsun/dining_room", tmp_path, download=True)
    assert error.value.settings == ("download", "data_dir")


def tar(path, files):
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """The test's output is no place for the server's log."""


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Places365 in miniature on a real server, in the place of the official one."""
    folder = tmp_path / "server"
    folder.mkdir()
    names = {
        "train": [f"/a/abbey/{index:08d}.jpg" for index in range(20)],
        "val": [f"Places365_val_{index:08d}.jpg" for index in range(4)],
        "test": [f"Places365_test_{index:08d}.jpg" for index in range(6)],
    }
    lists = {
        "places365_train_standard.txt": "".join(f"{name} 0\n" for name in names["train"]),
        "places365_val.txt": "".join(f"{name} 7\n" for name in names["val"]),
        "places365_test.txt": "".join(f"{name}\n" for name in names["test"]),
    }
    tar(folder / "filelist_places365-standard.tar", {n: t.encode() for n, t in lists.items()})
    for part, archive, root in (
        ("train", "train_256_places365standard.tar", "data_256"),
        ("val", "val_256.tar", "val_256/"),
        ("test", "test_256.tar", "test_256/"),
    ):
        photographs = {root + name: photograph(seed) for seed, name in enumerate(names[part])}
        tar(folder / archive, photographs)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        builder = sys.modules[tfds.builder_cls("places365_small").__module__]
        monkeypatch.setattr(builder, "_BASE_URL", f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield folder
        server.shutdown()
        thread.join()


def test_a_download_is_prepared_and_found_again_without_one(served, tmp_path):
    place = tmp_path / "new" / "tensorflow_datasets"
    downloaded = open_source("places365_small", place, download=True)
    assert [len(split) for split in downloaded.splits.values()] == [20, 4, 6]
    expected = {photograph(seed) for seed in range(20)}
    assert set(contents(downloaded.splits["train"])) == expected
    again = open_source("places365_small", place)
    assert [contents(again.splits[split]) for split in SPLITS] == [
        contents(downloaded.splits[split]) for split in SPLITS
    ]


def test_a_failed_download_is_one_line(served, tmp_path):
    (served / "test_256.tar").unlink()
    message = "^tensorflow-datasets can't prepare places365_small in .*: .*404"
    with pytest.raises(InputError, match=message) as caught:
        open_source("places365_small", tmp_path / "new", download=True)
    assert "\n" not in str(caught.value)
