"""JPEG files that libjpeg has something to say of."""

import io
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from polychrome.photographs.decoding.libjpeg import Libjpeg


@pytest.fixture(scope="module")
def libjpeg():
    asked = Libjpeg()
    yield asked
    asked.close()


def jpeg(mode="RGB", **options):
    file = io.BytesIO()
    Image.fromarray(data.astronaut()).convert(mode).save(file, "JPEG", **options)
    return file.getvalue()


SOUND = {
    "baseline": jpeg(),
    "progressive": jpeg(progressive=True),
    "gray": jpeg("L", optimize=True),
    "cmyk": jpeg("CMYK"),
    "restarts": jpeg(restart_marker_blocks=4),
    "bytes after the end": jpeg() + bytes(1000),
}


@pytest.fixture
def written(tmp_path):
    """A function that writes bytes to a file."""

    def write(encoded, name="picture.jpg"):
        path = tmp_path / name
        path.write_bytes(encoded)
        return path

    return write


@pytest.mark.parametrize("kind", SOUND)
def test_of_sound_files_nothing_is_said(kind, written, libjpeg):
    assert libjpeg.complaint(written(SOUND[kind])) == ""


def zeroed(encoded, seed, count=100):
    """With some bytes of the picture zeroed, as by a bad sector."""
    start = encoded.index(b"\xff\xda") + 20
    at = int(np.random.default_rng(seed).integers(start, len(encoded) - count - 2))
    return encoded[:at] + bytes(count) + encoded[at + count :]


@pytest.mark.parametrize("kind", ["baseline", "progressive"])
def test_most_damaged_files_are_noticed(kind, written, libjpeg):
    said = [libjpeg.complaint(written(zeroed(SOUND[kind], seed))) for seed in range(40)]
    assert sum(map(bool, said)) > 20
    assert {words.partition(" ")[2] for words in said if words[:1].isdigit()} <= {
        f"extraneous bytes before marker 0x{marker}" for marker in ("d9", "da", "c4")
    }


def test_a_name_that_no_line_could_hold_is_as_good_as_any(written, libjpeg):
    damaged = zeroed(SOUND["baseline"], 1)
    # Others than Linux refuse names that are no text.
    path = written(damaged, "naïve\n\udcff.jpg" if sys.platform == "linux" else "naïve\n.jpg")
    assert libjpeg.complaint(path) == libjpeg.complaint(written(damaged)) != ""


def test_bytes_too_many_are_noticed_though_harmless(written, libjpeg):
    """The documentation says so; some cameras write them."""
    head, table, rest = SOUND["baseline"].partition(b"\xff\xdb")
    said = libjpeg.complaint(written(head + bytes(4) + table + rest))
    assert said == "4 extraneous bytes before marker 0xdb"


def test_of_what_is_no_jpeg_file_nothing_is_asked(written, tmp_path):
    asked = Libjpeg()
    file = io.BytesIO()
    Image.fromarray(data.astronaut()).save(file, "PNG")
    for path in (written(file.getvalue()), written(b""), tmp_path / "none.jpg", tmp_path):
        assert asked.complaint(path) == ""
    assert asked._process is None
    asked.close()


def test_without_its_process_nothing_is_said_and_nothing_fails(written):
    path = written(zeroed(SOUND["baseline"], 0))
    asked = Libjpeg()
    assert asked.complaint(path)
    asked._process.kill()
    asked._process.wait()
    assert [asked.complaint(path) for _ in range(2)] == ["", ""]
    asked.close()
    assert asked.complaint(path) == ""


def test_its_process_ends_with_it(written):
    asked = Libjpeg()
    asked.complaint(written(SOUND["gray"]))
    process = asked._process
    assert process.poll() is None
    asked.close()
    assert process.returncode is not None
