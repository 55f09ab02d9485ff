"""What keeps two runs from the same parts."""

import subprocess
import sys

import pytest
from films import content

from polychrome.errors import InputError
from polychrome.video.colorize import colorize_film
from polychrome.video.film import probe
from polychrome.video.lock import Lock
from polychrome.video.parts import remove_parts

HOLD = (
    "import sys, time\n"
    "from polychrome.video.lock import Lock\n"
    "lock = Lock(sys.argv[1])\n"
    "print('held', flush=True)\n"
    "time.sleep(60)\n"
)


def test_a_process_that_is_killed_holds_no_lock(tmp_path):
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError):
            Lock(path)
        process.kill()
    assert path.exists()
    lock = Lock(path)
    with pytest.raises(BlockingIOError):
        Lock(path)
    lock.release()
    assert not path.exists()


def test_of_two_runs_for_one_output_the_second_is_refused(film, colorizer, gray_frames):
    path = film(frames=gray_frames[:24], sound=False)
    output, found = path.with_name("output.mp4"), probe(path)
    refused = []

    def again(frames):
        if frames and not refused:
            with pytest.raises(InputError, match=r"output\.mp4: another run is making it") as said:
                colorize_film(found, output, colorizer)
            refused.append(said)
            remove_parts(output)

    colorize_film(found, output, colorizer, progress=again)
    assert refused and len(content(output).times) == 24
    assert {each.name for each in path.parent.iterdir()} == {"film.mp4", "output.mp4"}
