"""Downloads from a real server on this machine, well-behaved and not."""

import hashlib
import signal
import threading
import time
from http.server import ThreadingHTTPServer

import numpy as np
import pytest
from file_server import Handler, serving

from polychrome import download as module
from polychrome.download import download
from polychrome.errors import InputError

CONTENT = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(CONTENT).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(CONTENT, "photos.zip") as server:
        yield server


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "photos.zip"


@pytest.fixture
def part(path):
    path.parent.mkdir()
    return path.with_name("photos.zip.part")


@pytest.mark.parametrize(
    "known",
    [{}, {"size": len(CONTENT)}, {"md5": MD5.upper()}, {"sha256": SHA256}, {"sha256": SHA256[:8]}],
)
@pytest.mark.parametrize("tells_length", [True, False])
def test_whole_file_in_one_go(server, path, known, tells_length):
    server.tells_length = tells_length
    assert download(server.url, path, **known) == path
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["photos.zip"]
    assert server.asked == [None]


def test_progress_is_shown(server, path, capfd):
    download(server.url, path)
    shown = capfd.readouterr().err
    assert "photos.zip" in shown and "100%" in shown and "B/s" in shown


@pytest.mark.parametrize("known", [{}, {"size": len(CONTENT), "md5": MD5}])
def test_a_cut_connection_is_resumed_with_the_rest_only(server, path, known):
    server.cut_at = 100_000
    with pytest.raises(InputError, match="cut at 100,000 of 300,000 bytes.*again to resume"):
        download(server.url, path, **known)
    assert not path.exists()
    with pytest.raises(InputError, match="cut at 200,000 of 300,000 bytes"):
        download(server.url, path, **known)
    server.cut_at = None
    download(server.url, path, **known)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=200000-"]


def test_a_server_without_ranges_sends_all_again(server, path, part):
    server.ranges = False
    part.write_bytes(b"x" * 1000)
    download(server.url, path, md5=MD5)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


def test_a_complete_part_is_not_asked_for_again(server, path, part):
    part.write_bytes(CONTENT)
    download(server.url, path, size=len(CONTENT), md5=MD5)
    assert path.read_bytes() == CONTENT
    assert server.asked == []


def test_a_complete_part_of_unknown_size_is_recognized(server, path, part):
    part.write_bytes(CONTENT)
    download(server.url, path, md5=MD5)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["bytes=300000-"]


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_part_longer_than_the_file_is_discarded(server, path, part, size):
    part.write_bytes(CONTENT + b"more")
    download(server.url, path, size=size, md5=MD5)
    assert path.read_bytes() == CONTENT
    assert server.asked[-1] is None


def test_a_wrong_checksum_names_both_and_removes_the_part(server, path):
    wanted = hashlib.md5(b"another file").hexdigest()
    with pytest.raises(InputError, match=f"{MD5} instead of {wanted}"):
        download(server.url, path, md5=wanted)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("digits", [8, 64])
def test_a_wrong_sha256_names_both_and_removes_the_part(server, path, digits):
    wanted = hashlib.sha256(b"another file").hexdigest()[:digits]
    with pytest.raises(InputError, match=f"SHA-256 {SHA256} instead of {wanted};"):
        download(server.url, path, sha256=wanted)
    assert list(path.parent.iterdir()) == []


def test_a_version_that_is_still_there_is_resumed(server, path, part):
    server.etag, server.cut_at = '"1"', 100_000
    with pytest.raises(InputError, match="cut at 100,000"):
        download(server.url, path)
    server.cut_at = None
    download(server.url, path, sha256=SHA256)
    assert server.asked == [None, "bytes=100000-"]
    assert list(path.parent.iterdir()) == [path]


def test_another_version_starts_over(server, path, part):
    server.etag, server.cut_at = '"1"', 100_000
    with pytest.raises(InputError, match="cut at 100,000"):
        download(server.url, path)
    server.content = CONTENT[::-1]
    server.etag, server.cut_at = '"2"', 50_000
    with pytest.raises(InputError, match="cut at 50,000 of 300,000"):
        download(server.url, path)
    assert part.read_bytes() == CONTENT[::-1][:50_000]
    server.cut_at = None
    download(server.url, path)
    assert path.read_bytes() == CONTENT[::-1]
    assert server.asked == [None, "bytes=100000-", "bytes=50000-"]
    assert list(path.parent.iterdir()) == [path]


def test_a_weak_version_does_not_bind(server, path, part):
    server.etag, server.cut_at = 'W/"1"', 100_000
    with pytest.raises(InputError, match="cut at 100,000"):
        download(server.url, path)
    server.etag, server.cut_at = 'W/"2"', None
    download(server.url, path, sha256=SHA256)
    assert server.asked == [None, "bytes=100000-"]
    assert path.read_bytes() == CONTENT


def test_another_page_in_the_place_of_the_file_costs_nothing(server, path, part):
    part.write_bytes(CONTENT[:1000])
    server.content, server.ranges = b"<html>Log in</html>", False
    with pytest.raises(InputError, match="offers 19 bytes, the file has 300,000"):
        download(server.url, path, size=len(CONTENT))
    assert part.read_bytes() == CONTENT[:1000]


def test_another_range_than_the_one_asked_for_is_not_appended(server, path, part):
    part.write_bytes(CONTENT[:1000])
    server.shift = 10
    with pytest.raises(InputError, match="another range than the one from byte 1,000"):
        download(server.url, path)
    assert part.read_bytes() == CONTENT[:1000]


def test_too_long_a_file_of_untold_length_is_refused(server, path):
    server.tells_length = False
    with pytest.raises(InputError, match="300,000 bytes instead of 200,000"):
        download(server.url, path, size=200_000)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("status", [404, 503])
def test_a_refusal_is_one_line(server, path, status):
    server.status = status
    with pytest.raises(InputError, match=f"photos.zip: the server answers {status}") as caught:
        download(server.url, path)
    assert "\n" not in str(caught.value)


def test_no_server_is_one_line(server, path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as gone:
        url = f"http://127.0.0.1:{gone.server_port}/x"
    with pytest.raises(InputError, match="refused.*again to resume") as caught:
        download(url, path)
    assert "\n" not in str(caught.value)


def test_a_silent_server_does_not_hold_us_forever(server, path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    released = threading.Event()
    server.cut_at, server.pause = 1000, lambda: released.wait(30)
    try:
        with pytest.raises(InputError, match="timed out"):
            download(server.url, path)
    finally:
        released.set()
    assert path.with_name("photos.zip.part").read_bytes() == CONTENT[:1000]


def test_ctrl_c_keeps_what_arrived(server, path, part):
    # A program that is started in the background of a shell script would not get SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    released = threading.Event()

    def interrupt():
        deadline = time.monotonic() + 30
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.005)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        released.wait(30)

    server.cut_at, server.pause = 200_000, interrupt
    try:
        with pytest.raises(KeyboardInterrupt):
            download(server.url, path, md5=MD5)
    finally:
        released.set()
    kept = part.read_bytes()
    assert kept and CONTENT.startswith(kept)

    server.cut_at = server.pause = None
    download(server.url, path, md5=MD5)
    assert server.asked == [None, f"bytes={len(kept)}-"]


def test_a_place_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="photos.zip: can't be written"):
        download(server.url, tmp_path / "file" / "photos.zip")
