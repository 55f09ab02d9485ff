"""Single records of files that TensorFlow itself wrote."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from tf_data.sources.tfrecord import Records

CONTENTS = [
    np.random.default_rng(n).bytes(size) for n, size in enumerate([0, 1, 500, 70_000, 3] * 20)
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "x.tfrecord-00000-of-00001"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for content in CONTENTS:
            writer.write(content)
    return path


@pytest.mark.parametrize("start, stop", [(0, 100), (0, 7), (7, 40), (99, 100)])
def test_any_record_in_any_order(path, start, stop):
    records = Records(path, start, stop)
    assert len(records) == stop - start
    for index in np.random.default_rng(0).permutation(stop - start).tolist():
        assert records.read(index) == CONTENTS[start + index]


def test_many_threads_read_the_right_ones(path):
    records = Records(path, 10, 90)
    order = np.random.default_rng(0).integers(0, 80, 2000).tolist()
    with ThreadPoolExecutor(8) as pool:
        for index, content in zip(order, pool.map(records.read, order), strict=True):
            assert content == CONTENTS[10 + index]


def test_a_file_cut_short_still_gives_its_whole_records(path, tmp_path):
    whole = path.read_bytes()
    ends = np.cumsum([len(content) + 16 for content in CONTENTS])
    # In the middle of the data, of the header, and of the last checksum of record 53.
    for cut in (ends[52] + 12 + 1000, ends[52] + 5, ends[53] - 1):
        short = tmp_path / f"{cut}.tfrecord"
        short.write_bytes(whole[:cut])
        records = Records(short, 50, 60)
        assert [records.read(index) for index in range(3)] == CONTENTS[50:53]
        for index in (3, 4, 9):
            with pytest.raises(OSError, match=f"{cut}.tfrecord: record {50 + index} is missing"):
                records.read(index)


def test_a_damaged_length_ends_the_file(path, tmp_path):
    content = bytearray(path.read_bytes())
    content[len(CONTENTS[0]) + 16 + 7] = 255  # the high byte of record 1's length
    (tmp_path / "x").write_bytes(content)
    records = Records(tmp_path / "x", 0, 100)
    assert records.read(0) == CONTENTS[0]
    with pytest.raises(OSError, match="record 1 is missing"):
        records.read(1)


def test_a_file_that_is_gone_is_an_oserror(tmp_path):
    with pytest.raises(OSError):
        Records(tmp_path / "x", 0, 1).read(0)
