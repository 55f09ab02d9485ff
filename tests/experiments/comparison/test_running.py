"""The processes of a bake-off: one for each entry, none of which outlives the command."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.bakeoff import main
from experiments.comparison.progress import NOW, failure_of, worker
from experiments.comparison.running import work_on
from experiments.comparison.settings import YARDSTICKS, Budget, Settings, System

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = Settings((System("tiny", "tiny"),), Budget(), passed=("--data", "sample"))


@pytest.fixture
def start(tmp_path):
    """Starts the command in `tmp_path`; returns its process when its first child is there."""
    SETTINGS.write(tmp_path)
    started = []

    def begin(*prefix) -> subprocess.Popen:
        command = [*prefix, sys.executable, "-m", "experiments.bakeoff", "--out", str(tmp_path)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        wait_for(lambda: (tmp_path / NOW).exists() and children(process.pid))
        started.extend(children(process.pid))
        return process

    yield begin
    for process in started:
        number = process if isinstance(process, int) else process.pid
        if number in (pid for pid, _ in processes()):
            os.kill(number, signal.SIGKILL)
    for process in started:
        if not isinstance(process, int):
            process.wait()
            process.stdout.close()


def wait_for(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def processes() -> list[tuple[int, int]]:
    """Numbers of all living processes and of their parents."""
    said = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,state="], stdout=subprocess.PIPE, text=True
    )
    lines = [line.split() for line in said.stdout.splitlines()]
    return [(int(own), int(parent)) for own, parent, state in lines if state[0] != "Z"]


def children(number: int) -> list[int]:
    return [own for own, parent in processes() if parent == number]


def test_a_killed_command_takes_its_child_with_it(start, tmp_path, capsys):
    process = start()
    (child,) = children(process.pid)
    process.kill()
    process.wait()
    # Grading the sample by all yardsticks takes far longer.
    wait_for(lambda: child not in (pid for pid, _ in processes()), seconds=20)
    assert worker(tmp_path) is None
    assert main(["--out", str(tmp_path), "--status"]) == 0
    assert f"go on with: python -m experiments.bakeoff --out {tmp_path}" in capsys.readouterr().out


def test_a_closed_terminal_stops_it_as_ctrl_c_does(start, tmp_path):
    process = start()
    (child,) = children(process.pid)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)  # as the shell and the system may both send it
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130, said
    assert f"go on with: python -m experiments.bakeoff --out {tmp_path}" in said
    assert child not in (pid for pid, _ in processes())
    assert not (tmp_path / NOW).exists() and failure_of(tmp_path, YARDSTICKS) is None


def test_one_in_the_background_stays_and_is_stopped_by_the_number_that_status_names(
    start, tmp_path, capsys
):
    """As nohup in a script starts it: deaf to hang-ups and to Ctrl-C."""
    process = start("sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh")
    process.send_signal(signal.SIGHUP)
    assert main(["--out", str(tmp_path), "--status"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"process {process.pid} works there"
    assert main(["--out", str(tmp_path)]) == 1
    assert f"process {process.pid} works there; see --status" in capsys.readouterr().err
    process.terminate()
    assert "go on with" in process.communicate(timeout=60)[0] and process.returncode == 130
    assert worker(tmp_path) is None


def test_work_that_is_not_there_is_named_without_a_traceback(tmp_path, capsys):
    out = tmp_path / "new"
    for says in (f"{out}: holds no bake-off (no ", f"--only x: no work in {out} is named so; "):
        assert work_on("x", out) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {says}") and error.count("\n") == 1
        SETTINGS.write(out)
    assert error.endswith("there is: yardsticks; tiny, seed 1\n")
