"""Films whose runs are killed or interrupted equal those that are made without a stop."""

import random
import signal
import time
from typing import NamedTuple

import pytest
from command_runs import finish, start
from films import content

TRIES = 4  # of what the encoder makes otherwise now and then
# Writes a line for each frame that is given to the encoder: its time and a digest of its pixels.
NOTING = """
import hashlib, os
import polychrome.video.colorize as made

write = made.write_part

def noted(frames):
    for frame in frames:
        pixels = hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest()
        with open({log!r}, "a") as log:
            log.write(f"{{frame.pts}} {{frame.duration}} {{pixels}}\\n")
        yield frame

made.write_part = lambda path, frames, film: write(path, noted(frames), film)
"""


class Made(NamedTuple):
    """A film that runs made together: frames as they were before encoding, times, sound, bytes."""

    frames: set
    times: list
    packets: dict
    encoded: bytes


class Runs:
    """Runs of the command on one film, as people start it, so without TensorFlow."""

    def __init__(self, films, preset, folder):
        self.output, self._log = folder / "film.mp4", folder.with_suffix(".log")
        self._command = [films / "film.mp4", "-o", self.output, "--model", preset]

    def start(self):
        return start("colorize", *self._command, before=NOTING.format(log=str(self._log)))

    def finish(self):
        status, lines = finish(self.start())
        assert status == 0, lines

    def made(self):
        """What is there now; the next runs begin anew."""
        found, encoded = content(self.output), self.output.read_bytes()
        frames = set(self._log.read_text().splitlines())
        self.output.unlink()
        self._log.unlink()
        return Made(frames, found.times, found.packets, encoded)


@pytest.fixture(scope="module")
def whole(films, preset, tmp_path_factory):
    """The film made in one go, with the bytes that two runs have.

    Now and then x264 takes another quantizer for the same frames, in all of a film, for a reason
    that is not known: in one process of a hundred, or in all of some seconds.
    """
    runs = Runs(films, preset, tmp_path_factory.mktemp("whole"))
    made: list[Made] = []
    while len(made) < TRIES:
        runs.finish()
        made.append(runs.made())
        assert made[-1].frames == made[0].frames and len(made[0].frames) == 240
        if made[-1].encoded in [each.encoded for each in made[:-1]]:
            return made[-1]
    raise AssertionError("no two runs are equal")


def compare(runs, whole, stopped):
    """Stop a run, let the next one go on, and compare the film with one made in one go.

    Frames, times and sound are equal each time. All bytes are, in one of a few tries, those of
    `whole`, or of another run without a stop that is made right after it.

    Args:
        stopped: runs the command and stops it; its answer to the last try is returned.
    """
    in_one_go = {whole.encoded}
    for attempt in range(TRIES):
        answer = stopped(attempt)
        # It may have been finished, but for removing its parts.
        if not runs.output.exists() or runs.output.with_name("film.mp4.parts").exists():
            runs.finish()
        assert {path.name for path in runs.output.parent.iterdir()} == {"film.mp4"}
        made = runs.made()
        assert made[:3] == whole[:3]
        if made.encoded not in in_one_go:
            runs.finish()
            again = runs.made()
            assert again[:3] == whole[:3]
            in_one_go.add(again.encoded)
        if made.encoded in in_one_go:
            return answer
    raise AssertionError("no run that was stopped gives the bytes of a whole one")


def kill_and_go_on(films, preset, folder, whole, moment):
    """Kill a run at some moment; run again; compare. How many parts were finished by then."""
    runs = Runs(films, preset, folder)
    work = folder / "film.mp4.parts"

    def stopped(attempt):
        process = runs.start()
        deadline = time.monotonic() + 60
        while len(list(work.glob("*.npz"))) < moment % 4 and process.poll() is None:
            assert time.monotonic() < deadline, "no parts come"
            time.sleep(0.002)
        time.sleep(random.Random(100 * attempt + moment).uniform(0, 0.2))
        process.kill()
        process.communicate()
        return len(list(work.glob("*.npz")))

    return compare(runs, whole, stopped)


def test_a_killed_run_goes_on_with_what_is_left(films, preset, whole, tmp_path):
    assert kill_and_go_on(films, preset, tmp_path, whole, moment=2) >= 2


@pytest.mark.long
@pytest.mark.parametrize("moment", range(20))
def test_a_run_killed_at_any_moment_goes_on(films, preset, whole, tmp_path, moment):
    kill_and_go_on(films, preset, tmp_path, whole, moment)


@pytest.mark.long
def test_an_interrupted_run_says_so_and_keeps_its_parts(films, preset, whole, tmp_path):
    runs = Runs(films, preset, tmp_path)
    work = tmp_path / "film.mp4.parts"

    def stopped(attempt):
        for _ in range(8):
            process = runs.start()
            while not list(work.glob("*.npz")) and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(signal.SIGINT)
            status, lines = finish(process)
            if status:
                break
            runs.made()  # it was done sooner
        assert status == 130 and lines[-1] == "stopped"
        assert "1 left, which the same command goes on with" in lines[0]
        kept = [path.name for path in work.iterdir()]
        assert "job.json" in kept and not any(name.startswith(".writing") for name in kept)

    compare(runs, whole, stopped)
