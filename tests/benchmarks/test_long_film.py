"""The benchmark of long films, and its page."""

from pathlib import Path

import pytest

from benchmarks import long_film
from benchmarks.measuring.moving_pictures import write_gray_film


def test_frames_and_sound_are_counted(tmp_path):
    write_gray_film(tmp_path / "film.mp4", 128, 12)
    frames, sound = long_film.content(tmp_path / "film.mp4")
    assert frames == 12 and sound > 10


def test_the_page_shows_the_figures_that_are_kept(tmp_path):
    root = Path(__file__).parents[2]
    record = root / "benchmarks" / "results" / "long_film.json"
    page, copy = root / "docs" / "video.md", tmp_path / "video.md"
    copy.write_text(page.read_text())
    assert long_film.main(["--json", str(record), "--page", str(copy)]) == 0
    assert copy.read_text() == page.read_text()


@pytest.mark.long
def test_a_short_film_is_measured(tmp_path):
    found = long_film.measure(tmp_path, 0.01)
    assert found["frames"] == 15 and found["sound_packets"] > 10 and found["minutes"] == 0.01
    assert 50 < found["peak_memory_mib"] < 900
