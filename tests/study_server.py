"""The command `experiments.turing serve` as a process of its own."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """Serve a study; yields the address, the link to its summary, and the process."""
    command = [sys.executable, "-m", "experiments.turing", "serve", str(folder), "--port", "0"]
    command += options
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            place = process.stdout.readline().removeprefix("for participants: ").strip()
            summary = process.stdout.readline().removeprefix("summary: ").strip()
            assert place.startswith("http://127.0.0.1:"), "the server did not start"
            yield place.rstrip("/"), summary, process
        finally:
            process.kill()
