"""`polychrome colorize` as a program of its own: killed, interrupted, and kept from writing."""

import contextlib
import fcntl
import os
import pty
import random
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from command_runs import ROOT, contents, finish, start
from PIL import Image

COUNT = 20


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, smooth):
    """A folder of gray photographs, some in a subfolder, and another of their uninterrupted run."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "in" / "deep").mkdir(parents=True)
    for index, image in enumerate(smooth(COUNT, 360, 480)):
        place = folder / "in" / ("deep" if index % 2 else "")
        suffix = ("jpg", "png", "tif")[index % 3]
        Image.fromarray(image).convert("L").save(place / f"{index:02d}.{suffix}")
    assert finish(start("colorize", "in", "-o", "whole", cwd=folder))[0] == 0
    assert len(contents(folder / "whole")) == COUNT
    return folder


def wait_for(folder, count):
    """Wait until a folder has so many finished outputs."""
    deadline = time.monotonic() + 60
    while sum(1 for _ in Path(folder).rglob("[!.]*.color.*")) < count:
        assert time.monotonic() < deadline, "no outputs come"
        time.sleep(0.005)


def kill_and_go_on(pictures, out, moment):
    """Kill a run some time after its first outputs came, or before; run again; compare."""
    chance = random.Random(moment)
    process = start("colorize", "in", "-o", out, cwd=pictures)
    wait_for(out, moment * (COUNT - 4) // 30)
    time.sleep(chance.uniform(0, 0.1))
    process.kill()
    process.communicate()
    finished = {
        str(path.relative_to(out)): os.stat(path).st_mtime_ns for path in out.rglob("[!.]*.color.*")
    }
    status, lines = finish(start("colorize", "in", "-o", out, cwd=pictures))
    assert status == 0 and len(finished) < COUNT
    assert lines[-1].startswith(f"colorized {COUNT - len(finished)} picture")
    assert contents(out) == contents(pictures / "whole")
    # None was made twice.
    assert {name: os.stat(out / name).st_mtime_ns for name in finished} == finished


@pytest.mark.parametrize("moment", [0, 9, 25])
def test_a_killed_run_goes_on_where_it_was(pictures, tmp_path, moment):
    kill_and_go_on(pictures, tmp_path / "out", moment)


@pytest.mark.long
@pytest.mark.parametrize("moment", range(30))
def test_a_run_killed_at_any_moment_goes_on_where_it_was(pictures, tmp_path, moment):
    kill_and_go_on(pictures, tmp_path / "out", moment)


def test_an_interrupted_run_keeps_what_is_finished_and_nothing_else(pictures, tmp_path):
    out = tmp_path / "out"
    terminal, errors = pty.openpty()
    fcntl.ioctl(errors, termios.TIOCSWINSZ, struct.pack("4H", 25, 80, 0, 0))
    process = start("colorize", "in", "-o", out, cwd=pictures, stderr=errors)
    os.close(errors)
    wait_for(out, 3)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    shown = b""
    with open(terminal, "rb", buffering=0) as reader, contextlib.suppress(OSError):  # at its end
        while part := reader.read(4096):
            shown += part
    process.stdout.close()
    made, whole = contents(out), contents(pictures / "whole")
    assert 3 <= len(made) < COUNT and made.items() <= whole.items()
    bar, lines = shown.decode().rpartition("\r")[0], shown.decode().splitlines()
    assert f"/{COUNT} [" in bar and "picture" in bar
    assert lines[-1] == "stopped" and "Traceback" not in "".join(lines)
    assert f"{COUNT - len(made)} left, which the same command goes on with" in "".join(lines)


def test_a_folder_that_cannot_be_written_is_named(pictures, tmp_path):
    (tmp_path / "out").mkdir(mode=0o555)
    # Permissions bind root only without this capability.
    prefix = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
    arguments = ["colorize", pictures / "in" / "00.jpg", "-o", tmp_path / "out"]
    status, lines = finish(start(*arguments, prefix=prefix))
    assert status == 1 and len(lines) == 2
    out = tmp_path / "out"
    assert f"00.jpg: cannot write {out / '00.color.jpg'}: {out} takes no new files" in lines[0]


def test_a_folder_that_cannot_be_searched_costs_its_pictures_alone(pictures, tmp_path):
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep").chmod(0o000)
    prefix = (
        ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    )
    names = ["00.jpg", "deep/01.png"]
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "in" / name).write_bytes((pictures / "in" / name).read_bytes())
    process = start("colorize", "in", "-o", "out", prefix=prefix, cwd=tmp_path)
    status, lines = finish(process)
    assert status == 1 and lines[0].startswith("in/deep/01.png: cannot write out/deep/")
    assert lines[1:] == ["colorized 1 picture: out/00.color.jpg; 1 failed"]


def test_neither_keras_nor_tensorflow_is_imported_and_help_takes_no_numpy(pictures, tmp_path):
    program = (
        "import sys\n"
        "from polychrome.cli import main\n"
        "try:\n"
        "    main(['colorize', '--help'])\n"
        "except SystemExit:\n"
        "    assert 'numpy' not in sys.modules\n"
        "assert main(sys.argv[1:]) == 0\n"
        "assert 'onnxruntime' in sys.modules\n"
        "slow = {'keras', 'tensorflow', 'jax', 'torch', 'skimage', 'scipy', 'matplotlib'}\n"
        "print(*slow & set(sys.modules))\n"
    )
    arguments = ["colorize", pictures / "in" / "00.jpg", "-o", tmp_path, "--compare"]
    ran = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--saturation" in ran.stdout and ran.stdout.splitlines()[-1] == ""


def test_python_m_polychrome_is_the_command():
    ran = subprocess.run(
        [sys.executable, "-m", "polychrome", "--version"], cwd=ROOT, capture_output=True, text=True
    )
    import polychrome

    assert (ran.returncode, ran.stdout) == (0, f"polychrome {polychrome.__version__}\n")
