"""The benchmark's films, and its timing of a command."""

import numpy as np
import pytest
from films import content

from benchmarks import video_speed
from benchmarks.moving_pictures import SHOT, gray_frames, write_gray_film


def test_films_move_and_have_cuts_and_sound(tmp_path):
    write_gray_film(tmp_path / "film.mp4", 240, 12)
    found = content(tmp_path / "film.mp4")
    assert found.gray.shape == (12, 240, 426) and len(found.packets["audio"]) > 10
    frames = np.stack(list(gray_frames(240, 25 * SHOT + 2))[-4:]).astype(float)
    changes = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
    assert 1.0 < changes[0] < changes[1] / 3 and changes[2] < changes[1] / 3


@pytest.mark.long
def test_the_command_is_timed(tmp_path):
    found = video_speed.of_the_command(tmp_path, 240, 8)
    assert found["frames"] == 8 and found["size"] == "426x240"
    assert 0 < found["processor_seconds"] and 50 < found["peak_memory_mib"] < 900
    assert (tmp_path / "240.out.mp4").is_file()
