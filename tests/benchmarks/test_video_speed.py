"""The benchmark's films, its timing of a command, and its page."""

from pathlib import Path

import numpy as np
import pytest
from films import content

from benchmarks import video_speed
from benchmarks.measuring.moving_pictures import SHOT, gray_frames, write_gray_film

ROOT = Path(__file__).parents[2]


def test_films_move_and_have_cuts_and_sound(tmp_path):
    write_gray_film(tmp_path / "film.mp4", 240, 12)
    found = content(tmp_path / "film.mp4")
    assert found.gray.shape == (12, 240, 426) and len(found.packets["audio"]) > 10
    frames = np.stack(list(gray_frames(240, 25 * SHOT + 2))[-4:]).astype(float)
    changes = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
    assert 1.0 < changes[0] < changes[1] / 3 and changes[2] < changes[1] / 3


def test_the_page_shows_the_figures_that_are_kept(tmp_path):
    page = ROOT / "docs" / "video.md"
    record = ROOT / "benchmarks" / "results" / "video_speed.json"
    copy = tmp_path / "video.md"
    copy.write_text(page.read_text())
    assert video_speed.main(["--json", str(record), "--page", str(copy)]) == 0
    assert copy.read_text() == page.read_text()


@pytest.mark.long
def test_the_command_is_timed(tmp_path):
    found = video_speed.of_the_command(tmp_path, 240, 8)
    assert found["frames"] == 8 and found["size"] == "426x240"
    assert 0 < found["processor_seconds"] and 50 < found["peak_memory_mib"] < 900
    assert (tmp_path / "240.out.mp4").is_file()
