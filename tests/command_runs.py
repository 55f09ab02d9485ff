"""The command `polychrome` as a program of its own, and what it left in a folder."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A test run in the background ignores SIGINT, and so would a program that it starts.
_PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from polychrome.cli import main; sys.exit(main())"
)


def start(*arguments, prefix=(), before="", **options):
    """Start the command; `prefix` goes before the interpreter, lines `before` into its program."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", before + _PROGRAM, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options,
    )


def finish(process):
    """Exit status and lines of standard error; nothing goes to standard output."""
    out, errors = process.communicate(timeout=120)
    assert out == ""
    return process.returncode, errors.splitlines()


def contents(folder):
    """Bytes of all files in a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }
