"""The memory of `polychrome colorize` for pictures as large as scanners make them."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from command_runs import ROOT

# A process begins with the peak of the one that started it, so this small one stands between.
_LAUNCH = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def _write(path, megapixels, smooth):
    """A photograph of so many megapixels: JPEG in gray, PNG in color and 16 bits."""
    side = round((megapixels * 1e6) ** 0.5)
    levels = cv2.resize(smooth(1, 64, 64)[0], (side, side), interpolation=cv2.INTER_CUBIC)
    if path.suffix == ".jpg":
        cv2.imwrite(str(path), levels[..., 1])
    else:
        levels = levels.astype(np.uint16)
        levels *= 257
        cv2.imwrite(str(path), levels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return side


@pytest.mark.long
@pytest.mark.parametrize("megapixels", [1, 10, 100])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_picture_takes_less_than_4_gb(tmp_path, smooth, suffix, megapixels):
    from polychrome.photographs.opening import size_of

    source = tmp_path / f"large{suffix}"
    side = _write(source, megapixels, smooth)
    command = [sys.executable, "-m", "polychrome", "colorize", source, "-o", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCH, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert size_of(tmp_path / "out" / f"large.color{suffix}") == (side, side)
    # Its pixels and those of the input are in memory at least.
    least = side * side * (4 if suffix == ".jpg" else 12)
    assert least < int(done.stdout) < 4e9
