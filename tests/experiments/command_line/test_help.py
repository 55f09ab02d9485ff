"""Every command answers --help at once: without loading TensorFlow or Keras."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import contextlib, importlib, io, sys
from pathlib import Path

helped = 0
for path in sorted(Path("experiments").glob("*.py")):
    if "def main(" not in path.read_text(encoding="utf-8"):
        continue
    main = importlib.import_module(f"experiments.{path.stem}").main
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        main(["--help"])
    assert said.getvalue().startswith(f"usage: python -m experiments.{path.stem}"), path
    loaded = {"tensorflow", "keras"} & sys.modules.keys()
    assert not loaded, f"{path} loads {loaded}"
    helped += 1
print(helped)
"""


def test_no_command_loads_tensorflow_for_its_help():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 15
